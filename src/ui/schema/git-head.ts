// Where git keeps what a checkout, a pull or a rebase changes; found by reading files, also in worktrees. Runs no git.
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Absolute files to be watched for the checkout that the folder is in; empty: it is in none. */
export async function gitPlaces(folder: string): Promise<readonly string[]> {
  const own = await gitFolderOf(folder);
  if (own === null) {
    return [];
  }
  const shared = await textOf(join(own, 'commondir'));
  const common = shared === null ? own : resolve(own, shared);
  return [join(own, 'HEAD'), join(common, 'packed-refs'), join(common, 'refs', 'heads')];
}

/** The folder that holds HEAD: `.git`, or for a worktree or submodule the one that the file `.git` names. */
async function gitFolderOf(folder: string): Promise<string | null> {
  for (let place = folder; ; place = dirname(place)) {
    const marker = join(place, '.git');
    const stats = await stat(marker).catch(() => null);
    if (stats?.isDirectory() === true) {
      return marker;
    }
    const named = stats === null ? null : /^gitdir:\s*(.+)$/m.exec((await textOf(marker)) ?? '')?.[1];
    if (typeof named === 'string') {
      return resolve(place, named.trim());
    }
    if (place === dirname(place)) {
      return null;
    }
  }
}

async function textOf(file: string): Promise<string | null> {
  return (await readFile(file, 'utf8').catch(() => null))?.trim() ?? null;
}
