// Paths of a project: written ones made absolute, and comparison of where they really are, symbolic links included.
import { realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

/** The absolute path of a written one: `${workspaceFolder}` and `~` are expanded, relative ones start at `root`. */
export function expandPath(written: string, root: string): string {
  const path = written.replaceAll('${workspaceFolder}', root);
  if (path === '~' || path.startsWith('~/') || path.startsWith('~\\')) {
    return join(homedir(), path.slice(1));
  }
  return resolve(root, path);
}

/** Whether `inner` is `outer` or lies below it. Both absolute. */
export function contains(outer: string, inner: string): boolean {
  const way = relative(outer, inner);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** Where a path really is: links are followed as far as the path exists, the rest is appended. */
export async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await realPathOf(parent), basename(path));
  }
}

/** For people: relative to the project where it lies inside, with `/`; `.` is the project itself. */
export function shown(path: string, root: string): string {
  return contains(root, path) ? relative(root, path).split(sep).join('/') || '.' : path;
}

/** How a backup names what it was made of: relative to the project with `/`, or as SERVICE:PATH. */
export function sourceOf(
  { root, copies }: { readonly root: string; readonly copies?: Readonly<Record<string, string>> },
  path: string,
): string {
  return copies?.[path] ?? relative(root, path).split(sep).join('/');
}

export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
