// The staged database while a dump is loaded into it: one transaction, no journal, and only statements that were allowed.
import Database from 'better-sqlite3';
import { BackupError } from '../../errors';
import type { Connection } from '../connection';
import { codeOf, explainSqlite } from '../explain';
import { folded } from '../same-name';
import type { Turns } from '../../operation';
import { judge } from './allowed';
import type { DumpCounts } from './format';
import { virtualTableEntry } from './schema-entry';
import type { Statement } from './statement';
import { StatementSplitter } from './statements';
import { acceptDoubleQuotes } from './double-quotes';
import { said } from '../../said';

const CREATED = /^CREATE\s+VIRTUAL\s+TABLE\s+("(?:[^"]|"")+"|'[^']+'|`[^`]+`|\[[^\]]+\]|\w+)\s/i;
const MOST_LATER = 64 * 1024 * 1024;

export class LoadingDatabase {
  /** The transaction in the dump's own words. */
  transaction: 'none' | 'open' | 'committed' = 'none';
  private readonly db: Connection;
  private begun = false;
  /** Python's dumps begin with BEGIN, those of the shell with a PRAGMA. */
  private isPythons: boolean | undefined;
  private rows = 0;
  private analyze = false;
  private readonly later: Statement[] = [];
  private laterLength = 0;
  private readonly header: string[] = [];
  /** Virtual tables that the schema holds already, in small letters. */
  private readonly entered = new Set<string>();

  constructor(private readonly file: string) {
    this.db = new Database(file, { fileMustExist: true });
    // A dump enters virtual tables in the schema and fills their shadow tables; SQLite forbids both otherwise.
    this.db.unsafeMode(true);
    for (const pragma of [
      'trusted_schema = OFF',
      'journal_mode = OFF',
      'synchronous = OFF',
      'foreign_keys = OFF',
      'locking_mode = EXCLUSIVE',
    ]) {
      this.db.pragma(pragma);
    }
  }

  /** Judges a statement and does what it asks for. Fails with DUMP_REFUSED and its line. */
  take(statement: Statement): void {
    const verdict = judge(statement);
    this.isPythons ??= verdict.act === 'begin';
    switch (verdict.act) {
      case 'refuse':
        throw refused(statement, verdict.reason);
      case 'skip':
        return;
      case 'begin':
        this.transaction = 'open';
        return;
      case 'commit':
        this.transaction = 'committed';
        return;
      case 'analyze':
        this.analyze = true;
        return;
      case 'later':
        this.postpone(statement);
        return;
      case 'pragma':
        this.pragma(statement, verdict.name, verdict.value);
        return;
      case 'virtual-table':
        this.begin();
        this.enterVirtualTable(statement);
        return;
      case 'insert':
        this.begin();
        // Python writes the rows of a virtual table, too; its shadow tables bring them already.
        this.rows += this.entered.has(verdict.table) ? 0 : this.run(statement);
        return;
      case 'run':
        this.begin();
        if (!(this.isPythons && this.enterCreated(statement))) {
          this.run(statement);
        }
    }
  }

  /** Runs what had to wait, and commits. */
  async finish(turns: Turns): Promise<void> {
    this.begin();
    for (const statement of this.later) {
      if (statement.head[0]?.value === 'CREATE' || this.hasSequence(statement.head[0]?.value === 'INSERT')) {
        this.run(statement);
      }
      await turns.next();
    }
    if (this.analyze) {
      this.db.exec('ANALYZE');
    }
    for (const pragma of this.header) {
      this.db.pragma(pragma);
    }
    this.db.exec('COMMIT');
    this.begun = false;
  }

  /** Tables in the schema, and rows that the dump's own INSERTs brought. Closes the database. */
  counts(): DumpCounts {
    const tables = Number(
      this.db.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'").pluck().get(),
    );
    this.close();
    return { tables, rows: this.rows };
  }

  close(): void {
    this.db.close();
  }

  private begin(): void {
    if (!this.begun) {
      this.db.exec('BEGIN');
      this.begun = true;
    }
  }

  /**
   * The numbers of AUTOINCREMENT have a table only since the first such table was made; it stays when the last one is
   * dropped, and shells write of it all the same.
   */
  private hasSequence(isNeeded: boolean): boolean {
    const has = (): boolean => this.db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").get() !== undefined;
    if (!has() && isNeeded) {
      this.db.exec('CREATE TABLE "pats-backup sequence"(id INTEGER PRIMARY KEY AUTOINCREMENT); DROP TABLE "pats-backup sequence"');
    }
    return has();
  }

  private postpone(statement: Statement): void {
    this.later.push(statement);
    this.laterLength += statement.sql.length;
    if (this.laterLength > MOST_LATER) {
      throw refused(statement, 'there are too many triggers');
    }
  }

  private pragma(statement: Statement, name: string, value: string): void {
    if (['user_version', 'application_id'].includes(name)) {
      this.header.push(`${name} = ${value}`);
      return;
    }
    if (this.begun) {
      throw refused(statement, said`PRAGMA ${name} must come before the tables`);
    }
    this.db.pragma(`${name} = ${value}`);
  }

  /** Runs exactly one statement: `prepare` takes no second one. */
  private run(statement: Statement): number {
    try {
      return this.db.prepare(statement.sql).run().changes;
    } catch (error) {
      if (acceptDoubleQuotes(this.db, statement, error)) {
        return 0;
      }
      throw this.explain(statement, error);
    }
  }

  private enterVirtualTable(statement: Statement): void {
    const row = virtualTableEntry(statement.sql);
    const inner = row === undefined ? [] : [...new StatementSplitter(statement.sql.length).push(`${row.sql}\n;`, true)];
    const [create] = inner;
    const sound =
      row !== undefined &&
      row.name === row.table &&
      create !== undefined &&
      inner.length === 1 &&
      create.head[1]?.value === 'VIRTUAL' &&
      judge(create).act === 'run';
    if (!sound) {
      throw refused(statement, 'only a virtual table may be entered in the schema');
    }
    this.enter(statement, row);
  }

  /** Old releases of Python write CREATE VIRTUAL TABLE, and then its shadow tables as well: it is only entered. */
  private enterCreated(statement: Statement): boolean {
    const name = CREATED.exec(statement.sql)?.[1];
    if (name === undefined) {
      return false;
    }
    const plain = /^["'`[]/.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name;
    this.enter(statement, { name: plain, table: plain, sql: statement.sql.trim().replace(/;$/, '') });
    return true;
  }

  private enter(statement: Statement, row: { readonly name: string; readonly table: string; readonly sql: string }): void {
    try {
      this.db.pragma('writable_schema = ON');
      this.db
        .prepare("INSERT INTO sqlite_schema(type, name, tbl_name, rootpage, sql) VALUES('table', ?, ?, 0, ?)")
        .run(row.name, row.table, row.sql);
      this.entered.add(folded(row.name));
    } catch (error) {
      throw this.explain(statement, error);
    } finally {
      this.db.pragma('writable_schema = OFF');
    }
  }

  private explain(statement: Statement, error: unknown): unknown {
    // A statement with parameters, which nobody binds here, is no SqliteError.
    if (!(error instanceof Error) || !(isOfStatement(error) || error instanceof TypeError || error instanceof RangeError)) {
      return explainSqlite(error, this.file);
    }
    const text = said`Line ${statement.line} of the dump: ${error.message}. Nothing was changed.`;
    return new BackupError('DUMP_INVALID', text, 'Correct the dump, or choose another one.', { cause: error });
  }
}

/** Whether SQLite says that the statement itself cannot be done, whatever the file. */
export function isOfStatement(error: unknown): boolean {
  return /^SQLITE_(ERROR|CONSTRAINT|MISMATCH|TOOBIG|RANGE|AUTH|CORRUPT)/.test(codeOf(error));
}

function refused(statement: Statement, reason: string): BackupError {
  return new BackupError(
    'DUMP_REFUSED',
    said`Line ${statement.line} of the dump is refused: ${reason}. Nothing was changed.`,
    'Restore only dumps that you trust; remove the line if you know that it is not needed.',
  );
}
