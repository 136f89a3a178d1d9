// What would keep a restore from replacing live data, found before anything is changed: a sentence each.
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { databaseFiles } from '../create/create';
import { BackupError } from '../errors';
import { errnoOf } from '../files/disk';
import { unchangeableOf } from '../files/unchangeable';
import type { Project } from '../project/project';
import { requireWritable } from '../sqlite/in-place';
import { isLeftBehind } from '../sqlite/visit';
import type { Environment } from '../store/environment';
import type { DatabaseTarget, RestoreTarget } from './target';
import { uploadsObstacles } from './uploads-obstacles';
import { inRow, said } from '../said';

/** What does not pass by itself: mounts, permissions, owners, attributes. Empty: nothing was found. */
export async function lastingObstacles(env: Environment, target: RestoreTarget): Promise<string[]> {
  const found = target.database === null ? [] : await databaseObstacles(target.database);
  for (const uploads of target.uploads) {
    found.push(...(existsSync(uploads.live) ? await uploadsObstacles(env, uploads) : newFolderObstacles(uploads.live)));
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
        found.push(said`${database.live} is locked by another program now: stop it before you restore.`);
      }
    }
  }
  return found;
}

/** Fails with NO_PERMISSION, before anything was changed. */
export async function requireNoObstacles(env: Environment, target: RestoreTarget): Promise<void> {
  const [first, ...others] = await lastingObstacles(env, target);
  if (first !== undefined) {
    throw new BackupError('NO_PERMISSION', inRow([first, ...others], ' '), 'Nothing was changed. Put this right, then restore again.');
  }
}

/** Whether the safety backup and the journal of a restore have a place. A sentence for what is in the way. */
export async function backupsObstacles({ backups }: Project): Promise<string[]> {
  return existsSync(backups) ? writeObstacles([backups], () => ', where the safety backup belongs') : newFolderObstacles(backups);
}

async function databaseObstacles({ live, mode }: DatabaseTarget): Promise<string[]> {
  const folder = dirname(live);
  if (!existsSync(folder)) {
    return newFolderObstacles(folder);
  }
  // Logs and journals are moved away with their folder's permission; in place SQLite writes to them.
  const written = mode === 'in-place' ? databaseFiles({ database: live }) : [live];
  const files = written.filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
  return writeObstacles([folder, ...files], (path) => (path === folder ? ', where SQLite needs its journal' : ''));
}

/** A sentence for each path that this user may not write to, or whose attributes forbid it to anybody. */
async function writeObstacles(paths: readonly string[], which: (path: string) => string): Promise<string[]> {
  const fixed = await unchangeableOf(paths);
  const closed = paths.filter((path) => !fixed.includes(path) && !isWritable(path));
  return [
    ...fixed.map((path) => said`${path} cannot be changed because of its attributes: run chattr -i -a "${path}" as root.`),
    ...closed.map((path) => said`This user may not write to ${path}${which(path)}: ${remedyFor(path)}.`),
  ];
}

function newFolderObstacles(folder: string): string[] {
  const parent = existingParent(folder);
  return isWritable(parent) ? [] : [said`This user may not make ${folder}: ${remedyFor(parent)}.`];
}

function existingParent(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : existingParent(dirname(path));
}

/** Where permissions are not what is in the way, changing them helps nobody. */
function remedyFor(path: string): string {
  const refusal = refusalOf(path);
  if (refusal === 'EROFS') {
    return 'its file system is mounted read-only';
  }
  return refusal === 'EPERM'
    ? said`its attributes forbid it, so run chattr -i "${path}" as root`
    : said`run chmod u+w "${path}" as its owner`;
}

function isWritable(path: string): boolean {
  return refusalOf(path) === null;
}

/** The system's code for why a path may not be written; null: it may, or is gone, as the journal of a program at work comes and goes. */
function refusalOf(path: string): string | null {
  try {
    accessSync(path, constants.W_OK);
    return null;
  } catch (error) {
    const code = errnoOf(error);
    return code === 'ENOENT' ? null : code;
  }
}
