// Which variables name a database, for the readers of this folder.
export { databaseOfVariable } from '../../migrations/reading/variables';
