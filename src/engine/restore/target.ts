// What a restore replaces where: only paths of the project itself, however the manifest names them.
import { existsSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { BackupError } from '../errors';
import { isInside, isSafeRelative, resolvedPath } from '../files/paths';
import { isMountPoint } from '../files/mounts';
import type { Project } from '../project/project';
import { headerKind, readDatabase } from '../sqlite/connection';
import { readFacts } from '../sqlite/snapshot';
import { databaseFiles } from '../create/create';
import { uploadFolders, type GoodBackup } from '../store/list';

export type RestoreScope = 'all' | 'database' | 'uploads';

export interface RestoreParams {
  readonly name: string;
  readonly scope: RestoreScope;
  /** Restore although the backup failed its verification. */
  readonly ignoreDamage?: boolean;
}

/** How the live database becomes the backup's: through SQLite, by rename, byte by byte, as a new file, or by its removal. */
export type ReplaceMode = 'in-place' | 'swap' | 'rewrite' | 'create' | 'remove';

export interface DatabaseTarget {
  readonly mode: ReplaceMode;
  /** Absolute, links resolved. */
  readonly live: string;
}

export interface UploadsTarget {
  /** Absolute, links resolved. */
  readonly live: string;
  /** The folder's name in the backup. */
  readonly folder: string;
  readonly keep: readonly string[];
}

export interface RestoreTarget {
  readonly database: DatabaseTarget | null;
  readonly uploads: readonly UploadsTarget[];
}

/** Decides what is replaced. Fails with NOTHING_TO_RESTORE when the backup holds nothing of the scope. */
export function restoreTarget(project: Project, backup: GoodBackup, scope: RestoreScope): RestoreTarget {
  const database = scope === 'uploads' ? null : databaseTarget(project, backup);
  const uploads = scope === 'database' ? [] : uploadsTargets(project, backup);
  if (database === null && uploads.length === 0) {
    const what = scope === 'all' ? 'neither a database nor uploads' : `no ${scope}`;
    throw new BackupError(
      'NOTHING_TO_RESTORE',
      `The backup "${backup.name}" holds ${what}.`,
      'Choose another backup, or restore the other part of it.',
    );
  }
  return { database, uploads };
}

/** The project with the paths that a restore writes to, so that its safety backup and its journal mean the same ones. */
export function targetProject(project: Project, target: RestoreTarget): Project {
  const uploads = target.uploads.length === 0 ? project.uploads.map(resolvedPath) : target.uploads.map((upload) => upload.live);
  const database = target.database?.live ?? (project.database === null ? null : resolvedPath(project.database));
  return { ...project, database, uploads };
}

/** Everything live, as a restore of all of it would replace it. */
export function liveTarget(project: Project): RestoreTarget {
  const live = project.database === null || !existsSync(project.database) ? null : resolvedPath(project.database);
  return {
    database: live === null ? null : { mode: 'in-place', live },
    uploads: project.uploads.map(resolvedPath).map((folder) => ({ live: folder, folder: '', keep: [] })),
  };
}

function databaseTarget(project: Project, backup: GoodBackup): DatabaseTarget | null {
  const { manifest } = backup;
  if (manifest.database_file === null) {
    if (manifest.safety?.database === 'absent' && project.database !== null && existsSync(project.database)) {
      return { mode: 'remove', live: resolvedPath(project.database) };
    }
    return null;
  }
  const place = project.database ?? sourceInside(project, manifest.database?.source);
  if (place === null) {
    throw new BackupError(
      'DATABASE_NOT_FOUND',
      'It is not known where the database of this project belongs.',
      'Name it with --database or the setting patsBackup.database, then restore again.',
    );
  }
  const live = resolvedPath(place);
  const mode = manifest.database?.damaged === true && existsSync(live) ? 'swap' : modeFor(live);
  // A file that is mounted by itself cannot be renamed over.
  return { mode: mode === 'swap' && isMountPoint(live) ? 'rewrite' : mode, live };
}

/** In place wherever a program may have the database open; by rename only where there is no database to speak of. */
function modeFor(live: string): ReplaceMode {
  const kind = headerKind(live);
  if (kind === 'missing') {
    return 'create';
  }
  if (kind === 'other') {
    return 'swap';
  }
  try {
    readDatabase(live, (db) => {
      db.prepare('SELECT count(*) FROM sqlite_schema').get();
      readFacts(db);
    });
    return 'in-place';
  } catch (error) {
    const isBroken = error instanceof BackupError && ['DATABASE_DAMAGED', 'NOT_A_DATABASE'].includes(error.code);
    return isBroken ? 'swap' : 'in-place';
  }
}

function uploadsTargets(project: Project, backup: GoodBackup): UploadsTarget[] {
  const { manifest } = backup;
  return uploadFolders(manifest).map((folder, index) => {
    const recorded = manifest.uploads?.find((upload) => upload.folder === folder)?.source;
    const same = project.uploads.find((path) => recorded !== undefined && relative(project.root, path).split('\\').join('/') === recorded);
    const place =
      same ??
      (recorded === undefined ? project.uploads[index] : undefined) ??
      sourceInside(project, recorded) ??
      onlyOne(project, manifest.uploads?.length ?? 1);
    if (place === undefined) {
      throw new BackupError(
        'NOTHING_TO_RESTORE',
        `It is not known where the folder ${folder}/ of this backup belongs.`,
        'Name the uploads folder with --uploads or the setting patsBackup.uploads, then restore again.',
      );
    }
    const live = resolvedPath(place);
    return { live, folder, keep: keptEntries(project, live) };
  });
}

function onlyOne(project: Project, folders: number): string | undefined {
  return folders === 1 && project.uploads.length === 1 ? project.uploads[0] : undefined;
}

/** Where the backup says it came from, if that is a plain path inside this project. */
function sourceInside(project: Project, source: string | undefined): string | null {
  if (source === undefined || !isSafeRelative(source) || /^(\.git|node_modules)(\/|$)/.test(source)) {
    return null;
  }
  const path = resolvedPath(join(project.root, source));
  return isInside(resolvedPath(project.root), path) ? path : null;
}

/** A database that lies in an uploads folder, at any depth, is no upload: it stays when the folder is cleared. */
function keptEntries(project: Project, live: string): string[] {
  return databaseFiles(project)
    .map((file) => relative(live, resolvedPath(file)))
    .filter((way) => way !== '' && !way.startsWith('..') && !isAbsolute(way));
}
