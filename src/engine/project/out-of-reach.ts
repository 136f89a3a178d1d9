// What is said where a project's database lies in a container, and this machine does not reach it.
import { placeText, type ContainerPlace } from '../compose/place';
import { BackupError } from '../errors';
import type { Project } from './project';

/** Where the database lies, for people, if only a container reaches it; null: it is a file of this machine. */
export function placeOf({ databasePlace }: Pick<Project, 'databasePlace'>): string | null {
  return databasePlace === undefined ? null : placeText(databasePlace);
}

/** What is only in a container is not made anew on this machine. */
export function outOfReach(place: ContainerPlace): BackupError {
  return new BackupError(
    'DATABASE_NOT_FOUND',
    `The database is ${placeText(place)}, which is not reached from this machine. Nothing was changed.`,
    'Mount a folder of this machine there, such as "./data:/app/data", and move the database to it; or name another database with --database.',
  );
}
