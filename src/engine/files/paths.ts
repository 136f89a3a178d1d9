// Paths that come out of a file somebody else may have written are checked here before they are used.
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { here, type Platform } from '../platform/platform';

/** Whether a `/`-separated path from a manifest stays below the folder that it is relative to. */
export function isSafeRelative(path: string, platform: Platform = here): boolean {
  // Elsewhere these are letters of a name like any other: in Windows they separate folders, drives and streams.
  const isSeparated = platform.isWindows && /[\\:]/.test(path);
  if (path === '' || path.includes('\0') || isSeparated || platform.path.isAbsolute(path) || /^[A-Za-z]:/.test(path)) {
    return false;
  }
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** Whether `path` is `folder` itself or lies below it; both absolute. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/**
 * Links resolved as far as the path exists: what is replaced must be the file, never the link to it. Where the system
 * ignores case it comes as the disk has it, and a drive's letter is a capital: equal places are equal strings.
 */
export function resolvedPath(path: string): string {
  try {
    return spelled(realpathSync.native(path));
  } catch {
    // It does not exist (yet): its parent may.
    const parent = resolve(path, '..');
    return parent === path ? path : join(resolvedPath(parent), relative(parent, path));
  }
}

/** One editor writes `c:`, another `C:`. */
export function spelled(path: string, platform: Platform = here): string {
  return platform.isWindows ? path.replace(/^[a-z](?=:)/, (letter) => letter.toUpperCase()) : path;
}

/** The file under the name that its folder lists: a disk that ignores case takes any other one as well. */
export function asListed(file: string): string {
  try {
    const name = basename(file);
    const names = readdirSync(dirname(file));
    const other = names.includes(name) || !existsSync(file) ? name : names.find((each) => each.toLowerCase() === name.toLowerCase());
    return join(dirname(file), other ?? name);
  } catch {
    return file;
  }
}
