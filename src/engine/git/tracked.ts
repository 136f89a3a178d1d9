// Which files of a checkout git tracks: they came with the project.
import { relative } from 'node:path';
import { askGit, isInCheckout } from './run';

/** Those of the absolute paths that git tracks; empty where there is no checkout or git cannot say. Reads the index, runs no hook. */
export async function trackedAmong(folder: string, paths: readonly string[]): Promise<string[]> {
  const inside = paths.filter((path) => !relative(folder, path).startsWith('..'));
  if (inside.length === 0 || !isInCheckout(folder)) {
    return [];
  }
  const { text } = await askGit(folder, ['--literal-pathspecs', 'ls-files', '-z', '--', ...inside.map((path) => relative(folder, path))]);
  const names = new Set(text.split('\0').filter((name) => name !== ''));
  return inside.filter((path) => names.has(relative(folder, path).split('\\').join('/')));
}
