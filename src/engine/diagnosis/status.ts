// Where a project stands: its schema state, its newest good backup and whether the data changed since.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readSchemaState, watchedBy } from '../migrations/state/state';
import { discoveryOf } from '../project/discovery/discovery';
import { placeOf } from '../project/out-of-reach';
import type { Candidate, Project } from '../project/project';
import { samePages } from '../sqlite/same-pages';
import { makeScratch } from '../sqlite/scratch';
import { takeSnapshot } from '../sqlite/snapshot';
import { findContainer, type Container } from '../containers/container';
import { databaseFiles } from '../create/create';
import { sameMillisecond } from '../files/tree';
import type { Environment } from '../store/environment';
import { fingerprintOf } from '../create/fingerprint';
import { flawsOf } from '../store/flaws';
import { isGood, listBackups, revisionsOf, type GoodBackup, type WaitingRestore } from '../store/list';
import { readFileList } from '../store/manifest-file';
import { askGit } from '../history/unknown-revision';
import { scanUploads } from '../create/uploads-part';
import type { SchemaState } from '../migrations/schema';
import type { Warned } from '../warnings';

export interface Status extends SchemaState, Warned {
  /** Absolute path, or null when there is none. */
  readonly database: string | null;
  /** Where the database lies, if only a container reaches it, for people; null or absent: it is a file of this machine. */
  readonly databasePlace?: string | null;
  /** The newest good backup. */
  readonly lastBackup: { readonly name: string; readonly createdAt: string; readonly revisions: readonly string[] } | null;
  /** Whether database or uploads differ from the newest good backup; null: unknown. */
  readonly changedSinceBackup: boolean | null;
  /** Equal keys: the same database content, revision and heads, so that nobody need be told twice. */
  readonly stateKey: string;
  /** A restore that was interrupted and waits; null or absent: there is none. */
  readonly waiting?: WaitingRestore | null;
  /** Every database that was considered, the strongest first, with what speaks for each. */
  readonly candidates: readonly Candidate[];
  /** Absolute paths of the project's other databases: no backup holds them. */
  readonly notProtected: readonly string[];
  /** In words, one entry a place, where a database was looked for. */
  readonly searched?: readonly string[];
  /** Where it was asked for: the compose service that mounts the database; null: there is none. */
  readonly container?: Container | null;
  /** Absolute migration files and folders whose change can change this answer. */
  readonly watch: readonly string[];
}

export interface StatusParams {
  /** Say which compose service mounts the database, too; asks Docker. */
  readonly container?: boolean;
  /** What is in containers is read as it is now, for which the application may be paused; otherwise nothing is. */
  readonly still?: boolean;
}

/** Bytes up to which a database whose times changed is compared page by page; a larger one counts as changed. */
const COMPARED_SIZE = 32 * 1024 * 1024;

/** Reads everything that the status bar and `status` show. */
export async function readStatus(env: Environment, project: Project, { container = false }: StatusParams = {}): Promise<Status> {
  // Docker takes its time to answer.
  const asked = container ? findContainer(project) : undefined;
  asked?.catch(() => undefined);
  const schema = await askGit(readSchemaState(project), project);
  const { backups } = await listBackups(env.disk, project.backups);
  const sound = backups.filter(
    (entry): entry is GoodBackup => isGood(entry) && entry.manifest.database_file !== null && entry.manifest.database?.damaged !== true,
  );
  // A safety backup holds what somebody wanted to get away from.
  const newest = sound.find((entry) => entry.manifest.trigger !== 'safety') ?? sound[0];
  return {
    ...schema,
    // A copy is no place for anybody else.
    database: project.databasePlace === undefined ? project.database : null,
    databasePlace: placeOf(project),
    lastBackup:
      newest === undefined ? null : { name: newest.name, createdAt: newest.manifest.created_at, revisions: revisionsOf(newest.manifest) },
    changedSinceBackup: newest === undefined ? null : unlessOld(project, await isChanged(env, project, newest)),
    stateKey: keyOf([project.database === null ? [] : fingerprintOf(project.database), schema.revisions, schema.heads]),
    watch: watchedBy(project),
    candidates: discoveryOf(project)?.candidates ?? [],
    notProtected: discoveryOf(project)?.notProtected ?? [],
    searched: discoveryOf(project)?.searched ?? [],
    ...(asked !== undefined && { container: await asked }),
    warnings: newest === undefined ? [] : flawsOf(newest.manifest, newest.verification ?? null),
  };
}

/** FNV-1a: short, and nobody's secret (https://www.rfc-editor.org/rfc/rfc9923). */
function keyOf(parts: unknown): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(JSON.stringify(parts))) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}

/** That an older state of the data is in the backup says nothing of what was written since. */
function unlessOld({ asOf }: Project, isChangedThen: boolean | null): boolean | null {
  return asOf !== undefined && isChangedThen === false ? null : isChangedThen;
}

async function isChanged(env: Environment, project: Project, backup: GoodBackup): Promise<boolean | null> {
  if (project.database === null || !existsSync(project.database)) {
    return true;
  }
  try {
    return (await isDatabaseChanged(project.database, backup)) || (await areUploadsChanged(env, project, backup));
  } catch {
    // A locked or unreadable database is no reason to have no status: it is unknown.
    return null;
  }
}

async function isDatabaseChanged(database: string, backup: GoodBackup): Promise<boolean> {
  const { database: record, database_file: file } = backup.manifest;
  if (record?.live !== undefined && record.live.join() === fingerprintOf(database).join()) {
    return false;
  }
  if (file === null || statSync(database).size > COMPARED_SIZE) {
    return true;
  }
  const scratch = makeScratch();
  try {
    const now = join(scratch.folder, 'now.db');
    await takeSnapshot(database, now);
    return !samePages(now, join(backup.path, file));
  } finally {
    scratch.remove();
  }
}

async function areUploadsChanged(env: Environment, project: Project, backup: GoodBackup): Promise<boolean> {
  const files = await readFileList(env.disk, backup.path, backup.manifest);
  if (files === null) {
    return true;
  }
  const recorded = new Map(files.map((file) => [file.path, file]));
  const scans = await scanUploads(env, project, databaseFiles(project));
  let seen = 0;
  for (const scan of scans) {
    for (const file of scan.tree.files) {
      const record = recorded.get(`${scan.folder}/${file.path}`);
      if (record?.size !== file.size || !sameMillisecond(BigInt(record.mtime), file.mtime)) {
        return true;
      }
      seen++;
    }
  }
  return seen !== files.length;
}
