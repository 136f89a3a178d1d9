// What the settings of a project say to the engine, checked: an editor shows wrong types, but keeps them.
import type { ProjectRequest } from '../../engine/engine';
import { expandPath } from '../../engine/engine';
import { BackupError } from '../../engine/errors';

const DEFAULT_BACKUPS = 'backups';

type Read = (key: string) => unknown;

/** Where the settings say that the project's parts are; empty ones are left out. Fails with SETTINGS_INVALID. */
export function requestFrom(root: string, read: Read): ProjectRequest {
  const database = pathIn(read, 'database');
  const uploads = pathsIn(read, 'uploads');
  const backups = pathIn(read, 'backupsFolder');
  const migrateCommand = pathIn(read, 'migrateCommand', 'a command in quotes');
  return {
    root,
    ...(database === '' ? {} : { database }),
    ...(uploads.length === 0 ? {} : { uploads }),
    ...(backups === '' ? {} : { backups }),
    ...(migrateCommand === '' ? {} : { migrateCommand }),
  };
}

/** Absolute path of the backups folder, without asking the engine. */
export function backupsFolderOf({ root, backups = DEFAULT_BACKUPS }: ProjectRequest): string {
  return expandPath(backups, root);
}

function pathIn(read: Read, key: string, rule = 'a path in quotes'): string {
  const value = read(key) ?? '';
  if (typeof value !== 'string') {
    throw invalid(key, rule);
  }
  return value.trim();
}

function pathsIn(read: Read, key: string): readonly string[] {
  const value = read(key) ?? [];
  if (!Array.isArray(value) || !value.every((path) => typeof path === 'string')) {
    throw invalid(key, 'a list of folders, such as ["backend/uploads"]');
  }
  return value.filter((path) => path.trim() !== '');
}

function invalid(key: string, rule: string): BackupError {
  return new BackupError('SETTINGS_INVALID', `patsBackup.${key} must be ${rule}.`, 'Correct it in the settings and try again.');
}
