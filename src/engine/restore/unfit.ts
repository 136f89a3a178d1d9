// Names in a backup that the disk of the live uploads cannot hold, found before anything is staged.
import { unfitIn } from '../files/fitting';
import type { UnfitName } from '../platform/names';
import type { Environment } from '../store/environment';
import type { GoodBackup } from '../store/list';
import { readFileList, readFolderList } from '../store/manifest-file';
import type { RestoreTarget } from './target';

/** By their paths in the backup; empty: all fit, or the backup has no list of its files (format 1.0). */
export async function unfitNamesOf(env: Environment, target: RestoreTarget, { path, manifest }: GoodBackup): Promise<UnfitName[]> {
  // A list that cannot be used is a matter of verification.
  const files = (await readFileList(env.disk, path, manifest).catch(() => null)) ?? [];
  const folders = (await readFolderList(env.disk, path, manifest).catch(() => null)) ?? [];
  const names = [...files, ...folders].map((entry) => entry.path);
  const found: UnfitName[] = [];
  for (const { live, folder } of target.uploads) {
    const below = names.filter((name) => name.startsWith(`${folder}/`));
    found.push(...(await unfitIn(env.disk, live, below, env.platform)));
  }
  return found;
}
