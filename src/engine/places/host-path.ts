// A file of a volume, copied as one of this machine where it is one: for root, on the machine of the Docker itself.
import { closeSync, constants, copyFileSync, fstatSync, openSync, readlinkSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { carry, requireRoomFor } from './entries';
import type { Docker } from './docker';
import type { Door } from './volume';

/**
 * Whether it was copied. Not where this process does not see the volume, or sees something else at its path: what lies in
 * a volume is a stranger's, a link in it least of all leads us anywhere. An application may stand still for this.
 */
export async function copyOnHost(docker: Docker, door: Door, path: string, target: string): Promise<boolean> {
  const host = process.getuid?.() === 0 ? await door.hostOf(path) : null;
  if (host === null) {
    return false;
  }
  let file: number | null = null;
  try {
    // What the application puts in its place meanwhile is not followed: a link, a pipe, a folder above it that is a link now.
    file = openSync(host, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const opened = `/proc/self/fd/${file}`;
    const stats = fstatSync(file, { bigint: true });
    const there = await docker.stat(door.container, door.pathOf(path));
    const isSame = there !== null && BigInt(there.size) === stats.size && Date.parse(there.mtime) === Number(stats.mtimeMs);
    if (!stats.isFile() || !isSame || readlinkSync(opened) !== host) {
      return false;
    }
    requireRoomFor(Number(stats.size), dirname(target));
    copyFileSync(opened, target, constants.COPYFILE_FICLONE);
    const [mode, uid, gid] = [stats.mode, stats.uid, stats.gid].map(Number);
    await carry(target, { kind: 'file', mode: mode ?? 0, uid: uid ?? 0, gid: gid ?? 0, mtime: Math.floor(Number(stats.mtimeMs) / 1000) });
    return true;
  } catch {
    rmSync(target, { force: true });
    return false;
  } finally {
    if (file !== null) {
      closeSync(file);
    }
  }
}
