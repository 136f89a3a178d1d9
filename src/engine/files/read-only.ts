// Folders that nobody may write to: their owner opens them for the moment in which they are moved or removed.
import { chmod, lstat, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** All that an owner may do. */
const OWNER = 0o700;
const MODE = 0o7777;

/** Moves a read-only folder, which needs to be writable because its ".." changes; it keeps its mode. false: that was not it. */
export async function moveFolder(from: string, to: string): Promise<boolean> {
  const stats = await lstat(from).catch(() => null);
  if (stats?.isDirectory() !== true || (stats.mode & OWNER) === OWNER) {
    return false;
  }
  const mode = stats.mode & MODE;
  await chmod(from, mode | OWNER);
  const isMoved = await rename(from, to).then(
    () => true,
    () => false,
  );
  await chmod(isMoved ? to : from, mode);
  return isMoved;
}

/** Lets their owner into all folders at and below `path`, so that what is in them can be removed. Follows no link. */
export async function openFolders(path: string): Promise<void> {
  try {
    const stats = await lstat(path);
    if (!stats.isDirectory()) {
      return;
    }
    if ((stats.mode & OWNER) !== OWNER) {
      await chmod(path, (stats.mode & MODE) | OWNER);
    }
    for (const name of await readdir(path)) {
      await openFolders(join(path, name));
    }
  } catch (error) {
    // Somebody removes it meanwhile.
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOENT') {
      throw error;
    }
  }
}
