// Whether this user may write somewhere, and what helps where not.
import { accessSync, constants, existsSync, lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { closedPaths } from '../containers/through-service';
import { here } from '../platform/platform';
import type { Project } from '../project/project';
import { said } from '../said';

const DATABASE_SIDES = ['', '-wal', '-shm', '-journal'];

export function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** For a path that this user may not write: one command for everything of the project that is so, and for nothing else. */
export function ownerAdvice(project: Project, path: string): string {
  if (here.isWindows) {
    return said`Give this user the right to write ${path}.`;
  }
  const { database, uploads, backups } = project;
  const closed = new Set([...closedPaths(project), path, ...(existsSync(backups) && !isWritable(backups) ? [backups] : [])]);
  const trees = [...uploads, backups].filter((each) => closed.has(each));
  const ofDatabase = database === null ? [] : [dirname(database), ...DATABASE_SIDES.map((side) => database + side)];
  const single = ofDatabase.some((each) => closed.has(each)) ? ofDatabase.filter((each) => closed.has(each) || isOthers(each)) : [];
  const commands = [
    ...commandFor(
      '',
      single.filter((each) => !trees.includes(each)),
    ),
    ...commandFor('-R ', trees),
  ];
  return said`A container that runs as root may own it. Run: ${commands.join(' && ')}`;
}

function commandFor(option: string, paths: readonly string[]): string[] {
  return paths.length === 0 ? [] : [`sudo chown ${option}"$(id -u):$(id -g)" ${paths.map((path) => `"${path}"`).join(' ')}`];
}

function isOthers(path: string): boolean {
  const uid = lstatSync(path, { throwIfNoEntry: false })?.uid;
  return uid !== undefined && uid !== process.getuid?.();
}
