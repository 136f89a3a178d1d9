// Paths for people: relative where they lie in the project.
import { isAbsolute, relative } from 'node:path';

export function shownPath(path: string, root: string): string {
  const way = relative(root, path);
  return way === '' || way.startsWith('..') || isAbsolute(way) ? path : way;
}
