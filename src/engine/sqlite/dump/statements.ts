// Splits the text of a dump into statements as it arrives, and notes of each what the allow-list must know.

import { plainInsert } from './plain-insert';
import { StatementFault, type Statement, type Token } from './statement';

const HEAD_TOKENS = 40;
const NOTED = 4096;
const LONGEST_WORD = 64 * 1024;
/** Characters that an INSERT of plain values may have to be found at one look. */
const LONGEST_PLAIN = 1024 * 1024;
const NONE: ReadonlySet<string> = new Set();
const WORD = /[\w$\u0080-\uffff]+/y;
const SPACE = /[ \t\n\f\r]+/y;
/** After these a name before a parenthesis is a table or an index, not a function. */
const BEFORE_TABLE = new Set(['TABLE', 'EXISTS', 'INTO', 'ON', 'REFERENCES', 'VIEW', 'INDEX', 'USING']);
const CLOSING: Readonly<Record<string, string>> = { "'": "'", '"': '"', '`': '`', '[': ']' };

type Mode =
  | { readonly kind: 'code' }
  | { readonly kind: 'quoted'; readonly close: string; readonly line: number; noted: string }
  | { readonly kind: 'line' }
  | { readonly kind: 'block'; readonly line: number };
const CODE: Mode = { kind: 'code' };

/** How a trigger ends: a semicolon, END and another semicolon (as in sqlite3_complete). */
type Ending = 'no' | 'semicolon' | 'end';

export class StatementSplitter {
  private mode: Mode = CODE;
  private line = 1;
  private rest = '';
  private sql = '';
  private startLine = 0;
  private head: Token[] = [];
  private words = new Set<string>();
  private valueWords = new Set<string>();
  private calls = new Set<string>();
  private inValues = false;
  private lastName = '';
  private beforeName = '';
  private lastQuote = '';
  private ending: Ending = 'no';
  private complete = false;
  /** Where the next line feed of the text at hand is. */
  private newline = -1;
  /** Characters from which on it is worth another look whether an INSERT that had not ended is whole now. */
  private enough = 0;

  constructor(private readonly longest: number) {}

  /** The statements that end in this piece. */
  *push(piece: string, last = false): Generator<Statement> {
    this.refuseNul(piece);
    const text = this.rest + piece;
    this.newline = text.indexOf('\n');
    let at = 0;
    let from = 0;
    while (at < text.length) {
      const plain = this.plain(text, at, last);
      if (plain === 'unfinished') {
        break;
      }
      if (plain !== null) {
        yield plain;
        at += plain.sql.length;
        from = at;
        continue;
      }
      const before = this.started();
      const next = this.mode.kind === 'code' ? this.code(text, at, last) : this.skip(text, at, last, this.mode);
      if (next === at) {
        break;
      }
      from = !before && this.started() ? at : from;
      at = next;
      if (this.complete) {
        this.keep(text.slice(from, at));
        from = at;
        yield this.take();
      }
    }
    if (this.started()) {
      this.keep(text.slice(from, at));
    }
    this.rest = text.slice(at);
    if (this.enough === 0 && this.rest.length > LONGEST_WORD + piece.length) {
      throw new StatementFault(this.line, 'a name is too long', false);
    }
  }

  /** The INSERT of plain values that begins at `at`, if it does; it is looked at again when twice as much of it is there. */
  private plain(text: string, at: number, last: boolean): Statement | 'unfinished' | null {
    if (this.started() || this.mode.kind !== 'code') {
      return null;
    }
    const length = text.length - at;
    const found = length < this.enough && !last ? 'unfinished' : plainInsert(text, at);
    if (found === 'unfinished' && !last && length < LONGEST_PLAIN) {
      this.enough = Math.max(this.enough, Math.min(2 * length, LONGEST_PLAIN));
      return found;
    }
    this.enough = 0;
    if (found === null || found === 'unfinished' || found.end - at > this.longest) {
      return null;
    }
    const { line } = this;
    this.countLines(text, found.end);
    return { sql: text.slice(at, found.end), line, head: [], words: NONE, valueWords: NONE, calls: NONE, plainInsertOf: found.table };
  }

  private keep(sql: string): void {
    if (this.sql.length + sql.length > this.longest) {
      throw new StatementFault(this.startLine, 'the statement is too long', false);
    }
    this.sql += sql;
  }

  private refuseNul(piece: string): void {
    const zero = piece.indexOf('\0');
    if (zero >= 0) {
      const line = this.line + piece.slice(0, zero).split('\n').length - 1;
      throw new StatementFault(line, 'there is a NUL character, so this is no UTF-8 text', false);
    }
  }

  /** Fails when the text ended inside a statement, a string or a comment. */
  finish(): void {
    if (this.mode.kind === 'quoted') {
      throw new StatementFault(this.mode.line, 'a string or quoted name is not closed', true);
    }
    if (this.mode.kind === 'block') {
      throw new StatementFault(this.mode.line, 'a comment is not closed', true);
    }
    if (this.started() || this.rest.length > 0) {
      throw new StatementFault(this.startLine || this.line, 'the statement has no end', true);
    }
  }

  private started(): boolean {
    return this.startLine > 0;
  }

  /** Handles one token of code at `at`; returns where it ends, or `at` when more text is needed. */
  private code(text: string, at: number, last: boolean): number {
    SPACE.lastIndex = at;
    if (SPACE.test(text)) {
      this.countLines(text, SPACE.lastIndex);
      return SPACE.lastIndex;
    }
    WORD.lastIndex = at;
    if (WORD.test(text)) {
      const end = WORD.lastIndex;
      if (end === text.length && !last) {
        return at;
      }
      this.word(text.slice(at, Math.min(end, at + NOTED)).toUpperCase());
      return end;
    }
    const char = text[at] ?? '';
    if (char === '-' || char === '/') {
      if (at + 1 === text.length && !last) {
        return at;
      }
      if (text.startsWith('--', at)) {
        this.mode = { kind: 'line' };
        return at + 2;
      }
      if (text.startsWith('/*', at)) {
        this.mode = { kind: 'block', line: this.line };
        return at + 2;
      }
    }
    const close = CLOSING[char];
    if (close === undefined) {
      this.symbol(char);
    } else {
      this.begin();
      this.lastQuote = char;
      this.mode = { kind: 'quoted', close, line: this.line, noted: '' };
    }
    return at + 1;
  }

  /** Passes over a string, a quoted name or a comment. */
  private skip(text: string, at: number, last: boolean, mode: Exclude<Mode, { kind: 'code' }>): number {
    const mark = mode.kind === 'quoted' ? mode.close : mode.kind === 'line' ? '\n' : '*/';
    const found = text.indexOf(mark, at);
    // Half of the end of a comment may be the last character.
    const end = found >= 0 ? found + mark.length : mark === '*/' && !last ? Math.max(at, text.length - 1) : text.length;
    this.countLines(text, end);
    if (mode.kind === 'quoted') {
      this.quoted(text, at, found < 0 ? end : found, mode);
    }
    if (found >= 0) {
      this.mode = CODE;
      if (mode.kind === 'quoted') {
        this.closed(mode.noted);
      }
    }
    return end;
  }

  private quoted(text: string, at: number, end: number, mode: Extract<Mode, { kind: 'quoted' }>): void {
    if (mode.noted.length < NOTED) {
      mode.noted += text.slice(at, Math.min(end, at + NOTED - mode.noted.length));
    }
  }

  private closed(value: string): void {
    this.ending = 'no';
    if (this.lastQuote === "'") {
      this.note({ kind: 'text', value });
      this.name('');
      return;
    }
    this.note({ kind: 'name', value });
    (this.inValues ? this.valueWords : this.words).add(`"${value.toUpperCase()}"`);
    this.name(value.toUpperCase());
  }

  private word(word: string): void {
    this.begin();
    this.note({ kind: 'word', value: word });
    this.name(word);
    this.ending = this.ending === 'semicolon' && word === 'END' ? 'end' : 'no';
    if (/^\d/.test(word)) {
      return;
    }
    (this.inValues ? this.valueWords : this.words).add(word);
    this.inValues ||= word === 'VALUES';
  }

  private symbol(char: string): void {
    if (char === ';') {
      if (!this.started()) {
        return;
      }
      this.complete = !this.isTrigger() || this.ending === 'end';
      this.ending = 'semicolon';
      return;
    }
    this.begin();
    if (char === '(' && !BEFORE_TABLE.has(this.beforeName)) {
      this.calls.add(this.lastName);
    }
    this.note({ kind: 'mark', value: char });
    this.name('');
    this.ending = 'no';
  }

  private name(name: string): void {
    this.beforeName = this.lastName;
    this.lastName = name;
  }

  private isTrigger(): boolean {
    const words = this.head.slice(0, 3).map((token) => (token.kind === 'word' ? token.value : ''));
    return words[0] === 'CREATE' && (words[1] === 'TRIGGER' || (['TEMP', 'TEMPORARY'].includes(words[1] ?? '') && words[2] === 'TRIGGER'));
  }

  private begin(): void {
    if (!this.started()) {
      this.startLine = this.line;
    }
  }

  private note(token: Token): void {
    if (this.head.length < HEAD_TOKENS) {
      this.head.push(token);
    }
  }

  private countLines(text: string, to: number): void {
    while (this.newline >= 0 && this.newline < to) {
      this.line++;
      this.newline = text.indexOf('\n', this.newline + 1);
    }
  }

  private take(): Statement {
    const statement = {
      sql: this.sql,
      line: this.startLine,
      head: this.head,
      words: this.words,
      valueWords: this.valueWords,
      calls: this.calls,
    };
    this.sql = '';
    this.startLine = 0;
    this.head = [];
    this.words = new Set();
    this.valueWords = new Set();
    this.calls = new Set();
    this.inValues = false;
    this.complete = false;
    this.lastName = '';
    this.ending = 'no';
    return statement;
  }
}
