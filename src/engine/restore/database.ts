// The database's part of a restore: staged beside the live one, then put in its place in the way that fits.
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BackupError, reportOf } from '../errors';
import { errnoOf } from '../files/disk';
import { Wishes, wish } from '../files/wish';
import type { OperationOptions } from '../operation';
import { headerProblem, isWal } from '../sqlite/header';
import { openDatabase } from '../sqlite/connection';
import { explainSqlite } from '../sqlite/explain';
import { replaceInPlace } from '../sqlite/in-place';
import { samePages } from '../sqlite/same-pages';
import { takeSnapshot, withoutWal } from '../sqlite/snapshot';
import type { Environment } from '../store/environment';
import type { GoodBackup } from '../store/list';
import { stagedDatabase, type JournaledDatabase, type RestoreJournal } from './journal';
import { giveOwner } from './attributes';
import { isBroken } from './target';

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
    prepareNamed(staged, backup, database.mode === 'in-place' ? 'delete' : (record?.journal_mode ?? (isWal(staged) ? 'wal' : 'delete')));
  }
  const model = existsSync(database.live) && !isNoFile(database.live) ? database.live : null;
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

/** As `prepare`; what fails speaks of the backup, for nobody has seen the staged file. */
function prepareNamed(staged: string, backup: GoodBackup, journalMode: string): void {
  try {
    prepare(staged, journalMode);
  } catch (error) {
    const explained = explainSqlite(error, staged);
    if (!isBroken(explained) && headerProblem(staged) === null) {
      throw explained;
    }
    const { message } = reportOf(explained);
    throw new BackupError(
      'BACKUP_DAMAGED',
      `The database of the backup "${backup.name}" cannot be used: ${message.replace(`${basename(staged)} `, 'it ')}`,
      'Nothing was changed. Choose another backup.',
      { cause: error },
    );
  }
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
    await inPlaceOrSwapped(env, staged, database, options);
  } else {
    await swap(env, staged, database.live, database.mode);
  }
  await env.disk.syncFolder(dirname(database.live));
}

/** What SQLite cannot write to, because it is damaged deeper than a look has shown, is replaced as a whole file. */
async function inPlaceOrSwapped(env: Environment, staged: string, database: JournaledDatabase, options: OperationOptions): Promise<void> {
  try {
    await replaceInPlace(staged, database.live, {
      onBytes: (doneBytes, totalBytes) => options.onProgress?.({ phase: 'replace', doneBytes, totalBytes }),
    });
  } catch (error) {
    if (!isBroken(error)) {
      throw error;
    }
    await swap(env, staged, database.live, 'swap');
  }
  await syncLog(env, `${database.live}-wal`);
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
    if (isNoFile(live)) {
      await moveAway(env, live);
    } else if (mode === 'create' && existsSync(live)) {
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

function isNoFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === false;
}

/** Docker makes a folder where a file is mounted that is not there. What somebody has put into it is theirs. */
async function moveAway(env: Environment, path: string): Promise<void> {
  if (statSync(path).isDirectory() && (await env.disk.list(path)).length === 0) {
    await env.disk.remove(path);
  } else {
    await env.disk.rename(path, `${path}.before-restore-${String(env.now().getTime())}`);
  }
}

async function removeLive(env: Environment, live: string, suffixes: readonly string[]): Promise<void> {
  for (const suffix of suffixes) {
    await (isNoFile(live + suffix) ? moveAway(env, live + suffix) : env.disk.remove(live + suffix));
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
    // Only the rename of a database that could not be replaced in place takes the staged one away.
    return !existsSync(staged) && existsSync(database.live);
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
