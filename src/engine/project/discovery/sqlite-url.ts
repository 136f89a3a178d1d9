// Where a URL says that a database is, for the readers of this folder.
export { isAbsolutePath, placesOf } from '../../migrations/reading/sqlite-url';
