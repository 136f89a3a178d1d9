// The bytes of a database and of its side files, brought from a container to names beside the copy: half of a copy is none.
import { closeSync, existsSync, mkdirSync, openSync, readSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { BackupError } from '../errors';
import type { Docker, PathStat } from './docker';
import { putFile } from './entries';
import { copyOnHost } from './host-path';
import { readTar } from './tar';
import type { Door } from './volume';
import { said } from '../said';

/** What SQLite needs beside a database to bring it in order, and the database last: without it, there is none. */
export const FILES = ['-wal', '-journal', ''] as const;
/** The first two: what is left to copy where the database itself has been copied before. */
export const SIDES = ['-wal', '-journal'] as const;
/** Bytes of a log's header: another one, and its frames are another log's (https://www.sqlite.org/fileformat2.html#walformat). */
const LOG_HEADER = 32;
/** Where a database says how it is read; 1: with a rollback journal. */
const READ_VERSION = 19;

/** Where it is copied from and to. */
export interface CopyOf {
  readonly docker: Docker;
  readonly door: Door;
  /** In the container. */
  readonly path: string;
  /** Absolute, on this machine. */
  readonly target: string;
  /** Milliseconds since 1970, at which copying fails with TakesTooLong; absent: it takes the time it needs. */
  readonly until?: number;
}

export async function copyFiles(of: CopyOf, files: readonly string[] = FILES): Promise<void> {
  const { path, target } = of;
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  try {
    // The database first: of a log that grows meanwhile, what is more is only newer.
    for (const suffix of [...files].reverse()) {
      await copyFile(of, path + suffix, `${target}${suffix}.new`);
    }
  } catch (error) {
    removeNew(target);
    throw error;
  }
}

export function removeNew(target: string): void {
  FILES.forEach((suffix) => {
    rmSync(`${target}${suffix}.new`, { force: true });
  });
}

/** In the order of FILES. */
export async function statsOf({ docker, door, path }: CopyOf): Promise<(PathStat | null)[]> {
  return Promise.all(FILES.map((suffix) => docker.stat(door.container, door.pathOf(path + suffix))));
}

export function textOf(stat: PathStat | null | undefined): string {
  return stat === null || stat === undefined ? '-' : `${stat.size}:${stat.mtime}`;
}

async function copyFile({ docker, door, until }: CopyOf, path: string, target: string): Promise<void> {
  rmSync(target, { force: true });
  if (await copyOnHost(docker, door, path, target)) {
    return;
  }
  const archive = await docker.archive(door.container, door.pathOf(path), until);
  if (archive === null) {
    return;
  }
  try {
    for await (const entry of readTar(archive)) {
      if (entry.kind !== 'file') {
        throw new BackupError('READ_FAILED', said`${path} in the container is not a file.`, 'Look at it with "docker compose exec".');
      }
      await putFile(entry, target, dirname(target));
    }
  } finally {
    archive.destroy();
  }
}

/** In hex; empty: there is no log, or nothing in it. */
export async function logHeader({ docker, door, path }: CopyOf): Promise<string> {
  const archive = await docker.archive(door.container, door.pathOf(`${path}-wal`));
  if (archive === null) {
    return '';
  }
  try {
    for await (const entry of readTar(archive)) {
      const parts: Buffer[] = [];
      for await (const chunk of entry.content) {
        parts.push(chunk);
        if (Buffer.concat(parts).length >= LOG_HEADER) {
          break;
        }
      }
      return Buffer.concat(parts).toString('hex', 0, LOG_HEADER);
    }
    return '';
  } finally {
    archive.destroy();
  }
}

export function headerIn(file: string): string {
  if (!existsSync(file)) {
    return '';
  }
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(LOG_HEADER);
    return bytes.toString('hex', 0, readSync(handle, bytes));
  } finally {
    closeSync(handle);
  }
}

/** Whether a copied database is one whose changes go into the file itself, with each transaction. */
export function isInRollbackMode(file: string): boolean {
  return headerIn(file).slice(READ_VERSION * 2, READ_VERSION * 2 + 2) === '01';
}
