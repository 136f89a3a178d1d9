// What a restore replaces where: only paths of the project itself, however the manifest names them.
import { existsSync, statSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import { BackupError } from '../errors';
import { resolvedPath } from '../files/paths';
import { isMountPoint } from '../files/mounts';
import { specialBelow, type SpecialFile } from '../files/special';
import { outOfReach } from '../project/out-of-reach';
import { sourceOf } from '../project/paths';
import type { Project } from '../project/project';
import { isDiskFailure } from '../sqlite/explain';
import { requireWritable } from '../sqlite/in-place';
import { readFacts } from '../sqlite/snapshot';
import { isLeftBehind, visitDatabase } from '../sqlite/visit';
import { databaseFiles } from '../create/create';
import { type GoodBackup } from '../store/list';
import { uploadFolders } from '../store/parts';
import { newDatabasePlace, requireReplaceable } from './places';
import { warning, type Warning } from '../warnings';
import { inRow, said } from '../said';

export type RestoreScope = 'all' | 'database' | 'uploads';

export interface RestoreParams {
  readonly name: string;
  readonly scope: RestoreScope;
  /** Restore although the backup failed its verification. */
  readonly ignoreDamage?: boolean;
  /** Only these tables, or rows of them; with this or `files` the scope does not matter, and the rest stays as it is. */
  readonly tables?: readonly string[];
  /** Of one table: only rows for which this SQL expression is true, in the backup or in the live data. */
  readonly where?: string;
  /** Only rows that are gone come back, nothing else is touched. */
  readonly missing?: boolean;
  /** Only these files or folders of the uploads, as `diff` names them. */
  readonly files?: readonly string[];
  /** The `live` of the plan that somebody agreed to: fails with STATE_CHANGED when what is live has moved on since. */
  readonly seen?: string;
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
  /** Paths below the live folder that stay as they are: those of a database, and of what is no file. */
  readonly keep: readonly string[];
  /** Those of `keep` that are no files. */
  readonly special: readonly SpecialFile[];
  /** Paths below it that alone are replaced; without it everything is. */
  readonly only?: readonly string[];
}

export interface RestoreTarget {
  readonly database: DatabaseTarget | null;
  readonly uploads: readonly UploadsTarget[];
}

/** Decides what is replaced. Fails with NOTHING_TO_RESTORE when the backup holds nothing of the scope. */
export function restoreTarget(project: Project, backup: GoodBackup, scope: RestoreScope): RestoreTarget {
  if (project.databasePlace !== undefined && project.delivery === undefined) {
    throw outOfReach(project.databasePlace, project.outOfReach);
  }
  const database = scope === 'uploads' ? null : databaseTarget(project, backup);
  const uploads = scope === 'database' ? [] : uploadsTargets(project, backup);
  if (database === null && uploads.length === 0) {
    const what = scope === 'all' ? 'neither a database nor uploads' : scope === 'database' ? 'no database' : 'no uploads';
    throw new BackupError(
      'NOTHING_TO_RESTORE',
      said`The backup "${backup.name}" holds ${what}.`,
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
    uploads: project.uploads.map(resolvedPath).map((folder) => ({ live: folder, folder: '', ...keptIn(project, folder) })),
  };
}

function databaseTarget(project: Project, backup: GoodBackup): DatabaseTarget | null {
  const { manifest } = backup;
  if (manifest.database_file === null) {
    if (manifest.safety?.database === 'absent' && project.database !== null && existsSync(project.database)) {
      return { mode: 'remove', live: requireReplaceable(project, project.database, 'database') };
    }
    return null;
  }
  const place = project.database ?? newDatabasePlace(project, manifest.database?.source);
  if (place === null) {
    throw new BackupError(
      'DATABASE_NOT_FOUND',
      'It is not known where the database of this project belongs.',
      'Name it with --database or the setting patsBackup.database, then restore again.',
    );
  }
  const live = requireReplaceable(project, place, 'database');
  const mode = manifest.database?.damaged === true && existsSync(live) ? 'swap' : modeFor(live);
  // A file that is mounted by itself cannot be renamed over.
  return { mode: mode === 'swap' && isMountPoint(live) ? 'rewrite' : mode, live };
}

/**
 * In place wherever a program may have the database open; by rename where SQLite does not read, or would not write, what
 * is there. A folder, which Docker makes in place of a missing file, is no database: it is moved away.
 */
function modeFor(live: string): ReplaceMode {
  if (statSync(live, { throwIfNoEntry: false })?.isFile() !== true) {
    return 'create';
  }
  try {
    visitDatabase(live, (db) => {
      db.prepare('SELECT count(*) FROM sqlite_schema').get();
      readFacts(db);
    });
    return 'in-place';
  } catch (error) {
    return isBroken(error) ? 'swap' : 'in-place';
  }
}

/** What is said of something else that lies where the database belongs. */
export function movedAwayWarnings({ database }: RestoreTarget): Warning[] {
  const stats = database === null ? undefined : statSync(database.live, { throwIfNoEntry: false });
  return database === null || stats === undefined || stats.isFile()
    ? []
    : [
        warning(
          'DATABASE_UNREADABLE',
          said`${database.live} is not a file. It is moved away, to a name that ends in "before-restore" and the time, unless it is an empty folder.`,
        ),
      ];
}

/** Whether a failure on the live database is due to what the file holds, and not to who uses it or who may. */
export function isBroken(error: unknown): boolean {
  if (isDiskFailure(error)) {
    return false;
  }
  return !(error instanceof BackupError) || ['DATABASE_DAMAGED', 'NOT_A_DATABASE', 'READ_FAILED'].includes(error.code);
}

/**
 * The target, once it is known that the live database can be written to. Fails with DATABASE_LOCKED; what SQLite cannot
 * write to for another reason is swapped. What a crashed application left is not touched before a safety backup holds it.
 */
export function writableTarget(target: RestoreTarget, patience?: number): RestoreTarget {
  const { database } = target;
  if (database?.mode !== 'in-place') {
    return target;
  }
  try {
    if (!isLeftBehind(database.live)) {
      requireWritable(database.live, patience);
    }
    return target;
  } catch (error) {
    if (isBroken(error)) {
      return { ...target, database: { ...database, mode: 'swap' } };
    }
    throw error;
  }
}

function uploadsTargets(project: Project, backup: GoodBackup): UploadsTarget[] {
  const { manifest } = backup;
  return uploadFolders(manifest).map((folder, index) => {
    const recorded = manifest.uploads?.find((upload) => upload.folder === folder)?.source;
    const same = project.uploads.find((path) => recorded !== undefined && sourceOf(project, path) === recorded);
    const place = same ?? (recorded === undefined ? project.uploads[index] : undefined) ?? onlyOne(project, manifest.uploads?.length ?? 1);
    if (place === undefined) {
      throw new BackupError(
        'NOTHING_TO_RESTORE',
        said`It is not known where the folder ${folder}/ of this backup belongs.`,
        'Name the uploads folder with --uploads or the setting patsBackup.uploads, then restore again.',
      );
    }
    const live = requireReplaceable(project, place, 'uploads');
    return { live, folder, ...keptIn(project, live) };
  });
}

function onlyOne(project: Project, folders: number): string | undefined {
  return folders === 1 && project.uploads.length === 1 ? project.uploads[0] : undefined;
}

/**
 * What stays when an uploads folder is cleared, at any depth: a database that lies in it, which is no upload, and sockets,
 * FIFOs and devices, which no backup can hold.
 */
function keptIn(project: Project, live: string): Pick<UploadsTarget, 'keep' | 'special'> {
  const special = specialBelow(live);
  const files = databaseFiles(project)
    .map((file) => relative(live, file).split('\\').join('/'))
    .filter((way) => way !== '' && !way.startsWith('..') && !isAbsolute(way));
  return { keep: [...new Set([...files, ...special.map(({ path }) => path)])], special };
}

const SHOWN = 5;

/** What is said of sockets, FIFOs and devices among the uploads. */
export function keptWarnings({ uploads }: RestoreTarget): Warning[] {
  return uploads
    .filter(({ special }) => special.length > 0)
    .map(({ live, special }) => {
      const more = special.length > SHOWN ? [said`${special.length - SHOWN} more`] : [];
      const names = inRow([...special.slice(0, SHOWN).map(({ path, kind }) => said`${path} (${kind})`), ...more], ', ');
      const rest =
        special.length === 1
          ? 'is no file: no backup holds it, and a restore leaves it where it is'
          : 'are no files: no backup holds them, and a restore leaves them where they are';
      return warning('KEPT_IN_PLACE', said`${names} in ${live} ${rest}.`);
    });
}
