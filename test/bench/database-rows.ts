// Rows about databases: backup, snapshot, restore, verification and dumps, against cp, the sqlite3 shell and better-sqlite3.
import Database from 'better-sqlite3';
import { rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { realDisk } from '../../src/engine/files/disk';
import { takeSnapshot } from '../../src/engine/sqlite/snapshot';
import { present, row, sh, type Row, type Work } from './measure';
import { emptied, engine, fillDatabase, forget, held, newPlace, type Place } from './places';

export async function databaseRows(megabytes: number, rounds: number, goal: number): Promise<Row[]> {
  const place = newPlace(`database-${megabytes}`);
  fillDatabase(place, megabytes);
  const rows = [await backupRow(place, megabytes, rounds, goal), ...(await snapshotRows(place, megabytes, rounds))];
  await forget(place);
  await engine.create({ root: place.root }, { trigger: 'manual', name: 'base' });
  rows.push(
    await restoreRow(place, megabytes, rounds),
    await freshRow(place, megabytes, rounds),
    await verifyRow(place, megabytes, rounds),
  );
  rmSync(place.root, { recursive: true });
  rmSync(place.scratch, { recursive: true });
  return rows;
}

function copyAndSync({ database, scratch }: Place): Work {
  return {
    name: 'cp and sync (not safe)',
    before: () => {
      emptied(scratch);
    },
    run: () => {
      sh('cp "$1" "$2/c.db" && sync "$2/c.db"', database, scratch);
    },
  };
}

async function backupRow(place: Place, megabytes: number, rounds: number, goal: number): Promise<Row> {
  const { root, database, scratch } = place;
  const before = (): void => {
    emptied(scratch);
  };
  return row(`backup of a ${megabytes} MB database, hashed and checked`, goal, rounds, [
    {
      name: 'ours',
      before: () => forget(place),
      run: (round) => engine.create({ root }, { trigger: 'manual', name: `round-${round}` }),
    },
    copyAndSync(place),
    ...present('sqlite3', [
      {
        name: 'cp, sync, openssl sha256, quick_check',
        before,
        run: () => {
          sh(
            'cp "$1" "$2/c.db" && sync "$2/c.db" && openssl dgst -sha256 "$2/c.db" && sqlite3 "$2/c.db" "PRAGMA quick_check"',
            database,
            scratch,
          );
        },
      },
      {
        name: 'sqlite3 .backup',
        before,
        run: () => {
          sh('sqlite3 "$1" ".backup $2/b.db" && sync "$2/b.db"', database, scratch);
        },
      },
    ]),
    { name: 'better-sqlite3 backup()', before, run: () => ofBetterSqlite(database, join(scratch, 'b.db')) },
  ]);
}

async function ofBetterSqlite(from: string, to: string): Promise<void> {
  const db = new Database(from);
  await db.backup(to);
  db.close();
}

async function snapshotRows(place: Place, megabytes: number, rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const mode of ['WAL', 'DELETE']) {
    const db = new Database(place.database);
    db.pragma(`journal_mode = ${mode}`);
    db.close();
    const target = join(place.scratch, 'snapshot.db');
    rows.push(
      await row(`snapshot alone of ${megabytes} MB in ${mode} mode`, 1.3, rounds, [
        {
          name: 'ours',
          before: () => {
            emptied(place.scratch);
          },
          run: async () => {
            await takeSnapshot(place.database, target, { held });
            await realDisk.sync(target);
          },
        },
        copyAndSync(place),
        ...present('sqlite3', [
          {
            name: 'sqlite3 .backup',
            before: () => {
              emptied(place.scratch);
            },
            run: () => {
              sh('sqlite3 "$1" ".backup $2/b.db" && sync "$2/b.db"', place.database, place.scratch);
            },
          },
        ]),
      ]),
    );
  }
  const db = new Database(place.database);
  db.pragma('journal_mode = WAL');
  db.close();
  return rows;
}

function touchRow(database: string): void {
  const db = new Database(database);
  db.exec("UPDATE entry SET name = name || 'x' WHERE id = 1");
  db.close();
}

async function restoreRow(place: Place, megabytes: number, rounds: number): Promise<Row> {
  const { root, database, scratch } = place;
  return row(`restore in place of ${megabytes} MB, verified, with safety backup`, 1.2, rounds, [
    {
      name: 'ours',
      before: async () => {
        await forget(place, ['base']);
        touchRow(database);
      },
      run: () => engine.restore({ root }, { name: 'base', scope: 'database' }),
    },
    ...present('sqlite3', [
      {
        name: 'sqlite3 .backup and .restore, synced',
        before: () => {
          emptied(scratch);
        },
        run: () => {
          sh(
            'sqlite3 "$1" ".backup $2/b.db" && sync "$2/b.db" && sqlite3 "$1" ".restore $3" && sync "$1"',
            database,
            scratch,
            join(root, 'backups/base/app.db'),
          );
        },
      },
    ]),
  ]);
}

async function freshRow(place: Place, megabytes: number, rounds: number): Promise<Row> {
  const { root, database, scratch } = place;
  const result = await row(`restore of ${megabytes} MB where no database is`, 5, rounds, [
    {
      name: 'ours',
      before: async () => {
        await forget(place, ['base']);
        unlinkSync(database);
      },
      run: () => engine.restore({ root, database }, { name: 'base', scope: 'database' }),
    },
    {
      ...copyAndSync(place),
      name: 'cp and sync',
      before: () => {
        emptied(scratch);
      },
    },
  ]);
  await forget(place, ['base']);
  return result;
}

async function verifyRow(place: Place, megabytes: number, rounds: number): Promise<Row> {
  const file = join(place.root, 'backups/base/app.db');
  return row(`verify of ${megabytes} MB`, 0.8, rounds, [
    { name: 'ours', run: () => engine.verify({ root: place.root }, { names: ['base'] }) },
    ...present('openssl', [
      {
        name: 'openssl sha256 and sqlite3 quick_check',
        run: () => {
          sh('openssl dgst -sha256 "$1" && sqlite3 "$1" "PRAGMA quick_check"', file);
        },
      },
    ]),
  ]);
}

export async function dumpRows(megabytes: number, rounds: number): Promise<Row[]> {
  const place = newPlace(`dump-${megabytes}`);
  fillDatabase(place, megabytes);
  const { root, database, scratch } = place;
  const dump = join(root, 'plain.sql');
  const rows = [
    await row(`dump of ${megabytes} MB, read back`, 1.3, rounds, [
      {
        name: 'ours',
        before: () => {
          rmSync(dump, { force: true });
        },
        run: () => engine.dump({ root }, { file: dump }),
      },
      ...present('sqlite3', [
        {
          name: 'sqlite3 .dump',
          before: () => {
            emptied(scratch);
          },
          run: () => {
            sh('sqlite3 "$1" .dump > "$2/d.sql"', database, scratch);
          },
        },
      ]),
    ]),
    await row(`restore of a dump of ${megabytes} MB, checked, with safety backup`, 1, rounds, [
      { name: 'ours', before: () => forget(place), run: () => engine.restoreDump({ root }, { file: dump }) },
      ...present('sqlite3', [
        {
          name: 'sqlite3 < dump',
          before: () => {
            emptied(scratch);
          },
          run: () => {
            sh('sqlite3 "$2/r.db" < "$1"', dump, scratch);
          },
        },
      ]),
    ]),
  ];
  rmSync(root, { recursive: true });
  return rows;
}
