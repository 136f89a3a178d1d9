// Rows about uploads: first backup, the next one and restore, against cp, rsync, restic, borg and fs-extra.
import { copy } from 'fs-extra';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { present, row, sh, type Row, type Work } from './measure';
import { changeUploads, emptied, emptyDatabase, engine, fillUploads, forget, newPlace, type Place } from './places';

export async function uploadsRows(count: number, rounds: number): Promise<Row[]> {
  const place = newPlace(`uploads-${count}`);
  emptyDatabase(place);
  fillUploads(place, count);
  const rows = [await firstRow(place, count, rounds), await nextRow(place, count, rounds), await restoreRow(place, count, rounds)];
  rmSync(place.root, { recursive: true });
  rmSync(place.scratch, { recursive: true });
  return rows;
}

async function firstRow(place: Place, count: number, rounds: number): Promise<Row> {
  const { root, uploads, scratch } = place;
  const before = (): void => {
    emptied(scratch);
  };
  const shell = (name: string, script: string): Work => ({
    name,
    before,
    run: () => {
      sh(script, uploads, scratch);
    },
  });
  return row(`first backup of ${count} uploads of 20 kB`, 1.3, rounds, [
    {
      name: 'ours',
      before: () => forget(place),
      run: (round) => engine.create({ root }, { trigger: 'manual', name: `round-${round}` }),
    },
    shell('cp -a and sync', 'cp -a "$1" "$2/u" && sync -f "$2"'),
    ...present('rsync', [shell('rsync -a and sync', 'rsync -a "$1" "$2/u" && sync -f "$2"')]),
    ...present('restic', [
      {
        ...shell(
          'restic',
          'restic -q backup "$1" -r "$2/r" --insecure-no-password 2>/dev/null || RESTIC_PASSWORD=x restic -q backup "$1" -r "$2/r"',
        ),
        before: () => {
          before();
          sh('RESTIC_PASSWORD=x restic -q init -r "$1/r"', scratch);
        },
        run: () => {
          sh('RESTIC_PASSWORD=x restic -q backup "$1" -r "$2/r"', uploads, scratch);
        },
      },
    ]),
    ...present('borg', [
      {
        ...shell('borg', 'BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes borg create -C none "$2/b::one" "$1"'),
        before: () => {
          before();
          sh('borg init -e none "$1/b"', scratch);
        },
      },
    ]),
    { name: 'fs-extra copy', before, run: () => copy(uploads, join(scratch, 'u'), { preserveTimestamps: true }) },
  ]);
}

async function nextRow(place: Place, count: number, rounds: number): Promise<Row> {
  const { root, uploads, scratch } = place;
  await forget(place);
  emptied(scratch);
  await engine.create({ root }, { trigger: 'manual', name: 'base' });
  sh('cp -a "$1" "$2/rsync-0"', uploads, scratch);
  const change = (): void => {
    changeUploads(place, count);
  };
  const restic = present('restic', [
    {
      name: 'restic',
      before: change,
      run: () => {
        sh('RESTIC_PASSWORD=x restic -q backup "$1" -r "$2/r"', uploads, scratch);
      },
    },
  ]);
  const borg = present('borg', [
    {
      name: 'borg',
      before: change,
      run: (round) => {
        sh('BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes borg create -C none "$2/b::$3" "$1"', uploads, scratch, `r${round}`);
      },
    },
  ]);
  if (restic.length > 0) {
    sh('RESTIC_PASSWORD=x restic -q init -r "$2/r" && RESTIC_PASSWORD=x restic -q backup "$1" -r "$2/r"', uploads, scratch);
  }
  if (borg.length > 0) {
    sh(
      'borg init -e none "$2/b" && BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes borg create -C none "$2/b::base" "$1"',
      uploads,
      scratch,
    );
  }
  return row(`next backup of ${count} uploads, 1 % changed`, 0.8, rounds, [
    {
      name: 'ours',
      before: async (round) => {
        await forget(place, [round === 0 ? 'base' : `round-${round - 1}`]);
        change();
      },
      run: (round) => engine.create({ root }, { trigger: 'manual', name: `round-${round}` }),
    },
    ...present('rsync', [
      {
        name: 'rsync --link-dest',
        before: change,
        run: (round) => {
          sh('rsync -a --link-dest="$2/rsync-0" "$1/" "$2/rsync-next-$3" && sync -f "$2"', uploads, scratch, String(round));
        },
      },
    ]),
    ...restic,
    ...borg,
  ]);
}

async function restoreRow(place: Place, count: number, rounds: number): Promise<Row> {
  const { root, uploads, scratch } = place;
  await forget(place);
  emptied(scratch);
  await engine.create({ root }, { trigger: 'manual', name: 'base' });
  const saved = join(scratch, 'saved');
  const live = join(scratch, 'live');
  sh('cp -a "$1" "$2" && cp -a "$1" "$3"', uploads, saved, live);
  return row(`restore of ${count} uploads, verified, with safety backup`, 1.5, rounds, [
    {
      name: 'ours',
      before: () => forget(place, ['base']),
      run: () => engine.restore({ root }, { name: 'base', scope: 'uploads' }),
    },
    {
      name: 'rm -rf, cp -a and sync',
      run: () => {
        sh('rm -rf "$2" && cp -a "$1" "$2" && sync -f "$2"', saved, live);
      },
    },
  ]);
}
