// The database's part of a restore: staged beside the live one, then put in its place in the way that fits, or taken back.
import { existsSync, lstatSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BackupError, reportOf } from '../errors';
import { requireOpenable } from '../files/fitting';
import { errnoOf, type Disk } from '../files/disk';
import { WORTH_A_THREAD } from '../files/hash-apart';
import { Wishes, wish } from '../files/wish';
import type { OperationOptions } from '../operation';
import { here } from '../platform/platform';
import { headerProblem, isWal } from '../sqlite/header';
import { explainSqlite } from '../sqlite/explain';
import { openDatabase } from '../sqlite/connection';
import { replaceInPlace, type ReplaceOptions } from '../sqlite/in-place';
import { ChangedMeanwhile } from '../sqlite/last-look';
import { writeRepaged } from '../sqlite/repaged';
import { withoutWal } from '../sqlite/snapshot';
import type { Environment } from '../store/environment';
import type { GoodBackup } from '../store/list';
import type { JournaledDatabase, RestoreJournal } from './journal';
import type { LiveWatch } from './live-watch';
import { databaseStage } from './stage';
import { giveOwner } from './attributes';
import { isBroken } from './target';
import { said } from '../said';

const SIDE_FILES = ['-wal', '-shm', '-journal'];

/** What staging needs to know of a journaled database. */
type Target = Pick<JournaledDatabase, 'mode' | 'live'>;

/**
 * Copies the backup's database into the stage and makes it ready for the way it will go in. Fails with BACKUP_DAMAGED
 * when the copy is not what the manifest says, unless the damage is known and accepted.
 */
export async function stageDatabaseToRestore(
  env: Environment,
  journal: Pick<RestoreJournal, 'id'>,
  database: Target,
  backup: GoodBackup,
  isDamageAccepted = false,
): Promise<void> {
  const { manifest, path } = backup;
  if (database.mode === 'remove' || manifest.database_file === null) {
    return;
  }
  const { root, fresh } = databaseStage(journal, database.live);
  requireOpenable(fresh, env.platform);
  const record = manifest.database ?? null;
  const copyPart = async (name: string, to: string, sha256: string | undefined): Promise<void> => {
    await (backup.isForThis === true ? taken(env.disk, join(path, name), to) : env.disk.copy(join(path, name), to));
    await wish(() => env.disk.setMode(to, 0o600));
    // The drive is at work meanwhile: what is changed afterwards is little.
    const hashing = sha256 === undefined || isDamageAccepted ? Promise.resolve(sha256) : hashOf(env.disk, to);
    const syncing = env.disk.sync(to);
    await Promise.allSettled([hashing, syncing]);
    await syncing;
    if ((await hashing) !== sha256) {
      throw stagedOtherwise(backup.name, name);
    }
  };
  await copyPart(manifest.database_file, fresh, record?.sha256);
  if (record?.damaged === true) {
    for (const side of record.side_files ?? []) {
      await copyPart(side.name, fresh + side.name.slice(manifest.database_file.length), side.sha256);
    }
  } else {
    if (record === null && existsSync(join(path, `${manifest.database_file}-wal`))) {
      // A copy of format 1.0 may have been made together with its log.
      await env.disk.copy(join(path, `${manifest.database_file}-wal`), `${fresh}-wal`);
    }
    prepareNamed(fresh, backup, database.mode === 'in-place' ? 'delete' : (record?.journal_mode ?? (isWal(fresh) ? 'wal' : 'delete')));
  }
  const model = existsSync(database.live) && !isNoFile(database.live) ? database.live : null;
  await env.disk.sync(fresh);
  for (const suffix of ['', ...SIDE_FILES].filter((side) => existsSync(fresh + side))) {
    await likeLive(env, fresh + suffix, model, record, dirname(database.live));
  }
  await env.disk.syncFolder(root);
}

/** Moves a file; where that cannot be, it is copied. */
async function taken(disk: Disk, from: string, to: string): Promise<void> {
  try {
    await disk.rename(from, to);
  } catch (error) {
    if (errnoOf(error) !== 'EXDEV') {
      throw error;
    }
    await disk.copy(from, to);
  }
}

/** Of a copy that nobody has open. */
async function hashOf(disk: Disk, file: string): Promise<string> {
  return statSync(file).size < WORTH_A_THREAD ? disk.hash(file) : disk.hashApart(file);
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
      said`The database of the backup "${backup.name}" cannot be used: ${message.replace(`${basename(staged)} `, 'it ')}`,
      'Nothing was changed. Choose another backup.',
      { cause: error },
    );
  }
}

/** The backup changed between its verification and the copy. */
export function stagedOtherwise(backup: string, path: string): BackupError {
  return new BackupError(
    'BACKUP_DAMAGED',
    said`The backup "${backup}" changed while it was being restored: the copy of ${path} is not what was backed up.`,
    'Nothing was changed. Verify the backup, or choose another one.',
  );
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

/** Device, inode and time of birth: a renamed file keeps them. */
export function identityOf(file: string): string | null {
  const stats = lstatSync(file, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? null : `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`;
}

/** What a replacement tells, and how it keeps what somebody has committed since the safety backup. */
export interface Replacing extends Pick<OperationOptions, 'onProgress'> {
  readonly onChanged?: ReplaceOptions['onChanged'];
}

/**
 * Puts the staged database in the live one's place. Fails with ChangedMeanwhile if somebody wrote to it and that cannot be
 * kept while nobody else can; a failure changes nothing.
 */
export async function replaceDatabase(
  env: Environment,
  journal: RestoreJournal,
  database: JournaledDatabase,
  watch: LiveWatch,
  options: Replacing,
): Promise<void> {
  const stage = databaseStage(journal, database.live);
  if (database.mode === 'in-place') {
    await replaceInPlace(stage.fresh, database.live, watch.look(), {
      onChanged: options.onChanged,
      onOtherPages: (pageSize) => repage(env.disk, stage, pageSize),
      patience: env.patience,
      onBytes: (doneBytes, totalBytes) => options.onProgress?.({ phase: 'replace', doneBytes, totalBytes }),
    });
  } else if (!(await watch.alone(() => replaceFile(env.disk, stage, database, env.now())))) {
    throw new ChangedMeanwhile();
  }
}

/** Gives the staged database pages of another size; false: that cannot be done. */
async function repage(disk: Disk, { root, fresh }: Stage, pageSize: number): Promise<boolean> {
  const repaged = `${fresh}-repaged`;
  await disk.remove(repaged);
  if (!writeRepaged(fresh, repaged, pageSize)) {
    await disk.remove(repaged);
    return false;
  }
  await disk.sync(repaged);
  // Recovery compares the live pages with the staged ones: they are these, from before the first is replaced.
  await disk.rename(repaged, fresh);
  await disk.syncFolder(root);
  return true;
}

/** What follows the replacement: logs that belong to the new database, and all of it on the disk. May be run again. */
export async function settleDatabase(env: Environment, journal: RestoreJournal, { mode, live }: JournaledDatabase): Promise<void> {
  if (mode === 'in-place') {
    await syncLog(env.disk, `${live}-wal`);
    if ((env.platform ?? here).isMacos) {
      // Of SQLite's own sync the drive may keep some in its cache there; no connection of ours is open by now.
      await env.disk.sync(live);
    }
  } else if (mode !== 'remove') {
    await moveSides(env.disk, databaseStage(journal, live).fresh, live);
  }
  await env.disk.syncFolder(dirname(live));
}

/**
 * A log that other programs keep is synced only with the next checkpoint: until then a power failure would take the
 * database back, and not the uploads (https://www.sqlite.org/pragma.html#pragma_synchronous). No lock is ever on it.
 */
async function syncLog(disk: Disk, log: string): Promise<void> {
  try {
    await disk.sync(log);
  } catch (error) {
    // The last program that closes the database removes it, when all of it is in the database.
    if (errnoOf(error) !== 'ENOENT') {
      throw error;
    }
  }
}

type Stage = ReturnType<typeof databaseStage>;

async function replaceFile(disk: Disk, { fresh, placed, old }: Stage, { mode, live }: JournaledDatabase, now: Date): Promise<void> {
  // Left-over logs would be applied to the new database.
  await moveSides(disk, live, old);
  if (mode !== 'remove' && isNoFile(live)) {
    await moveAway(disk, live, now);
  }
  switch (mode) {
    case 'remove':
      await disk.rename(live, old);
      return;
    case 'create':
      await putNew(disk, fresh, live);
      break;
    case 'rewrite':
      await disk.copy(live, `${old}-part`);
      await disk.sync(`${old}-part`);
      await disk.rename(`${old}-part`, old);
      await disk.overwrite(fresh, live);
      await disk.sync(live);
      await disk.rename(fresh, placed);
      break;
    case 'swap':
    case 'in-place':
      await disk.rename(fresh, live);
  }
}

function isNoFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === false;
}

/** Docker makes a folder where a file is mounted that is not there. What somebody has put into it is theirs. */
async function moveAway(disk: Disk, path: string, now: Date): Promise<void> {
  if (statSync(path).isDirectory() && (await disk.list(path)).length === 0) {
    await disk.removeEmpty(path);
  } else {
    await disk.rename(path, `${path}.before-restore-${String(now.getTime())}`);
  }
}

/** Never over a file that an application has made by now. */
async function putNew(disk: Disk, fresh: string, live: string): Promise<void> {
  try {
    await disk.hardLink(fresh, live);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST' || existsSync(live)) {
      throw new BackupError(
        'DATABASE_LOCKED',
        said`Another program has made a new database at ${live}.`,
        'Stop the application, then restore again. Nothing was changed.',
        { cause: error },
      );
    }
    await disk.rename(fresh, live);
  }
}

async function moveSides(disk: Disk, from: string, to: string): Promise<void> {
  for (const suffix of SIDE_FILES.filter((side) => existsSync(from + side))) {
    await disk.rename(from + suffix, to + suffix);
  }
}

/** The way back while the database counts as not replaced. May be run again. In place there is nothing to do: SQLite does it. */
export async function revertDatabase(env: Environment, journal: RestoreJournal, database: JournaledDatabase): Promise<void> {
  const { old } = databaseStage(journal, database.live);
  if (database.mode === 'in-place') {
    return;
  }
  if (database.mode === 'rewrite' && existsSync(old)) {
    await env.disk.overwrite(old, database.live);
    await env.disk.sync(database.live);
  }
  if (existsSync(database.live)) {
    await moveSides(env.disk, old, database.live);
  }
}
