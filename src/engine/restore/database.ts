// The database's part of a restore: staged beside the live one, then put in its place in the way that fits.
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BackupError } from '../errors';
import { errnoOf } from '../files/disk';
import { Wishes, wish } from '../files/wish';
import type { OperationOptions } from '../operation';
import { isWal } from '../sqlite/at-rest';
import { openDatabase } from '../sqlite/connection';
import { replaceInPlace } from '../sqlite/in-place';
import { samePages } from '../sqlite/same-pages';
import { takeSnapshot, withoutWal } from '../sqlite/snapshot';
import type { Environment } from '../store/environment';
import type { GoodBackup } from '../store/list';
import { stagedDatabase, type JournaledDatabase, type RestoreJournal } from './journal';
import { giveOwner } from './attributes';

const SIDE_FILES = ['-wal', '-shm', '-journal'];

/** Copies the backup's database beside the live one and makes it ready for the way it will go in. */
export async function stageDatabaseToRestore(
  env: Environment,
  journal: RestoreJournal,
  database: JournaledDatabase,
  backup: GoodBackup,
): Promise<void> {
  const { manifest, path } = backup;
  if (database.mode === 'remove' || manifest.database_file === null) {
    return;
  }
  const folder = dirname(database.live);
  const isNew = !existsSync(folder);
  await env.disk.ensureFolder(folder);
  if (isNew) {
    // The application writes its journals there.
    await giveOwner(env, folder, manifest.database ?? {}, folder, new Wishes());
  }
  const staged = stagedDatabase(journal, database.live);
  const source = join(path, manifest.database_file);
  await env.disk.copy(source, staged);
  await wish(() => env.disk.setMode(staged, 0o600));
  const record = manifest.database ?? null;
  if (record?.damaged === true) {
    for (const side of record.side_files ?? []) {
      await env.disk.copy(join(path, side.name), staged + side.name.slice(manifest.database_file.length));
    }
  } else {
    if (record === null && existsSync(`${source}-wal`)) {
      // A copy of format 1.0 may have been made together with its log.
      await env.disk.copy(`${source}-wal`, `${staged}-wal`);
    }
    prepare(staged, database.mode === 'in-place' ? 'delete' : (record?.journal_mode ?? (isWal(staged) ? 'wal' : 'delete')));
  }
  const model = existsSync(database.live) ? database.live : null;
  await env.disk.sync(staged);
  for (const suffix of ['', ...SIDE_FILES].filter((side) => existsSync(staged + side))) {
    await likeLive(env, staged + suffix, model, record, dirname(database.live));
  }
  await env.disk.syncFolder(dirname(staged));
}

/** A database keeps the mode and the owner of the live one; one that is made anew has those that it had. */
async function likeLive(
  env: Environment,
  staged: string,
  model: string | null,
  record: GoodBackup['manifest']['database'] | null,
  folder: string,
): Promise<void> {
  const recorded = record?.uid === undefined ? statSync(folder) : { uid: record.uid, gid: record.gid };
  const mode = model === null ? ((record?.mode ?? 0o644) & 0o777) | 0o600 : statSync(model).mode & 0o7777;
  await giveOwner(env, staged, model === null ? recorded : statSync(model), staged, new Wishes());
  await wish(() => env.disk.setMode(staged, mode));
}

/** A staged database has at least one page, and for a rename the journal mode of the live one. */
function prepare(staged: string, journalMode: string): void {
  withoutWal(staged);
  const db = openDatabase(staged);
  try {
    if (db.pragma('page_count', { simple: true }) === 0) {
      db.pragma('user_version = 0');
    }
    if (journalMode === 'wal') {
      db.pragma('journal_mode = WAL');
    }
  } finally {
    db.close();
  }
}

/** Puts the staged database in the live one's place. May be run again after a crash. */
export async function replaceDatabase(
  env: Environment,
  journal: RestoreJournal,
  database: JournaledDatabase,
  options: OperationOptions,
): Promise<void> {
  const staged = stagedDatabase(journal, database.live);
  if (database.mode === 'remove') {
    await removeLive(env, database.live, ['', ...SIDE_FILES]);
  } else if (database.mode === 'in-place') {
    await replaceInPlace(staged, database.live, {
      onBytes: (doneBytes, totalBytes) => options.onProgress?.({ phase: 'replace', doneBytes, totalBytes }),
    });
    await syncLog(env, `${database.live}-wal`);
  } else {
    await swap(env, staged, database.live, database.mode);
  }
  await env.disk.syncFolder(dirname(database.live));
}

/**
 * A log that other programs keep is synced only with the next checkpoint: until then a power failure would take the
 * database back, and not the uploads (https://www.sqlite.org/pragma.html#pragma_synchronous). No lock is ever on it.
 */
async function syncLog({ disk }: Environment, log: string): Promise<void> {
  try {
    await disk.sync(log);
  } catch (error) {
    // The last program that closes the database removes it, when all of it is in the database.
    if (errnoOf(error) !== 'ENOENT') {
      throw error;
    }
  }
}

async function swap(env: Environment, staged: string, live: string, mode: 'swap' | 'create'): Promise<void> {
  if (existsSync(staged)) {
    if (mode === 'create' && existsSync(live)) {
      throw new BackupError(
        'DATABASE_LOCKED',
        `Another program has made a new database at ${live}.`,
        'Stop the application, then restore again. Nothing was changed.',
      );
    }
    // Left-over logs would be applied to the new database.
    await removeLive(env, live, SIDE_FILES);
    await env.disk.rename(staged, live);
  }
  for (const suffix of SIDE_FILES.filter((side) => existsSync(staged + side))) {
    await env.disk.rename(staged + suffix, live + suffix);
  }
}

async function removeLive(env: Environment, live: string, suffixes: readonly string[]): Promise<void> {
  for (const suffix of suffixes) {
    await env.disk.remove(live + suffix);
  }
}

/** Whether the live database already holds exactly what is staged. */
export async function isReplaced(env: Environment, journal: RestoreJournal, database: JournaledDatabase): Promise<boolean> {
  const staged = stagedDatabase(journal, database.live);
  if (database.mode === 'remove') {
    return !existsSync(database.live);
  }
  if (database.mode !== 'in-place') {
    return !existsSync(staged) && existsSync(database.live);
  }
  if (!existsSync(staged) || !existsSync(database.live)) {
    return false;
  }
  const now = `${staged}-now`;
  await env.disk.remove(now);
  try {
    await takeSnapshot(database.live, now);
    return samePages(now, staged);
  } finally {
    await env.disk.remove(now);
  }
}

export async function discardStagedDatabase(env: Environment, journal: RestoreJournal, database: JournaledDatabase): Promise<void> {
  const staged = stagedDatabase(journal, database.live);
  for (const suffix of ['', ...SIDE_FILES, '-now', '-now-journal', '-now-wal', '-now-shm']) {
    await env.disk.remove(staged + suffix);
  }
}
