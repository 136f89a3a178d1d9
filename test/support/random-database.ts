// Databases with random schemas and rows; the same seed gives the same database.
import Database from 'better-sqlite3';

class Random {
  constructor(
    private state: number,
    readonly extremes: boolean,
  ) {}

  /** A whole number below `limit` (mulberry32). */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}

const NAMES = ['id', 'rowid', 'oid', 'a b', 'select', 'na"me', "it's", 'x;y', '--', '/*', 'ümlaut', '[z]', '`q`', 'values', 'end'];
const TYPES = ['', 'INTEGER', 'TEXT', 'REAL', 'BLOB', 'NUMERIC', 'VARCHAR(10)'];
const TEXTS = [
  "'",
  "''",
  '\0',
  '\r\n',
  '\r',
  '\n',
  '\\r',
  '\ufffd',
  '\u{1f600}',
  ';',
  '--',
  '/*',
  '*/',
  'END;',
  'é',
  '"',
  '\u0001',
  'word',
];
const REALS = [0, -0, 0.1, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, Infinity, -Infinity, 123456789.125, 2 ** 53];

/** Without extremes: no doubles that SQLite before 3.42 reads a bit off from their decimal form. */
export function makeRandomDatabase(file: string, seed: number, { extremes = true } = {}): void {
  const random = new Random(seed, extremes);
  const db = new Database(file);
  db.pragma(`encoding = '${random.pick(['UTF-8', 'UTF-8', 'UTF-16le', 'UTF-16be'])}'`);
  db.pragma(`page_size = ${random.pick([512, 4096, 65536])}`);
  db.exec('BEGIN');
  for (let table = 0; table <= random.below(4); table++) {
    addTable(db, random, `${random.pick(NAMES)}${table}`);
  }
  db.pragma(`user_version = ${random.below(2 ** 31)}`);
  db.pragma(`application_id = ${-random.below(2 ** 31)}`);
  db.exec('COMMIT');
  if (random.below(3) === 0) {
    db.exec('ANALYZE');
  }
  db.close();
}

function addTable(db: Database.Database, random: Random, table: string): void {
  const columns = [...new Set(Array.from({ length: 1 + random.below(5) }, () => random.pick(NAMES)))];
  const name = quote(table);
  const kind = random.pick(['plain', 'plain', 'key', 'sequence', 'without rowid', 'strict', 'generated']);
  const strict = kind === 'strict';
  const parts = columns.map(
    (column) =>
      `${quote(column)} ${strict ? random.pick(['INTEGER', 'TEXT', 'ANY', 'BLOB']) : random.pick(TYPES)} ${random.pick(['', '', 'COLLATE NOCASE', "DEFAULT 'x;'"])}`,
  );
  if (kind === 'key' || kind === 'sequence' || kind === 'without rowid') {
    parts.unshift(`k INTEGER PRIMARY KEY ${kind === 'sequence' ? 'AUTOINCREMENT' : ''}`);
  }
  if (kind === 'generated') {
    parts.push(`g AS (typeof(${quote(columns[0] ?? '')})) ${random.pick(['STORED', 'VIRTUAL'])}`);
  }
  db.exec(`CREATE TABLE ${name}(${parts.join(', ')}) ${strict ? 'STRICT' : kind === 'without rowid' ? 'WITHOUT ROWID' : ''}`);
  addRows(db, random, name, columns, kind);
  if (random.below(2) === 0) {
    db.exec(
      `CREATE INDEX ${quote(`${table} index`)} ON ${name}(${columns.map((column) => `${quote(column)} ${random.pick(['', 'DESC'])}`).join(', ')})`,
    );
  }
  if (random.below(2) === 0) {
    db.exec(`CREATE VIEW ${quote(`${table} view`)} AS SELECT *, ';' FROM ${name} -- all`);
  }
  if (random.below(2) === 0) {
    db.exec(
      `CREATE TRIGGER ${quote(`${table} trigger`)} AFTER INSERT ON ${name} BEGIN SELECT CASE WHEN 1 THEN 'END;' END; DELETE FROM ${name}; END`,
    );
  }
}

function addRows(db: Database.Database, random: Random, name: string, columns: readonly string[], kind: string): void {
  const keyed = kind === 'key' || kind === 'sequence' || kind === 'without rowid';
  const targets = keyed ? ['k', ...columns.map(quote)] : columns.map(quote);
  const insert = db.prepare(`INSERT OR IGNORE INTO ${name}(${targets.join(', ')}) VALUES (${targets.map(() => '?').join(', ')})`);
  for (let row = 0; row < random.below(150); row++) {
    const values = columns.map(() => value(random));
    try {
      insert.run(keyed ? [BigInt(random.below(1000)) - 500n, ...values] : values);
    } catch (error) {
      // A strict table refuses what does not fit.
      if (kind !== 'strict' || !(error instanceof Error)) {
        throw error;
      }
    }
  }
  if (kind !== 'without rowid' && random.below(2) === 0) {
    db.exec(`DELETE FROM ${name} WHERE ${quote(columns[0] ?? '')} IS NULL`);
  }
}

function value(random: Random): unknown {
  switch (random.below(7)) {
    case 0:
      return null;
    case 1:
      return random.pick([0n, 1n, -1n, 9223372036854775807n, -9223372036854775808n, 9007199254740993n, BigInt(random.below(1000))]);
    case 2:
      return random.pick(REALS);
    case 3:
      return random.extremes ? random.bytes(8).readDoubleLE() || 0 : (random.below(2 ** 32) - 2 ** 31) / (1 + random.below(2 ** 20));
    case 4:
      return random.bytes(random.below(random.below(20) === 0 ? 200_000 : 20));
    default:
      return (
        Array.from({ length: random.below(6) }, () => random.pick(TEXTS)).join('') + (random.below(40) === 0 ? 'long '.repeat(30_000) : '')
      );
  }
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
