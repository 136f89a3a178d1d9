// A state that can be compared: the live data, a backup or a dump, as a database at rest, files and revisions.
import { join } from 'node:path';
import { databaseFiles } from '../create/create';
import { scanUploads } from '../create/uploads-part';
import type { OperationOptions } from '../operation';
import type { Project } from '../project/project';
import { describeSnapshot } from '../migrations/state/state';
import { loadDump } from '../sqlite/dump/load';
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
}

/** Runs `use` on a state; temporary copies are removed afterwards. `name` null: the live data. */
export async function withState<T>(
  env: Environment,
  project: Project,
  name: string | null,
  options: OperationOptions,
  use: (state: ProjectState) => Promise<T>,
): Promise<T> {
  const scratch = makeScratch();
  try {
    return await use(await stateOf(env, project, name, join(scratch.folder, 'state.db'), options));
  } finally {
    scratch.remove();
  }
}

async function stateOf(
  env: Environment,
  project: Project,
  name: string | null,
  copy: string,
  options: OperationOptions,
): Promise<ProjectState> {
  if (name === null) {
    return liveState(env, project, copy, options);
  }
  if (/\.sql(\.gz|\.zst)?$/i.test(name)) {
    await loadDump(requireDump(env, project, { file: name }), copy, options);
    return { name, database: copy, uploads: null, revisions: describeSnapshot(copy, { root: project.root, database: copy }).revisions };
  }
  const backup = await findGoodBackup(env.disk, project.backups, name);
  const { database_file: file } = backup.manifest;
  const files = await readFileList(env.disk, backup.path, backup.manifest);
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
  };
}

async function liveState(env: Environment, project: Project, copy: string, options: OperationOptions): Promise<ProjectState> {
  const { database } = project;
  if (database !== null) {
    await takeSnapshot(database, copy, { signal: options.signal });
  }
  const uploads = new Map<string, UploadState>();
  for (const scan of await scanUploads(env, project.uploads, project.root, databaseFiles(project))) {
    for (const file of scan.tree.files) {
      uploads.set(`${scan.folder}/${file.path}`, { size: file.size, mtime: file.mtime, sha256: null, file: join(scan.root, file.path) });
    }
  }
  return {
    name: 'live',
    database: database === null ? null : copy,
    uploads,
    revisions: database === null ? [] : describeSnapshot(copy, { root: project.root, database: copy }).revisions,
  };
}
