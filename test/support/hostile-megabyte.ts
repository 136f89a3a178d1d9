// Files of at most a megabyte that are made to keep a reader busy: dumps, databases, and folders in folders.
import Database from 'better-sqlite3';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MEGABYTE = 1_000_000;
/** A good part of a second for each value. */
const SLOW = "length(replace(hex(zeroblob(20000000 + x)), '0', '12'))";

/** As many as fit. */
function many(before: string, part: (number: number) => string): string {
  const parts = [`BEGIN;\n${before}`];
  let length = before.length + 20;
  for (let number = 0; ; number++) {
    const next = part(number);
    length += next.length;
    if (length > MEGABYTE) {
      return `${parts.join('')}COMMIT;\n`;
    }
    parts.push(next);
  }
}

function rows(table: string, after = ''): string {
  const values = [...Array(300).keys()].map((row) => `INSERT INTO s(x) VALUES (${row});\n`).join('');
  return `BEGIN;\n${table};\n${values}${after}COMMIT;\n`;
}

/** SQL dumps by what they have too much of. */
export const hostileDumps: Readonly<Record<string, () => string>> = {
  tables: () => many('', (n) => `CREATE TABLE t${n}(x);\n`),
  indexes: () => many('CREATE TABLE t(x);\n', (n) => `CREATE INDEX i${n} ON t(x);\n`),
  triggers: () => many('CREATE TABLE t(x);\n', (n) => `CREATE TRIGGER g${n} AFTER INSERT ON t BEGIN SELECT 1; END;\n`),
  views: () => many('CREATE TABLE t(x);\n', (n) => `CREATE VIEW v${n} AS SELECT 1;\n`),
  'virtual tables': () => many('', (n) => `CREATE VIRTUAL TABLE f${n} USING fts5(a);\n`),
  'foreign keys': () => many('CREATE TABLE p(a);\n', (n) => `CREATE TABLE t${n}(x REFERENCES p(a));\n`),
  'a slow CHECK': () => rows(`CREATE TABLE s(x CHECK (${SLOW} > 0))`),
  'a slow DEFAULT': () => rows(`CREATE TABLE s(x, y DEFAULT (${SLOW.replace(' + x', '')}))`),
  'a slow generated column': () => rows(`CREATE TABLE s(x, y AS (${SLOW}) STORED)`),
  'a slow index': () => rows('CREATE TABLE s(x)', `CREATE INDEX i ON s(${SLOW});\n`),
  'a slow partial index': () => rows('CREATE TABLE s(x)', `CREATE INDEX i ON s(x) WHERE ${SLOW} > 0;\n`),
  'brackets in brackets': () => `CREATE TABLE t(x);\nINSERT INTO t VALUES(${'('.repeat(400_000)}1${')'.repeat(400_000)});\n`,
};

/** Databases with expressions that a look at every row would have to work out, written where SQLite itself would refuse. */
export const hostileDatabases: Readonly<Record<string, (file: string) => void>> = {
  'a slow CHECK': (file) => {
    withSchema(file, `CREATE TABLE s(x CHECK (${SLOW} > 0))`);
  },
  'a slow generated column': (file) => {
    withSchema(file, `CREATE TABLE s(x, y AS (${SLOW}) NOT NULL)`);
  },
  'a slow index': (file) => {
    withSchema(file, 'CREATE TABLE s(x)', `CREATE INDEX i ON s(${SLOW})`);
  },
  'an endless view': (file) => {
    withSchema(file, 'CREATE TABLE s(x)');
    const db = new Database(file);
    db.exec(
      'CREATE VIEW alembic_version AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n AS version_num FROM r',
    );
    db.close();
  },
};

function withSchema(file: string, table: string, index?: string): void {
  const db = new Database(file);
  db.exec('CREATE TABLE s(x); CREATE INDEX i ON s(x)');
  const insert = db.prepare('INSERT INTO s VALUES (?)');
  db.transaction(() => {
    for (let row = 0; row < 300; row++) {
      insert.run(row);
    }
  })();
  db.unsafeMode(true);
  db.pragma('writable_schema = ON');
  const set = db.prepare('UPDATE sqlite_schema SET sql = ? WHERE name = ?');
  set.run(table, 's');
  if (index !== undefined) {
    set.run(index, 'i');
  }
  db.close();
}

/** Folders in folders, so deep that their path is longer than any call of the system takes. */
export function nest(folder: string, depth: number): void {
  const here = process.cwd();
  try {
    mkdirSync(folder, { recursive: true });
    process.chdir(folder);
    for (let level = 0; level < depth; level++) {
      mkdirSync('d');
      process.chdir('d');
    }
    writeFileSync(join('.', 'f'), 'x');
  } finally {
    process.chdir(here);
  }
}
