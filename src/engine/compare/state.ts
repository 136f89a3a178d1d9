// A state that can be compared: the live data, a backup or a dump, as a database at rest, files and revisions.
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { databaseFiles, requireSpace } from '../create/create';
import { scanUploads } from '../create/uploads-part';
import { throwIfCancelled, type OperationOptions } from '../operation';
import { outOfReach } from '../project/out-of-reach';
import type { Project } from '../project/project';
import { describeSnapshot } from '../migrations/state/state';
import type { TableDigest } from '../sqlite/digest';
import { loadDumpApart } from '../sqlite/dump/apart';
import { makeScratch } from '../sqlite/scratch';
import { takeSnapshot } from '../sqlite/snapshot';
import type { Environment } from '../store/environment';
import { findGoodBackup, revisionsOf } from '../store/list';
import { readFileList } from '../store/manifest-file';
import { requireDump } from '../transfer/dump';

/** A file of the uploads; `sha256` is unknown where only the live file is there to be read. */
export interface UploadState {
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly mtime: bigint;
  readonly sha256: string | null;
  /** Where the file can be read. */
  readonly file: string;
}

export interface ProjectState {
  /** "live", or the name of the backup or dump. */
  readonly name: string;
  /** A database file that nobody writes to; null: the state has no database. */
  readonly database: string | null;
  /** By path, the folder's name first; null: the state says nothing about uploads. */
  readonly uploads: ReadonlyMap<string, UploadState> | null;
  readonly revisions: readonly string[];
  /** Tables of the migration tool's own, where the database was asked: a backup's manifest does not say. */
  readonly migrationTables: readonly string[];
  /** Of the database, where it was recorded: equal ones need not be read. */
  readonly sha256: string | null;
  /** Of tables, where they were recorded: equal ones need not be read. */
  readonly digests: readonly TableDigest[];
}

/** Which parts of a state are wanted: the rest is not even copied. */
export interface StateNeeds {
  readonly database: boolean;
  readonly uploads: boolean;
}

/** Runs `use` on a state; temporary copies are removed afterwards. `name` null: the live data. */
export async function withState<T>(
  env: Environment,
  project: Project,
  name: string | null,
  needs: StateNeeds,
  options: OperationOptions,
  use: (state: ProjectState) => Promise<T>,
): Promise<T> {
  const scratch = makeScratch();
  try {
    return await use(await stateOf(env, project, name, join(scratch.folder, 'state.db'), needs, options));
  } finally {
    scratch.remove();
  }
}

async function stateOf(
  env: Environment,
  project: Project,
  name: string | null,
  copy: string,
  needs: StateNeeds,
  options: OperationOptions,
): Promise<ProjectState> {
  if (name === null) {
    return liveState(env, project, copy, needs, options);
  }
  if (/\.sql(\.gz|\.zst)?$/i.test(name)) {
    await loadDumpApart(requireDump(env, project, { file: name }), copy, options);
    return { name, database: copy, uploads: null, ...migrationsIn(project, copy), sha256: null, digests: [] };
  }
  const backup = await findGoodBackup(env.disk, project.backups, name);
  const { database_file: file } = backup.manifest;
  const files = !needs.uploads ? null : await readFileList(env.disk, backup.path, backup.manifest);
  const uploads = new Map(
    (files ?? []).map((entry) => [
      entry.path,
      { size: entry.size, mtime: BigInt(entry.mtime), sha256: entry.sha256, file: join(backup.path, entry.path) },
    ]),
  );
  return {
    name,
    database: file === null ? null : join(backup.path, file),
    uploads: files === null ? null : uploads,
    revisions: revisionsOf(backup.manifest),
    migrationTables: [],
    sha256: backup.manifest.database?.sha256 ?? null,
    digests: backup.manifest.database?.tables ?? [],
  };
}

async function liveState(
  env: Environment,
  project: Project,
  copy: string,
  needs: StateNeeds,
  options: OperationOptions,
): Promise<ProjectState> {
  if (project.databasePlace !== undefined && project.outOfReach !== undefined) {
    // What is not reached is not what is gone.
    throw outOfReach(project.databasePlace, project.outOfReach);
  }
  const database = project.database !== null && existsSync(project.database) ? project.database : null;
  if (database !== null && needs.database) {
    await requireSpace(env, dirname(copy), statSync(database).size);
    await takeSnapshot(database, copy, {
      signal: options.signal,
      onBytes: (doneBytes, totalBytes) => options.onProgress?.({ phase: 'database', doneBytes, totalBytes }),
    });
  }
  const uploads = new Map<string, UploadState>();
  for (const scan of needs.uploads ? await scanUploads(env, project, databaseFiles(project)) : []) {
    throwIfCancelled(options.signal);
    for (const file of scan.tree.files) {
      uploads.set(`${scan.folder}/${file.path}`, { size: file.size, mtime: file.mtime, sha256: null, file: join(scan.root, file.path) });
    }
  }
  return {
    name: 'live',
    database: database === null || !needs.database ? null : copy,
    uploads,
    ...(database === null ? NO_MIGRATIONS : migrationsIn(project, needs.database ? copy : database)),
    sha256: null,
    digests: [],
  };
}

const NO_MIGRATIONS = { revisions: [], migrationTables: [] };

function migrationsIn({ root }: Project, database: string): Pick<ProjectState, 'revisions' | 'migrationTables'> {
  const { revisions, tables } = describeSnapshot(database, { root, database });
  return { revisions, migrationTables: tables };
}
