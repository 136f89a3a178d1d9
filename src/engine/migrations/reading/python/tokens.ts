// Python source as tokens, exact enough to find module-level statements and their literals.

import { valueOf } from './strings';
import { said } from '../../../said';

export type TokenKind = 'name' | 'number' | 'string' | 'operator' | 'newline';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Of a string: what it stands for; null for bytes and for f-strings that compute something. */
  readonly value: string | null;
  /** 1-based. */
  readonly line: number;
  /** 0-based column in its line. */
  readonly column: number;
  /** How many brackets are open around it. */
  readonly depth: number;
}

export class PythonSyntaxError extends Error {
  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message);
  }
}

const NAME = /[\p{ID_Start}_]\p{ID_Continue}*/uy;
const NUMBER = /(?:0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*)?\.?\d[\d_]*(?:[eE][+-]?\d+)?)[jJlL]?\.?/y;
const OPERATOR = /:=|->|\*\*=?|\/\/=?|<<=?|>>=?|[-+*/%@&|^=!<>]=|\.\.\.|[-+*/%@&|^=<>(){}[\],:.;~!`$?]/y;
const FUNCTION = /(?:async[ \t]+)?def[ \t]/y;
const INDENT = /[ \t\f\u00A0]*/y;
/** Within a function: what is no string, no bracket and no end of a line. */
const CHUNK = /[^'"#()[\]{}\n\\]*/y;
const PREFIX = /(?:[rR][bBfFuUtT]?|[bBfFuUtT][rR]?)?(?='''|"""|'|")/y;
const OPENING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Fails with PythonSyntaxError where a string or a bracket never ends: the file is half-written. */
export function tokenize(source: string): Token[] {
  return new Tokenizer(normalized(source), false).run();
}

/** The same without what stands in functions, which is passed over quickly: each body is one `pass`. */
export function tokenizeOutside(source: string): Token[] {
  return new Tokenizer(normalized(source), true).run();
}

function normalized(source: string): string {
  return source.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
}

/** Braces of f-strings that nothing closes: each is looked for up to the end of the file. */
const MOST_OPEN_BRACES = 20;

class Tokenizer {
  private readonly tokens: Token[] = [];
  private readonly brackets: { readonly text: string; readonly line: number }[] = [];
  private at = 0;
  private line = 1;
  private lineStart = 0;
  private openBraces = 0;

  constructor(
    private readonly source: string,
    private readonly skipsBodies: boolean,
  ) {}

  run(): Token[] {
    let isFunction = false;
    while (this.at < this.source.length) {
      const isStart = this.skipsBodies && this.at === this.lineStart && this.brackets.length === 0;
      if (isStart && isFunction && /[ \t\n#]/.test(this.source.charAt(this.at))) {
        this.body();
        isFunction = false;
        continue;
      }
      isFunction = isStart ? this.match(FUNCTION) !== '' : isFunction;
      this.step();
    }
    const open = this.brackets.at(-1);
    if (open !== undefined) {
      throw new PythonSyntaxError(said`"${open.text}" is never closed`, open.line);
    }
    this.push('newline', '');
    return this.tokens;
  }

  private step(): void {
    if (this.at === this.lineStart && /^(<{7} |>{7} |={7}\n)/.test(this.source.slice(this.at, this.at + 8))) {
      throw new PythonSyntaxError('a merge conflict is not resolved', this.line);
    }
    const next = this.source[this.at] ?? '';
    if (next === '\n') {
      if (this.brackets.length === 0 && this.tokens.at(-1)?.kind !== 'newline') {
        this.push('newline', '');
      }
      this.at++;
      this.startLine();
    } else if (/[ \t\f\u00A0]/.test(next)) {
      this.at++;
    } else if (next === '#') {
      const end = this.source.indexOf('\n', this.at);
      this.at = end < 0 ? this.source.length : end;
    } else if (next === '\\' && this.source[this.at + 1] === '\n') {
      this.at += 2;
      this.startLine();
    } else if (!this.string()) {
      this.word();
    }
  }

  /** The lines of a function: strings and brackets have to end, and blocks have to fit. */
  private body(): void {
    const columns = [0];
    let header = false;
    let isEmpty = true;
    while (this.at < this.source.length) {
      const indent = this.match(INDENT);
      const next = this.source.charAt(this.at + indent.length);
      if (next === '\n' || next === '#' || next === '') {
        const end = this.source.indexOf('\n', this.at);
        this.at = end < 0 ? this.source.length : end + 1;
        this.startLine();
        continue;
      }
      const column = indent.length;
      if (column === 0) {
        break;
      }
      if (isEmpty) {
        this.tokens.push({ kind: 'name', text: 'pass', value: null, line: this.line, column, depth: 0 });
        this.push('newline', '');
        isEmpty = false;
        columns.push(column);
      } else if (header && column <= (columns.at(-1) ?? 0)) {
        throw new PythonSyntaxError('a block has no content', this.line - 1);
      } else if (header) {
        columns.push(column);
      }
      while (column < (columns.at(-1) ?? 0)) {
        columns.pop();
      }
      if (column !== columns.at(-1)) {
        throw new PythonSyntaxError('the indentation fits no block', this.line);
      }
      this.at += column;
      header = this.logicalLine() === ':';
    }
    if (header) {
      throw new PythonSyntaxError('a block has no content', this.line);
    }
  }

  /** Passes over one statement's line with those that belong to it; its last character. */
  private logicalLine(): string {
    let last = '';
    while (this.at < this.source.length) {
      const chunk = this.match(CHUNK);
      last = chunk.trimEnd().slice(-1) || last;
      this.at += chunk.length;
      const next = this.source.charAt(this.at);
      if (next === '#') {
        const end = this.source.indexOf('\n', this.at);
        this.at = end < 0 ? this.source.length : end;
      } else if (next === '"' || next === "'") {
        last = next;
        this.passString(chunk);
      } else if (next === '\n') {
        this.at++;
        this.startLine();
        if (this.brackets.length === 0) {
          return last;
        }
      } else if (next === '\\') {
        this.at++;
        if (this.source[this.at] === '\n') {
          this.at++;
          this.startLine();
        }
      } else if (next !== '') {
        last = next;
        this.bracket(next);
        this.at++;
      }
    }
    return last;
  }

  private passString(before: string): void {
    const isFormatted = /(?:^|[^\w])(?:[ft]r?|r[ft])$/i.test(before);
    const one = this.source.charAt(this.at);
    const quote = this.source.startsWith(one.repeat(3), this.at) ? one.repeat(3) : one;
    const end = this.endOfString(this.at + quote.length, quote, isFormatted);
    const body = this.source.slice(this.at + quote.length, end);
    for (let index = body.indexOf('\n'); index >= 0; index = body.indexOf('\n', index + 1)) {
      this.line++;
    }
    this.at = end + quote.length;
  }

  private word(): void {
    for (const [kind, pattern] of [
      ['name', NAME],
      ['number', NUMBER],
      ['operator', OPERATOR],
    ] as const) {
      const text = this.match(pattern);
      if (text !== '') {
        this.push(kind, text);
        this.at += text.length;
        this.bracket(kind === 'operator' ? text : '');
        return;
      }
    }
    throw new PythonSyntaxError(said`"${this.source[this.at] ?? ''}" is no Python`, this.line);
  }

  private bracket(text: string): void {
    if (text in OPENING) {
      this.brackets.push({ text, line: this.line });
    } else if (/^[)\]}]$/.test(text)) {
      const open = this.brackets.pop();
      if (open === undefined || OPENING[open.text] !== text) {
        throw new PythonSyntaxError(said`"${text}" closes nothing`, this.line);
      }
    }
  }

  private string(): boolean {
    PREFIX.lastIndex = this.at;
    const prefix = PREFIX.exec(this.source)?.[0];
    if (prefix === undefined) {
      return false;
    }
    const from = this.at + prefix.length;
    const quote = this.source.startsWith(this.source.charAt(from).repeat(3), from)
      ? this.source.slice(from, from + 3)
      : this.source.charAt(from);
    const end = this.endOfString(from + quote.length, quote, /[ft]/i.test(prefix));
    const body = this.source.slice(from + quote.length, end);
    this.push('string', this.source.slice(this.at, end + quote.length), valueOf(body, prefix.toLowerCase()));
    for (let index = body.indexOf('\n'); index >= 0; index = body.indexOf('\n', index + 1)) {
      this.line++;
      this.lineStart = from + quote.length + index + 1;
    }
    this.at = end + quote.length;
    return true;
  }

  private endOfString(from: number, quote: string, isFormatted: boolean): number {
    for (let at = from; at < this.source.length; at++) {
      if (this.source[at] === '\\') {
        at++;
      } else if (isFormatted && this.source[at] === '{') {
        at = this.source[at + 1] === '{' ? at + 1 : this.replacement(at, quote);
      } else if (this.source.startsWith(quote, at)) {
        return at;
      } else if (this.source[at] === '\n' && quote.length === 1) {
        break;
      }
    }
    throw new PythonSyntaxError('a string never ends', this.line);
  }

  /** As `endOfReplacement`, the brace itself where there is none; after many of those nobody looks any more. */
  private replacement(at: number, quote: string): number {
    const end = this.openBraces > MOST_OPEN_BRACES ? null : this.endOfReplacement(at + 1, quote);
    this.openBraces += end === null ? 1 : 0;
    return end ?? at;
  }

  /** The `}` of an f-string's `{`, inside which strings may have the same quotes (PEP 701); null: there is none. */
  private endOfReplacement(from: number, quote: string): number | null {
    let depth = 0;
    for (let at = from; at < this.source.length; at++) {
      const next = this.source.charAt(at);
      if (next === '}' && depth === 0) {
        return at;
      }
      if (next === '\n' && quote.length === 1) {
        return null;
      }
      depth += /[{([]/.test(next) ? 1 : /[})\]]/.test(next) ? -1 : 0;
      const inner = /^(?:"""|'''|["'])/.exec(this.source.slice(at, at + 3))?.[0];
      if (inner !== undefined) {
        const end = this.source.indexOf(inner, at + inner.length);
        if (end < 0) {
          return null;
        }
        at = end + inner.length - 1;
      }
    }
    return null;
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    return pattern.exec(this.source)?.[0] ?? '';
  }

  private push(kind: TokenKind, text: string, value: string | null = null): void {
    this.tokens.push({ kind, text, value, line: this.line, column: this.at - this.lineStart, depth: this.brackets.length });
  }

  private startLine(): void {
    this.line++;
    this.lineStart = this.at;
  }
}
