// Finds an INSERT of plain values at one look: nearly all that a dump holds, and nothing that a closer look would see otherwise.
import { folded } from '../same-name';

export interface PlainInsert {
  /** Where it ends, behind its semicolon. */
  readonly end: number;
  /** Its table, in small letters. */
  readonly table: string;
}

/** null: it is another statement, or one to be looked at token by token. unfinished: more text may make it one. */
export type Found = PlainInsert | 'unfinished' | null;

const START = 'INSERT INTO ';
const VALUES = ' VALUES';
const BARE_NAME = /[A-Za-z_]\w*/y;
const [LINE_FEED, SPACE, QUOTE, OPEN, CLOSE, PLUS, COMMA, MINUS, DOT] = [10, 32, 39, 40, 41, 43, 44, 45, 46];
const [ZERO, NINE, SEMICOLON, BIG_E, BIG_N, BIG_X, SMALL_E] = [48, 57, 59, 69, 78, 88, 101];
const DOUBLE_QUOTE = 34;

/**
 * Looks for `INSERT INTO name VALUES(...),(...);`, with or without columns, as dumps write it: values are numbers, texts,
 * X'..' and NULL. What begins at `at` must be the beginning of a statement.
 */
export function plainInsert(text: string, at: number): Found {
  if (!text.startsWith(START, at)) {
    return text.length - at < START.length && START.startsWith(text.slice(at)) ? 'unfinished' : null;
  }
  const name = endOfName(text, at + START.length);
  if (name <= 0) {
    return name === 0 ? null : 'unfinished';
  }
  const table = nameOf(text.slice(at + START.length, name));
  if (table.startsWith('sqlite_')) {
    return null;
  }
  const columns = text.charCodeAt(name) === OPEN ? endOfColumns(text, name + 1) : name;
  if (columns <= 0) {
    return columns === 0 ? null : 'unfinished';
  }
  if (!text.startsWith(VALUES, columns)) {
    return text.length - columns < VALUES.length ? 'unfinished' : null;
  }
  const end = endOfRows(text, columns + VALUES.length);
  return end > 0 ? { end, table } : end === 0 ? null : 'unfinished';
}

function nameOf(written: string): string {
  return folded(written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written);
}

/** Of what follows, each returns where the thing ends; 0: it is something else; -1: the text ends before it. */
const [ELSE, MORE] = [0, -1];

function endOfName(text: string, at: number): number {
  if (text.charCodeAt(at) === DOUBLE_QUOTE) {
    return endOfQuoted(text, at + 1, '"', DOUBLE_QUOTE);
  }
  BARE_NAME.lastIndex = at;
  if (!BARE_NAME.test(text)) {
    return at >= text.length ? MORE : ELSE;
  }
  return BARE_NAME.lastIndex === text.length ? MORE : BARE_NAME.lastIndex;
}

/** A mark that stands twice is part of what is quoted. */
function endOfQuoted(text: string, from: number, mark: string, code: number): number {
  for (let at = from; ; at += 2) {
    at = text.indexOf(mark, at);
    if (at < 0 || at + 1 === text.length) {
      return MORE;
    }
    if (text.charCodeAt(at + 1) !== code) {
      return at + 1;
    }
  }
}

function endOfColumns(text: string, from: number): number {
  for (let at = from; ; at++) {
    at = endOfName(text, at);
    if (at <= 0 || at === text.length) {
      return at === ELSE ? ELSE : MORE;
    }
    const code = text.charCodeAt(at);
    if (code !== COMMA) {
      return code === CLOSE ? at + 1 : ELSE;
    }
  }
}

function endOfRows(text: string, from: number): number {
  let at = from;
  for (;;) {
    at = afterSpace(text, at);
    if (text.charCodeAt(at) !== OPEN) {
      return at >= text.length ? MORE : ELSE;
    }
    do {
      at = endOfValue(text, at + 1);
      if (at <= 0) {
        return at;
      }
    } while (text.charCodeAt(at) === COMMA);
    if (text.charCodeAt(at) !== CLOSE) {
      return at >= text.length ? MORE : ELSE;
    }
    const next = text.charCodeAt(++at);
    if (next !== COMMA) {
      return next === SEMICOLON ? at + 1 : at >= text.length ? MORE : ELSE;
    }
    at++;
  }
}

function afterSpace(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code === LINE_FEED || code === SPACE; code = text.charCodeAt(at)) {
    at++;
  }
  return at;
}

function endOfValue(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === QUOTE) {
    return endOfQuoted(text, at + 1, "'", QUOTE);
  }
  if (code === MINUS || isDigit(code)) {
    return endOfNumber(text, at);
  }
  if (code === BIG_X) {
    return text.charCodeAt(at + 1) === QUOTE ? endOfQuoted(text, at + 2, "'", QUOTE) : at + 1 >= text.length ? MORE : ELSE;
  }
  if (code === BIG_N && text.startsWith('NULL', at)) {
    return at + 4;
  }
  return text.length - at < 4 ? MORE : ELSE;
}

/** Two signs in a row would be a comment: one may stand at the beginning, and behind an E. */
function endOfNumber(text: string, from: number): number {
  let at = from + 1;
  let last = text.charCodeAt(from);
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isExponent = last === BIG_E || last === SMALL_E;
    if (!isDigit(code) && code !== DOT && code !== BIG_E && code !== SMALL_E && !((code === PLUS || code === MINUS) && isExponent)) {
      return isDigit(last) ? at : ELSE;
    }
    last = code;
  }
  return MORE;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}
