// The data that is measured: projects with a database and uploads of a size, in one scratch folder.
import Database from 'better-sqlite3';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomFillSync } from 'node:crypto';
import { createEngine } from '../../src/engine/create-engine';
import { realDisk } from '../../src/engine/files/disk';

export const engine = createEngine();
/** As backups do it on a disk of this machine. */
export const held = { copyApart: realDisk.copyApart.bind(realDisk), onHeld: () => undefined };
const root = mkdtempSync(join(process.env['PATS_BENCH'] ?? tmpdir(), 'pats-bench-'));

export interface Place {
  readonly root: string;
  readonly database: string;
  readonly uploads: string;
  /** An empty folder for what peers make. */
  readonly scratch: string;
}

export function removePlaces(): void {
  rmSync(root, { recursive: true, force: true });
}

export function newPlace(name: string, above = root): Place {
  const folder = join(above, name);
  const place = {
    root: folder,
    database: join(folder, 'data/app.db'),
    uploads: join(folder, 'uploads'),
    scratch: join(above, `${name}-peers`),
  };
  [join(folder, 'data'), place.uploads, place.scratch].forEach((path) => mkdirSync(path, { recursive: true }));
  return place;
}

export function fillDatabase({ database }: Pick<Place, 'database'>, megabytes: number, journalMode = 'WAL'): void {
  const db = new Database(database);
  db.pragma(`journal_mode = ${journalMode}`);
  db.pragma('synchronous = OFF');
  db.exec('CREATE TABLE entry (id INTEGER PRIMARY KEY, name TEXT, bytes BLOB); CREATE INDEX entry_name ON entry(name)');
  const insert = db.prepare(
    `INSERT INTO entry (name, bytes) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT 'entry ' || i, randomblob(3900) FROM n`,
  );
  for (let left = megabytes * 250; left > 0; left -= 25_000) {
    insert.run(Math.min(left, 25_000));
  }
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
}

export function emptyDatabase({ database }: Pick<Place, 'database'>): void {
  new Database(database).exec('CREATE TABLE t (a)').close();
}

export function fillUploads({ uploads }: Pick<Place, 'uploads'>, count: number, bytes = 20_000): void {
  const content = Buffer.alloc(bytes);
  for (let number = 0; number < count; number++) {
    const folder = join(uploads, String(number % 100));
    if (number < 100) {
      mkdirSync(folder, { recursive: true });
    }
    writeFileSync(join(folder, `${number}.bin`), randomFillSync(content));
  }
}

/** Gives every hundredth upload another content. */
export function changeUploads({ uploads }: Pick<Place, 'uploads'>, count: number): void {
  const content = Buffer.alloc(20_000);
  for (let number = 0; number < count; number += 100) {
    writeFileSync(join(uploads, String(number % 100), `${number}.bin`), randomFillSync(content));
  }
}

export function emptied(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
}

export async function forget(place: Place, keep: readonly string[] = []): Promise<void> {
  const { backups } = await engine.list({ root: place.root });
  const names = backups.map(({ name }) => name).filter((name) => !keep.includes(name));
  await (names.length === 0 ? undefined : engine.remove({ root: place.root }, { names }));
}
