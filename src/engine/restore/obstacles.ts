// What would keep a restore from replacing live data, found before anything is changed: a sentence each.
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, lstatSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { BackupError } from '../errors';
import { mountsBelow } from '../files/mounts';
import { walkTree } from '../files/tree';
import { requireWritable } from '../sqlite/in-place';
import { isLeftBehind } from '../sqlite/visit';
import type { Environment } from '../store/environment';
import type { RestoreTarget } from './target';
import { here } from '../platform/platform';

/** Names of files shown; the rest is counted. */
const SHOWN = 3;
const LSATTR_TIMEOUT = 10_000;
const LSATTR_OUTPUT = 64 * 1024 * 1024;

/** What does not pass by itself: mounts, permissions, owners, attributes. Empty: nothing was found. */
export async function lastingObstacles(env: Environment, target: RestoreTarget): Promise<string[]> {
  const found = target.database === null ? [] : databaseObstacles(target.database.live);
  for (const { live } of target.uploads) {
    found.push(...(existsSync(live) ? await uploadsObstacles(env, live) : newFolderObstacles(live)));
  }
  return found;
}

/** `lastingObstacles`, and a database that somebody has locked at this moment. */
export async function obstaclesNow(env: Environment, target: RestoreTarget): Promise<string[]> {
  const found = await lastingObstacles(env, target);
  const { database } = target;
  // A log or journal beside it may be all that a dead program left: only a restore puts that in order.
  if (database?.mode === 'in-place' && found.length === 0 && !isLeftBehind(database.live)) {
    try {
      requireWritable(database.live, 0);
    } catch (error) {
      if (error instanceof BackupError && error.code === 'DATABASE_LOCKED') {
        found.push(`${database.live} is locked by another program now: stop it before you restore.`);
      }
    }
  }
  return found;
}

/** What a restore can cope with, but somebody may want to know. */
export async function remarksOn(env: Environment, target: RestoreTarget): Promise<string[]> {
  if (process.getuid?.() === 0) {
    return [];
  }
  const found: string[] = [];
  for (const { live } of target.uploads.filter((uploads) => existsSync(uploads.live))) {
    const folders = (await walkTree(env.disk, live)).folders.map((path) => join(live, path)).filter((path) => !isWritable(path));
    found.push(...listed(folders, (paths) => `Read-only: ${paths}. A restore makes it writable for the moment in which it is replaced.`));
  }
  return found;
}

/** Fails with NO_PERMISSION, before anything was changed. */
export async function requireNoObstacles(env: Environment, target: RestoreTarget): Promise<void> {
  const [first, ...others] = await lastingObstacles(env, target);
  if (first !== undefined) {
    const more = others.length > 0 ? ` ${others.join(' ')}` : '';
    throw new BackupError('NO_PERMISSION', `${first}${more}`, 'Nothing was changed. Put this right, then restore again.');
  }
}

function databaseObstacles(live: string): string[] {
  const folder = dirname(live);
  if (!existsSync(folder)) {
    return newFolderObstacles(folder);
  }
  if (!isWritable(folder)) {
    return [`This user may not write to ${folder}, where SQLite needs its journal: run chmod u+w "${folder}" as its owner.`];
  }
  return existsSync(live) && !isWritable(live) ? [`This user may not write to ${live}: run chmod u+w "${live}" as its owner.`] : [];
}

function newFolderObstacles(folder: string): string[] {
  const parent = existingParent(folder);
  return isWritable(parent) ? [] : [`This user may not make ${folder}: run chmod u+w "${parent}" as its owner.`];
}

async function uploadsObstacles(env: Environment, live: string): Promise<string[]> {
  if (!isWritable(live)) {
    return [`This user may not write to ${live}: run chmod u+w "${live}" as its owner.`];
  }
  const found = mountsBelow(live)
    .filter((point) => point !== live)
    .map((point) => `Something is mounted at ${point}, inside the uploads: unmount it while you restore.`);
  const tree = await walkTree(env.disk, live);
  const device = statSync(live).dev;
  const elsewhere = tree.folders
    .map((path) => join(live, path))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.dev !== device);
  if (found.length === 0) {
    found.push(
      ...listed(elsewhere, (paths) => `Another file system is mounted at ${paths}, inside the uploads: unmount it while you restore.`),
    );
  }
  found.push(
    ...listed(await immovable(env, live), (paths) => `This user may not move ${paths}: change the owner, or restore as that user.`),
  );
  found.push(
    ...listed(await unchangeable(live), (paths) => `${paths} cannot be moved because of its attributes: run chattr -i -a on it as root.`),
  );
  return found;
}

/** Entries that belong to others: in a sticky folder nobody else may rename them, and a folder must be writable to be moved. */
async function immovable(env: Environment, live: string): Promise<string[]> {
  const me = process.getuid?.();
  if (me === undefined || me === 0) {
    return [];
  }
  const folder = lstatSync(live);
  const isSticky = (folder.mode & 0o1000) !== 0 && folder.uid !== me;
  const paths = (await env.disk.list(live)).map((name) => join(live, name));
  return paths.filter((path) => {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats !== undefined && stats.uid !== me && (isSticky || (stats.isDirectory() && !isWritable(path)));
  });
}

/** Immutable and append-only entries at any depth, where lsattr (e2fsprogs) is there to tell. */
async function unchangeable(live: string): Promise<string[]> {
  if (!here.isLinux) {
    return [];
  }
  const text = await promisify(execFile)('lsattr', ['-R', '-a', '--', live], { timeout: LSATTR_TIMEOUT, maxBuffer: LSATTR_OUTPUT }).then(
    ({ stdout }) => stdout,
    // It fails for single files, and on file systems without attributes; what it could read is said all the same.
    (error: unknown) => (error instanceof Error && 'stdout' in error && typeof error.stdout === 'string' ? error.stdout : ''),
  );
  return text
    .split('\n')
    .map((line) => /^([-\w]+) +(\/.*)$/.exec(line))
    .filter((match) => match !== null && /[ia]/.test(match[1] ?? '') && !(match[2] ?? '').endsWith('/..'))
    .map((match) => (match?.[2] ?? '').replace(/\/\.$/, ''));
}

function listed(paths: readonly string[], sentence: (paths: string) => string): string[] {
  const more = paths.length > SHOWN ? ` and ${paths.length - SHOWN} more` : '';
  return paths.length === 0 ? [] : [sentence(`${paths.slice(0, SHOWN).join(', ')}${more}`)];
}

function existingParent(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : existingParent(dirname(path));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
