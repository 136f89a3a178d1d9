// The database's part of a new backup: snapshot, hash and checks, or a marked raw copy of a damaged one.
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackupError, type ErrorCode } from '../errors';
import { requireOpenable } from '../files/fitting';
import { TO_BEGIN, WORTH_A_THREAD } from '../files/hash-apart';
import { resolvedPath } from '../files/paths';
import { attributesOf } from '../files/tree';
import { wish } from '../files/wish';
import { throwIfCancelled, type OperationOptions } from '../operation';
import { here } from '../platform/platform';
import { recordedNumbers } from '../platform/recorded';
import { checkDatabase, type CheckResult } from '../sqlite/checks';
import { digestTables, type TableDigest } from '../sqlite/digest';
import { readApart, type ReadingApart } from '../sqlite/digest-apart';
import { isDiskFailure } from '../sqlite/explain';
import { removeCopy, SIDE_FILES } from '../sqlite/live-files';
import { sideFileProblem } from '../sqlite/side-files';
import { takeSnapshot, type SnapshotFacts, type SnapshotOptions } from '../sqlite/snapshot';
import type { Environment } from '../store/environment';
import { fingerprintOf } from './fingerprint';
import type { Manifest } from '../store/manifest';
import { MANIFEST_FILE } from '../store/terms';
import { said } from '../said';

type DatabaseRecord = NonNullable<Manifest['database']>;

export interface DatabasePart {
  /** The file's name inside the backup. */
  readonly file: string;
  readonly record: DatabaseRecord;
}

/** What a failure says about the live file; with its bytes copied as they are, nothing of it is lost. */
const ABOUT_THE_FILE: readonly ErrorCode[] = ['DATABASE_DAMAGED', 'NOT_A_DATABASE', 'READ_FAILED'];

/** Puts the live database into the stage. A damaged one fails with DATABASE_DAMAGED unless it may be kept as it is. */
export async function stageDatabase(
  env: Environment,
  database: string,
  source: string,
  stage: string,
  allowDamaged: boolean,
  options: OperationOptions,
): Promise<DatabasePart> {
  const file = nameInBackup(database);
  const target = join(stage, file);
  requireOpenable(target, env.platform);
  const beside = sideFileProblem(database);
  // A snapshot holds what SQLite makes of the files: what it would pass over is kept only with the files themselves.
  if (allowDamaged && beside !== null) {
    return copyDamaged(env, database, source, stage, file, options);
  }
  let before = fingerprintOf(database);
  // Where locks may not reach whoever writes, no file is copied in their trust.
  const isLocal = beside === null && (await env.disk.remoteKind(database).catch(() => 'unknown')) === null;
  const held: SnapshotOptions['held'] = {
    copyApart: (from, to, signal) => env.disk.copyApart(from, to, signal),
    // What we ourselves have moved from the log into the database is no change of it.
    onHeld: () => {
      before = fingerprintOf(database);
    },
  };
  const take = async (): Promise<Taken> =>
    takeSound(env, database, target, isLocal ? { held } : {}, options, () => {
      env.step('snapshot-taken');
    });
  let taken = await take();
  if (allowDamaged && taken.problem?.code === 'READ_FAILED') {
    // SQLite does not say which of the two files a disk failed on: only what fails again is taken for the live one.
    removeCopy(target);
    taken = await take();
  }
  if (taken.problem !== null) {
    if (!allowDamaged) {
      throw taken.problem;
    }
    return copyDamaged(env, database, source, stage, file, options);
  }
  const live = fingerprintOf(database);
  const isStill = live.join() === before.join();
  const { check, tables } = taken;
  const unchecked = [...(beside === null ? [] : [beside]), ...check.warnings];
  const record: DatabaseRecord = {
    ...(await recordOf(env, database, source, taken)),
    ...(isStill ? { live } : {}),
    ...(unchecked.length === 0 ? {} : { unchecked }),
    ...(check.indexes.length === 0 ? {} : { indexes: [...check.indexes] }),
    ...(tables.length === 0 ? {} : { tables: tables.map((table) => ({ ...table })) }),
  };
  return { file, record };
}

/**
 * The same while the caller keeps everybody from committing, as quickly as can be: the snapshot replaces what is at
 * `target`. Fails with DATABASE_DAMAGED and NOT_A_DATABASE.
 */
export async function restageLocked(env: Environment, database: string, source: string, target: string): Promise<DatabaseRecord> {
  removeCopy(target);
  const taken = await takeSound(env, database, target, { isLocked: true }, {}, () => undefined);
  if (taken.problem !== null) {
    throw taken.problem;
  }
  return recordOf(env, database, source, taken);
}

async function recordOf(
  env: Environment,
  database: string,
  source: string,
  { facts, check, size, sha256 }: Sound,
): Promise<DatabaseRecord> {
  return {
    source,
    size,
    sha256,
    page_size: facts.pageSize,
    user_version: facts.userVersion,
    application_id: facts.applicationId,
    journal_mode: facts.journalMode,
    ...(await attributesOfLive(env, database)),
    foreign_key_violations: check.foreignKeyViolations,
    ...(check.warnings.length === 0 ? {} : { unchecked: [...check.warnings] }),
    ...(check.indexes.length === 0 ? {} : { indexes: [...check.indexes] }),
  };
}

interface Sound {
  readonly problem: null;
  readonly facts: SnapshotFacts;
  readonly check: CheckResult;
  /** None where somebody waits for the snapshot. */
  readonly tables: readonly TableDigest[];
  readonly size: number;
  readonly sha256: string;
}

type Taken =
  | Sound
  /** Why what is live cannot become a good snapshot. */
  | { readonly problem: BackupError };

/** A snapshot that passed SQLite's checks, private and on the disk. What has nothing to do with the file's content is thrown: locks, rights, space. */
async function takeSound(
  env: Environment,
  database: string,
  target: string,
  how: Pick<SnapshotOptions, 'held' | 'isLocked'>,
  options: OperationOptions,
  onTaken: () => void,
): Promise<Taken> {
  try {
    const facts = await takeSnapshot(database, target, {
      signal: options.signal,
      ...how,
      onBytes: (done, total) => options.onProgress?.({ phase: 'database', doneBytes: done, totalBytes: total }),
    });
    onTaken();
    options.onProgress?.({ phase: 'check', doneBytes: 0, totalBytes: facts.pageCount * facts.pageSize });
    await wish(() => env.disk.setMode(target, 0o600));
    // The drive and the other thread are at work while SQLite checks, and this thread can do nothing else.
    const isLarge = facts.pageCount * facts.pageSize >= WORTH_A_THREAD;
    const apart = isLarge && how.isLocked !== true ? readApart(target, options.signal) : null;
    const kept = Promise.all([hashCopy(env, target, apart, options), env.disk.sync(target)]);
    const settled = kept.then(
      () => undefined,
      () => undefined,
    );
    let check: CheckResult;
    let tables: readonly TableDigest[] = [];
    await sleep(TO_BEGIN);
    try {
      check = checkDatabase(target);
      // What is damaged may take any time to read: tables can share their pages.
      if (check.problems.length === 0 && how.isLocked !== true) {
        tables = await (apart?.tables ??
          digestTables(target, () => {
            throwIfCancelled(options.signal);
          }));
      }
    } finally {
      await settled;
      await apart?.stop();
    }
    throwIfCancelled(options.signal);
    if (check.problems.length > 0) {
      return { problem: damaged(database, check.problems) };
    }
    const [hashed] = await kept;
    return { problem: null, facts, check, tables, ...hashed };
  } catch (error) {
    if (error instanceof BackupError && ABOUT_THE_FILE.includes(error.code) && !isDiskFailure(error)) {
      return {
        problem:
          error.code === 'DATABASE_DAMAGED' ? damaged(database, [error.message.replace(/^\S+ is damaged: |\.$/g, '')], error) : error,
      };
    }
    throw error;
  }
}

/** An empty log says nothing: opening a database, as we do to watch it, may leave one. */
function holdsSomething(file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats !== undefined && stats.isFile() && stats.size > 0;
}

/** SQLite cannot read it, so that its files are kept as they are: main file and journals, nothing interpreted. */
async function copyDamaged(
  env: Environment,
  database: string,
  source: string,
  stage: string,
  file: string,
  options: OperationOptions,
): Promise<DatabasePart> {
  const target = join(stage, file);
  for (const suffix of ['', '-wal', '-shm', '-journal']) {
    await env.disk.remove(target + suffix);
  }
  const live = resolvedPath(database);
  await env.disk.copy(live, target);
  const sideFiles: { name: string; size: number; sha256: string }[] = [];
  for (const suffix of SIDE_FILES.filter((side) => holdsSomething(live + side))) {
    await env.disk.copy(live + suffix, target + suffix);
    sideFiles.push({ name: file + suffix, ...(await hashPart(env, target + suffix, options)) });
    await wish(() => env.disk.setMode(target + suffix, 0o600));
    await env.disk.sync(target + suffix);
  }
  await wish(() => env.disk.setMode(target, 0o600));
  const { size, sha256 } = await hashPart(env, target, options);
  await env.disk.sync(target);
  const record: DatabaseRecord = {
    source,
    size,
    sha256,
    page_size: 0,
    user_version: 0,
    application_id: 0,
    journal_mode: 'unknown',
    ...(await attributesOfLive(env, database)),
    damaged: true,
    side_files: sideFiles,
  };
  return { file, record };
}

/** For a restore that has to make the file anew. Through a link, as a restore writes through it. */
async function attributesOfLive(env: Environment, database: string): Promise<Partial<DatabaseRecord>> {
  const attributes = attributesOf(await env.disk.stat(resolvedPath(database)));
  return recordedNumbers(attributes, env.platform ?? here);
}

/** The hash of a copy, which nobody writes to any more. */
async function hashCopy(
  env: Environment,
  path: string,
  apart: ReadingApart | null,
  options: OperationOptions,
): Promise<{ size: number; sha256: string }> {
  const size = Number((await env.disk.stat(path)).size);
  if (apart !== null) {
    return { size, sha256: await apart.sha256 };
  }
  return size < WORTH_A_THREAD ? hashPart(env, path, options) : { size, sha256: await env.disk.hashApart(path, options.signal) };
}

async function hashPart(env: Environment, path: string, options: OperationOptions): Promise<{ size: number; sha256: string }> {
  const size = Number((await env.disk.stat(path)).size);
  let done = 0;
  const sha256 = await env.disk.hash(path, (bytes) => {
    throwIfCancelled(options.signal);
    done += bytes;
    options.onProgress?.({ phase: 'hash', doneBytes: done, totalBytes: size });
  });
  return { size, sha256 };
}

/** A database file must not take the place of what else a backup holds. */
function nameInBackup(database: string): string {
  const name = basename(database);
  return name === MANIFEST_FILE || /^uploads(-\d+)?$/.test(name) || name.startsWith('.') ? `database-${name}` : name;
}

function damaged(database: string, problems: readonly string[], cause?: unknown): BackupError {
  const [first] = problems;
  return new BackupError(
    'DATABASE_DAMAGED',
    said`${database} is damaged${first === undefined ? '' : `: ${first.replace(/\s+/g, ' ').slice(0, 200)}`}.`,
    'Restore a good backup. To keep the damaged file as it is first, run "pats-backup backup --allow-damaged".',
    { cause },
  );
}
