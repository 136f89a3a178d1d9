// What files are besides their bytes, as the system's own calls say it: for comparison before and after.
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readlinkSync, writeFileSync, type BigIntStats } from 'node:fs';
import { dirname, join } from 'node:path';

export const IS_ROOT = process.getuid?.() === 0;

/** Path -> type, mode, owner, time in nanoseconds, and target or size; of the folder itself ('.') too. Follows no link. */
export function attributesIn(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  const look = (path: string): void => {
    const stats = lstatSync(join(folder, path), { bigint: true });
    found[path] = `${kindOf(join(folder, path), stats)} ${stats.uid}:${stats.gid} ${stats.mtimeNs}`;
    for (const name of stats.isDirectory() ? readdirSync(join(folder, path)).sort() : []) {
      look(join(path, name));
    }
  };
  look('.');
  return found;
}

function kindOf(path: string, stats: BigIntStats): string {
  const mode = (Number(stats.mode) & 0o7777).toString(8);
  return stats.isSymbolicLink() ? `-> ${readlinkSync(path)}` : stats.isDirectory() ? `folder ${mode}` : `file ${mode} ${stats.size} bytes`;
}

/** Sets the times of files, folders or links: ISO 8601, to the nanosecond. */
export function setTime(time: string, ...paths: string[]): void {
  execFileSync('touch', ['-h', '-d', time, ...paths]);
}

/** Writes a file with its folders. */
export function write(path: string, content: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}
