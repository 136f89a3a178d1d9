// What is said where a project's database lies in a container, and this machine does not reach it.
import { placeText, writtenPlace, type ContainerPlace } from '../compose/place';
import { BackupError } from '../errors';
import type { Project } from './project';
import { said } from '../said';

/** Where the database lies, for people, if only a container reaches it; null: it is a file of this machine. */
export function placeOf({ databasePlace }: Pick<Project, 'databasePlace'>): string | null {
  return databasePlace === undefined ? null : placeText(databasePlace);
}

/** What is only in a container, and could not be brought here. */
export function outOfReach(place: ContainerPlace, reason?: BackupError): BackupError {
  const why = reason === undefined ? '' : ` ${reason.message}`;
  const remedy = reason?.remedy ?? 'Start Docker on this machine, then try again.';
  return new BackupError(
    'DATABASE_NOT_FOUND',
    said`The database is ${placeText(place)}, which is not reached now.${why} Nothing was changed.`,
    remedy,
    {
      cause: reason,
    },
  );
}

/** Uploads in a container beside a database of this machine would be left out without a word: fails with SETTINGS_INVALID. */
export function requireOneSide({ databasePlace, uploadPlaces: [place] = [] }: Project): void {
  if (databasePlace === undefined && place !== undefined) {
    throw new BackupError(
      'SETTINGS_INVALID',
      said`The uploads ${writtenPlace(place)} are in a container, but the database is on this machine: they cannot be backed up together.`,
      'Name folders of this machine in patsBackup.uploads.',
    );
  }
}
