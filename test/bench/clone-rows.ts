// Where the file system shares blocks, a copy takes neither time nor room: measured on a btrfs in a file, where this user may mount one.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeSnapshot } from '../../src/engine/sqlite/snapshot';
import { row, versionOf, type Row } from './measure';
import { emptied, fillDatabase, held, newPlace } from './places';

export async function cloneRows(megabytes: number): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pats-bench-btrfs-'));
  const mount = join(folder, 'mount');
  mkdirSync(mount);
  let isMounted = false;
  try {
    if (versionOf('mkfs.btrfs') === null) {
      throw new Error('there is no mkfs.btrfs here');
    }
    execFileSync('truncate', ['-s', `${megabytes * 4 + 512}M`, join(folder, 'image')]);
    execFileSync('mkfs.btrfs', ['-q', join(folder, 'image')]);
    execFileSync('mount', ['-o', 'loop', join(folder, 'image'), mount]);
    isMounted = true;
    const place = newPlace('clone', mount);
    fillDatabase(place, megabytes);
    execFileSync('sync', ['-f', mount]);
    const free = (): number => {
      execFileSync('sync', ['-f', mount]);
      const { bavail, bsize } = statfsSync(mount);
      return (bavail * bsize) / 1e6;
    };
    const target = join(place.scratch, 'snapshot.db');
    const before = free();
    const measured = await row(`snapshot of ${megabytes} MB on btrfs`, null, 5, [
      {
        name: 'ours',
        before: () => {
          emptied(place.scratch);
        },
        run: () => takeSnapshot(place.database, target, { held }),
      },
      {
        name: 'cp --reflink=never',
        run: () => execFileSync('cp', ['--reflink=never', place.database, join(place.scratch, 'full.db')]),
      },
    ]);
    rmSync(join(place.scratch, 'full.db'));
    await takeSnapshot(place.database, join(place.scratch, 'once-more.db'), { held });
    process.stdout.write(`a snapshot of ${megabytes} MB on btrfs takes ${(before - free()).toFixed(0)} MB of room\n`);
    return [measured];
  } catch (error) {
    process.stdout.write(`cloning is not measured: ${error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error)}\n`);
    return [];
  } finally {
    if (isMounted) {
      execFileSync('umount', [mount]);
    }
    rmSync(folder, { recursive: true, force: true });
  }
}
