// The allow-list: which statements of a dump may run, which are left out, and which end the reading.
import { folded } from '../same-name';
import type { Statement, Token } from './statement';
import { said } from '../../said';

/** What the loader does with a statement. */
export type Verdict =
  | { readonly act: 'run' }
  /** An INSERT that is counted. */
  | { readonly act: 'insert'; readonly table: string }
  /** Has no effect here, e.g. a pragma that the loader sets itself. */
  | { readonly act: 'skip' }
  | { readonly act: 'begin' }
  | { readonly act: 'commit' }
  | { readonly act: 'analyze' }
  /** Runs after all rows: triggers, and the numbers of AUTOINCREMENT. */
  | { readonly act: 'later' }
  | { readonly act: 'pragma'; readonly name: string; readonly value: string }
  | { readonly act: 'virtual-table' }
  | { readonly act: 'refuse'; readonly reason: string };

/** Modules that keep what they hold inside the database. */
const MODULES = new Set(['FTS3', 'FTS4', 'FTS5', 'FTS4AUX', 'FTS5VOCAB', 'FTS3TOKENIZE', 'RTREE', 'RTREE_I32', 'GEOPOLY']);
/** Functions that load code or touch other files. */
const FUNCTIONS = ['LOAD_EXTENSION', 'READFILE', 'WRITEFILE', 'EDIT', 'FSDIR', 'LSDIR', 'FTS3_TOKENIZER', 'SHELL_EXEC'];
/** All that the values of an INSERT need (https://www.sqlite.org/cli.html, "unistr" for control characters). */
const VALUE_WORDS = new Set('NULL X CAST AS TEXT BLOB REAL INTEGER NUMERIC REPLACE CHAR UNISTR TRUE FALSE VALUES'.split(' '));
const NUMBER_PRAGMAS = ['user_version', 'application_id', 'page_size', 'auto_vacuum'];
const SKIPPED_PRAGMAS = [
  'foreign_keys',
  'defer_foreign_keys',
  'writable_schema',
  'legacy_alter_table',
  'ignore_check_constraints',
  'synchronous',
];

const OF_SQLITE = /^sqlite_(sequence|stat\d)$/i;

const RUN: Verdict = { act: 'run' };

function refuse(reason: string): Verdict {
  return { act: 'refuse', reason };
}

/** Judges one statement by its tokens. */
export function judge(statement: Statement): Verdict {
  if (statement.plainInsertOf !== undefined) {
    return { act: 'insert', table: statement.plainInsertOf };
  }
  const forbidden = FUNCTIONS.find((name) => statement.calls.has(name));
  if (forbidden !== undefined) {
    return refuse(said`${forbidden.toLowerCase()}() reaches outside the database`);
  }
  const first = statement.head[0];
  if (first?.kind === 'mark' && first.value === '.') {
    return refuse('commands of the sqlite3 shell are not run');
  }
  switch (wordAt(statement, 0)) {
    case 'CREATE':
      return judgeCreate(statement);
    case 'INSERT':
    case 'REPLACE':
      return judgeInsert(statement);
    case 'UPDATE':
    case 'DELETE':
      return judgeSequence(statement);
    case 'PRAGMA':
      return judgePragma(statement);
    case 'ANALYZE':
      return statement.head.length > 2 ? { act: 'skip' } : { act: 'analyze' };
    case 'BEGIN':
      return { act: 'begin' };
    case 'COMMIT':
    case 'END':
      return { act: 'commit' };
    case 'ROLLBACK':
      return refuse('the program that wrote the dump met an error and gave up');
    default:
      return refuse(said`${wordAt(statement, 0) || 'this'} is not part of a dump`);
  }
}

function judgeCreate(statement: Statement): Verdict {
  let at = 1;
  if (['TEMP', 'TEMPORARY'].includes(wordAt(statement, at))) {
    return refuse('temporary objects are not part of a dump');
  }
  at += ['UNIQUE', 'VIRTUAL'].includes(wordAt(statement, at)) ? 1 : 0;
  const kind = wordAt(statement, at);
  at += wordAt(statement, at + 1) === 'IF' ? 4 : 1;
  const name = nameAt(statement, at);
  if (name === undefined) {
    return refuse('only the database itself may be written to');
  }
  if (wordAt(statement, 1) === 'VIRTUAL') {
    const module = statement.head[name.after + 1]?.value.toUpperCase() ?? '';
    return wordAt(statement, name.after) === 'USING' && MODULES.has(module)
      ? RUN
      : refuse(said`virtual tables of ${module} are not supported`);
  }
  switch (kind) {
    case 'TABLE':
      if (OF_SQLITE.test(name.value)) {
        // Newer shells write it down; SQLite makes it with the first AUTOINCREMENT or ANALYZE.
        return { act: 'skip' };
      }
      return wordAt(statement, name.after) === 'AS' ? refuse('CREATE TABLE AS is not part of a dump') : RUN;
    case 'INDEX':
    case 'VIEW':
      return RUN;
    case 'TRIGGER':
      return { act: 'later' };
    default:
      return refuse(said`CREATE ${kind} is not part of a dump`);
  }
}

function judgeInsert(statement: Statement): Verdict {
  let at = wordAt(statement, 1) === 'OR' ? 3 : 1;
  at += wordAt(statement, at) === 'INTO' ? 1 : 0;
  const name = nameAt(statement, at);
  if (name === undefined) {
    return refuse('only the database itself may be written to');
  }
  const foreign = [...statement.valueWords].find((word) => !VALUE_WORDS.has(word));
  if (!statement.words.has('VALUES') || statement.words.has('SELECT') || statement.words.has('WITH')) {
    return refuse('an INSERT may hold values only');
  }
  if (foreign !== undefined) {
    return refuse(said`${foreign.toLowerCase().slice(0, 64)} may not stand among the values of an INSERT`);
  }
  const table = folded(name.value);
  if (table === 'sqlite_master' || table === 'sqlite_schema') {
    return { act: 'virtual-table' };
  }
  if (/^sqlite_stat\d$/.test(table)) {
    // Measured anew: not every SQLite takes the statistics of another one.
    return { act: 'analyze' };
  }
  if (table === 'sqlite_sequence') {
    return { act: 'later' };
  }
  return table.startsWith('sqlite_') ? refuse(said`${table} belongs to SQLite`) : { act: 'insert', table };
}

/** Only the numbers of AUTOINCREMENT are ever changed by a dump. */
function judgeSequence(statement: Statement): Verdict {
  const verb = wordAt(statement, 0);
  const name = nameAt(statement, verb === 'DELETE' ? 2 : 1);
  const known = name?.value.toLowerCase() === 'sqlite_sequence' && !statement.words.has('SELECT') && !statement.words.has('WITH');
  return known ? { act: 'later' } : refuse(said`${verb} is not part of a dump`);
}

function judgePragma(statement: Statement): Verdict {
  const name = nameAt(statement, 1);
  if (name === undefined) {
    return refuse('only the database itself may be written to');
  }
  const pragma = name.value.toLowerCase();
  const value = statement.head
    .slice(name.after)
    .filter((token) => token.kind !== 'mark' || !['=', '(', ')', '+'].includes(token.value))
    .map((token) => token.value)
    .join('');
  if (SKIPPED_PRAGMAS.includes(pragma)) {
    return { act: 'skip' };
  }
  if (NUMBER_PRAGMAS.includes(pragma) && /^-?\d{1,10}$/.test(value)) {
    return { act: 'pragma', name: pragma, value };
  }
  if (pragma === 'encoding' && /^UTF-?(8|16(le|be)?)$/i.test(value)) {
    return { act: 'pragma', name: pragma, value: `'${value}'` };
  }
  return refuse(said`PRAGMA ${pragma.slice(0, 64)} is not part of a dump`);
}

function wordAt(statement: Statement, at: number): string {
  const token = statement.head[at];
  return token?.kind === 'word' ? token.value : '';
}

/** A name, bare or in the main schema, and the position after it; undefined: it names another schema or is none. */
function nameAt(statement: Statement, at: number): { readonly value: string; readonly after: number } | undefined {
  const first = statement.head[at];
  if (!isName(first)) {
    return undefined;
  }
  if (statement.head[at + 1]?.value !== '.' || statement.head[at + 1]?.kind !== 'mark') {
    return { value: first.value, after: at + 1 };
  }
  const second = statement.head[at + 2];
  return first.value.toUpperCase() === 'MAIN' && isName(second) ? { value: second.value, after: at + 3 } : undefined;
}

function isName(token: Token | undefined): token is Token {
  return token !== undefined && token.kind !== 'mark';
}
