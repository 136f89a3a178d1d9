// Which files of a checkout git tracks: they came with the project.
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const PATIENCE = 10_000;

/** Those of the absolute paths that git tracks; empty where there is no checkout or git cannot say. Reads the index, runs no hook. */
export async function trackedAmong(folder: string, paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0 || !isInCheckout(folder)) {
    return [];
  }
  const { simpleGit } = await import('simple-git');
  try {
    const git = simpleGit({ baseDir: folder, timeout: { block: PATIENCE } });
    const inside = paths.filter((path) => !relative(folder, path).startsWith('..'));
    const listed = await git.raw([
      '--no-optional-locks',
      '--literal-pathspecs',
      'ls-files',
      '-z',
      '--',
      ...inside.map((path) => relative(folder, path)),
    ]);
    const names = new Set(listed.split('\0').filter((name) => name !== ''));
    return inside.filter((path) => names.has(relative(folder, path).split('\\').join('/')));
  } catch {
    return [];
  }
}

function isInCheckout(folder: string): boolean {
  return existsSync(join(folder, '.git')) || (dirname(folder) !== folder && isInCheckout(dirname(folder)));
}
