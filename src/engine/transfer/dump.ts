// SQL dumps as files: written aside and published by rename; restored through a staged database, never run on the live one.
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { BackupError, reportOf } from '../errors';
import { explained } from '../files/explain';
import { describeSnapshot } from '../migrations/state/state';
import type { OperationOptions } from '../operation';
import { sourceOf } from '../project/paths';
import type { Project } from '../project/project';
import { checkDatabase } from '../sqlite/checks';
import { compareDatabases } from '../sqlite/compare';
import { openDatabase } from '../sqlite/connection';
import { loadDumpApart } from '../sqlite/dump/apart';
import type { LoadedDump } from '../sqlite/dump/load';
import { writeAndReadBack } from '../sqlite/dump/read-back';
import { sideFileProblem } from '../sqlite/side-files';
import { readFacts, takeSnapshot, type SnapshotOptions } from '../sqlite/snapshot';
import { discardStage, ensureBackupsFolder, isTaken, makeStage, renameDurably, STAGE_PREFIX } from '../store/backups-folder';
import { requireDatabase, requireSpace } from '../create/create';
import type { Environment } from '../store/environment';
import { markedName } from '../store/own-state';
import type { GoodBackup } from '../store/list';
import type { Manifest } from '../store/manifest';
import { FORMAT_VERSION } from '../store/terms';
import { isoWithOffset, timestampOf } from '../store/name';
import { restoreFrom } from '../restore/restore';
import { warning, warningsOf, type Warned, type Warning } from '../warnings';
import type { RestoreResult } from '../restore/restore';
import { said } from '../said';

export interface DumpParams {
  /** Absolute, or relative to the project; without one `database_dump_<timestamp>.sql` in the backups folder. */
  readonly file?: string;
  readonly compression?: 'none' | 'gzip' | 'zstd';
}

export interface DumpResult extends Warned {
  /** Absolute path of the file written. */
  readonly file: string;
  readonly sizeBytes: number;
  readonly tables: number;
  readonly rows: number;
}

export interface RestoreDumpParams {
  /** Absolute, relative to the project, or the name of a dump in the backups folder. */
  readonly file: string;
}

const ENDINGS = { none: '.sql', gzip: '.sql.gz', zstd: '.sql.zst' } as const;

/** Dumps the live database into a new file. Fails with BACKUP_EXISTS when there is such a file. */
export async function dumpDatabase(env: Environment, project: Project, params: DumpParams, options: OperationOptions): Promise<DumpResult> {
  const database = requireDatabase(project);
  const ending = ENDINGS[params.compression ?? 'none'];
  const target =
    params.file === undefined
      ? await freeFile(env, project, `database_dump_${timestampOf(env.now())}`, ending)
      : resolve(project.root, params.file);
  if (existsSync(target)) {
    throw new BackupError('BACKUP_EXISTS', said`There is already a file ${target}.`, 'Choose another file name. Nothing was written.');
  }
  await ensureBackupsFolder(env.disk, project.backups);
  return explained(target, async () => {
    await ensureBackupsFolder(env.disk, dirname(target));
    const size = statSync(database).size;
    await requireSpace(env, dirname(target), size);
    await requireSpace(env, project.backups, 2 * size);
    const stage = await makeStage(env.disk, project.backups, 'dump');
    const temporary = join(dirname(target), markedName(dirname(target), `${STAGE_PREFIX}dump`));
    try {
      const { tables, rows, warnings } = await writeReadableDump(env, database, stage, temporary, params, options);
      env.beginChange?.();
      const doubts = await renameDurably(env.disk, temporary, target);
      return { file: target, sizeBytes: statSync(target).size, tables, rows, warnings: [...warnings, ...doubts] };
    } catch (error) {
      await env.disk.remove(temporary).catch(() => undefined);
      throw error;
    } finally {
      await discardStage(env.disk, stage);
    }
  });
}

/**
 * Dumps a snapshot, loads the dump again and compares. Fails with DATABASE_DAMAGED when rows may be missing from what is
 * live, and with DUMP_REFUSED when the dump would not bring back the same.
 */
async function writeReadableDump(
  env: Environment,
  database: string,
  stage: string,
  dump: string,
  { compression }: DumpParams,
  options: OperationOptions,
): Promise<{ readonly tables: number; readonly rows: number; readonly warnings: readonly Warning[] }> {
  const snapshot = join(stage, basename(database));
  await takeSnapshot(database, snapshot, { ...(options.signal && { signal: options.signal }), ...(await fastWay(env, database)) });
  options.onProgress?.({ phase: 'check', doneBytes: 0, totalBytes: 0 });
  const check = checkDatabase(snapshot);
  if (check.problems[0] !== undefined) {
    throw new BackupError(
      'DATABASE_DAMAGED',
      said`${database} is damaged: ${check.problems[0].replace(/\s+/g, ' ').slice(0, 200)}. A dump would not hold all of it.`,
      'Restore a good backup. To keep the damaged file as it is first, run "pats-backup backup --allow-damaged".',
    );
  }
  // Under its own name, so that no message speaks of a file that nobody has seen.
  const loaded = join(stage, 'loaded', basename(database));
  await env.disk.makeFolder(dirname(loaded));
  const { written, filled, checked } = await writeAndReadBack(snapshot, dump, loaded, {
    ...(compression === undefined || compression === 'none' ? {} : { compression }),
    ...options,
  });
  try {
    await understood(filled);
    const [difference] = compareDatabases(snapshot, loaded);
    if (difference !== undefined) {
      throw unreadable(said`It would change ${difference.name}: ${difference.difference}.`);
    }
  } catch (error) {
    // What the checks say explains more, and nothing is removed under a process that is still at work on it.
    await understood(checked);
    throw error;
  }
  await understood(checked);
  return { ...written, warnings: warningsOf('NOT_CHECKED', check.warnings) };
}

/** Waits for what comes of reading a dump that was just written: that it cannot be read is said of the database. */
async function understood(reading: Promise<unknown>): Promise<void> {
  try {
    await reading;
  } catch (error) {
    const { code, message } = reportOf(error);
    throw code.startsWith('DUMP_') ? unreadable(message.replace(' Nothing was changed.', ''), error) : error;
  }
}

/** Where locks may not reach whoever writes, no file is copied in their trust. */
async function fastWay(env: Environment, database: string): Promise<Pick<SnapshotOptions, 'held'>> {
  const isLocal = sideFileProblem(database) === null && (await env.disk.remoteKind(database).catch(() => 'unknown')) === null;
  const copyApart: NonNullable<SnapshotOptions['held']>['copyApart'] = (from, to, signal) => env.disk.copyApart(from, to, signal);
  return isLocal ? { held: { copyApart, onHeld: () => undefined } } : {};
}

function unreadable(why: string, cause?: unknown): BackupError {
  return new BackupError(
    'DUMP_REFUSED',
    said`This database cannot be written as an SQL dump that can be restored. ${why}`,
    'Make a backup instead: it copies the database byte by byte.',
    { cause },
  );
}

/** Builds a database from a dump aside, checks it, and restores it like a backup. The caller holds the lock. */
export async function restoreDump(
  env: Environment,
  project: Project,
  params: RestoreDumpParams,
  options: OperationOptions,
): Promise<RestoreResult> {
  const dump = requireDump(env, project, params);
  const stage = await makeStage(env.disk, project.backups, 'dump');
  try {
    const file = project.database === null ? 'database.db' : basename(project.database);
    await requireSpace(env, project.backups, 3 * statSync(dump).size);
    const loaded = await loadDumpApart(dump, join(stage, file), options);
    const backup = await stagedBackup(env, project, stage, file, basename(dump));
    const result = await restoreFrom(env, project, backup, { scope: 'database' }, options);
    const known = new Set(result.warnings.map(({ message }) => message));
    return { ...result, warnings: [...result.warnings, ...doubtsAbout(loaded).filter(({ message }) => !known.has(message))] };
  } finally {
    await discardStage(env.disk, stage);
  }
}

/** What could not be made sure of, though nothing speaks against the dump. */
function doubtsAbout({ completeness, foreignKeyViolations, warnings }: LoadedDump): Warning[] {
  return [
    ...(completeness === 'unknown'
      ? [
          warning(
            'DUMP_WITHOUT_END',
            'The dump has no mark at its end, so that nobody can tell whether it is whole: compare the data with what you expect.',
          ),
        ]
      : []),
    ...(foreignKeyViolations > 0
      ? [
          warning(
            'FOREIGN_KEYS',
            foreignKeyViolations === 1
              ? 'In the dump, 1 row refers to a row that does not exist.'
              : said`In the dump, ${foreignKeyViolations} rows refer to rows that do not exist.`,
          ),
        ]
      : []),
    ...warningsOf('NOT_CHECKED', warnings),
  ];
}

/** The dump that a caller names: a path, or the name of one in the backups folder. Fails with BACKUP_NOT_FOUND. */
export function requireDump(_env: Environment, project: Project, { file }: RestoreDumpParams): string {
  const places = [resolve(project.root, file), join(project.backups, basename(file))];
  const found = places.find((place) => statSync(place, { throwIfNoEntry: false })?.isFile());
  if (found === undefined) {
    throw new BackupError(
      'BACKUP_NOT_FOUND',
      said`There is no dump ${file}.`,
      'List the backups folder to see its dumps, or give the path of a file.',
    );
  }
  return found;
}

/** What was loaded, in the form of a backup, so that the protocol of the restore is one and the same. */
async function stagedBackup(env: Environment, project: Project, stage: string, file: string, name: string): Promise<GoodBackup> {
  const path = join(stage, file);
  const db = openDatabase(path, { readonly: true });
  const facts = readFacts(db);
  db.close();
  const { tool, revisions, heads } = describeSnapshot(path, project);
  const time = env.now();
  const manifest: Manifest = {
    backup_name: name,
    timestamp: timestampOf(time),
    created_at: isoWithOffset(time),
    alembic_revision: tool === 'alembic' && revisions.length > 0 ? revisions.join(', ') : null,
    database_file: file,
    uploads_included: false,
    backup_version: FORMAT_VERSION,
    migrations: { tool, revisions: [...revisions], heads: [...heads] },
    database: {
      source: project.database === null ? file : sourceOf(project, project.database),
      size: statSync(path).size,
      sha256: await env.disk.hash(path),
      page_size: facts.pageSize,
      user_version: facts.userVersion,
      application_id: facts.applicationId,
      journal_mode: facts.journalMode,
    },
    uploads: [],
    files: [],
  };
  return { name, path: stage, status: 'ok', sizeBytes: statSync(path).size, manifest, isForThis: true };
}

async function freeFile(env: Environment, project: Project, wish: string, ending: string): Promise<string> {
  let name = `${wish}${ending}`;
  for (let number = 2; await isTaken(env.disk, project.backups, name); number++) {
    name = `${wish}_${number}${ending}`;
  }
  return join(project.backups, name);
}
