// The docstring and the module-level assignments of a Python file, with the values of those that are literals.
import { PythonSyntaxError, tokenize, tokenizeOutside, type Token } from './tokens';

export type Literal = string | number | boolean | null | readonly Literal[];

export interface Assignment {
  /** undefined: something that only running the file could tell. */
  readonly value: Literal | undefined;
  /** 1-based. */
  readonly line: number;
}

export interface PythonModule {
  readonly docstring: string | null;
  /** The last assignment to each name. */
  readonly assignments: ReadonlyMap<string, Assignment>;
  readonly tokens: readonly Token[];
}

/** Fails with PythonSyntaxError where the file is half-written. Without `hasBodies`, what stands in functions is no token. */
export function readModule(source: string, hasBodies = true): PythonModule {
  const tokens = hasBodies ? tokenize(source) : tokenizeOutside(source);
  const assignments = new Map<string, Assignment>();
  let docstring: string | null = null;
  let isFirst = true;
  let isInScope = false;
  const statements = statementsOf(tokens);
  checkBlocks(statements);
  for (const { statement, column } of statements) {
    if (isFirst && statement.every((token) => token.kind === 'string')) {
      docstring = textOf(statement);
    }
    isFirst = false;
    if (column === 0) {
      isInScope = /^(def|class|async|@)$/.test(statement[0]?.text ?? '');
    }
    if (!isInScope) {
      assign(statement, column > 0, assignments);
    }
  }
  return { docstring, assignments, tokens };
}

export interface Statement {
  readonly statement: readonly Token[];
  /** It is the first of its line. */
  readonly isFirst: boolean;
  /** Of the line that it begins in: more than 0 is inside a block. */
  readonly column: number;
}

export function statementsOf(tokens: readonly Token[]): Statement[] {
  const statements: Statement[] = [];
  let statement: Token[] = [];
  let column: number | null = null;
  let isFirst = true;
  for (const token of tokens) {
    if (token.kind !== 'newline' && !(token.text === ';' && token.depth === 0)) {
      statement.push(token);
      column ??= token.column;
      continue;
    }
    if (statement.length > 0) {
      statements.push({ statement, isFirst, column: column ?? 0 });
      isFirst = token.kind === 'newline';
      statement = [];
    }
    column = token.kind === 'newline' ? null : column;
  }
  return statements;
}

/** A header without its block, or a block without its header: somebody is still writing. */
function checkBlocks(statements: readonly Statement[]): void {
  const columns = [0];
  let header: Token | undefined;
  for (const { statement, column, isFirst } of statements) {
    const [first] = statement;
    if (isFirst && first !== undefined) {
      if (header !== undefined && column <= (columns.at(-1) ?? 0)) {
        throw new PythonSyntaxError('a block has no content', header.line);
      }
      if (header !== undefined) {
        columns.push(column);
      }
      while (column < (columns.at(-1) ?? 0)) {
        columns.pop();
      }
      if (column !== columns.at(-1)) {
        throw new PythonSyntaxError('the indentation fits no block', first.line);
      }
    }
    header = statement.at(-1)?.text === ':' ? first : undefined;
  }
  if (header !== undefined) {
    throw new PythonSyntaxError('a block has no content', header.line);
  }
}

/** `a = b = value`, `a: type = value`, `a, b = value`, and what makes a value unknown: `a += value`, a block. */
function assign(statement: readonly Token[], isInBlock: boolean, assignments: Map<string, Assignment>): void {
  const parts = splitAt(statement, '=');
  const value = parts.pop() ?? [];
  const line = statement[0]?.line ?? 1;
  if (parts.length === 0) {
    const [name, operator] = statement;
    if (name?.kind === 'name' && operator?.kind === 'operator' && /^[^=!<>]+=$/.test(operator.text)) {
      assignments.set(name.text, { value: undefined, line });
    }
    return;
  }
  const literal = isInBlock ? undefined : literalOf(value, assignments);
  for (const target of parts) {
    const names = splitAt(target, ',').map((part) => (part.length === 1 || part[1]?.text === ':' ? part[0] : undefined));
    names.forEach((name, index) => {
      if (name?.kind === 'name') {
        const isUnpacked = names.length > 1;
        assignments.set(name.text, {
          value: isUnpacked ? (Array.isArray(literal) ? itemOf(literal, index) : undefined) : literal,
          line: name.line,
        });
      }
    });
  }
}

function itemOf(list: readonly Literal[], index: number): Literal | undefined {
  return list[index];
}

/** The parts between an operator of the outermost level. */
export function splitAt(tokens: readonly Token[], operator: string): Token[][] {
  const base = tokens.reduce((least, { depth }) => Math.min(least, depth), Infinity);
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token.text === operator && token.kind === 'operator' && token.depth === base) {
      parts.push([]);
    } else {
      parts.at(-1)?.push(token);
    }
  }
  return parts;
}

/** The value of an expression made of literals and of names that were given literals before. */
export function literalOf(tokens: readonly Token[], known: ReadonlyMap<string, Assignment> = new Map()): Literal | undefined {
  const reader = new LiteralReader(tokens, known);
  const value = reader.list(null);
  return reader.isDone() ? value : undefined;
}

/** Nobody writes an id in more brackets; unlimited ones would overflow the stack. */
const MAX_DEPTH = 50;
/** A sum of sums doubles with every line. */
const LONGEST_STRING = 100_000;
const LONGEST_LIST = 20_000;

class LiteralReader {
  private at = 0;
  private depth = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly known: ReadonlyMap<string, Assignment>,
  ) {}

  isDone(): boolean {
    return this.at === this.tokens.length;
  }

  /** One value, or a tuple where there are commas; up to `end`, which it does not take. */
  list(end: string | null): Literal | undefined {
    const items: Literal[] = [];
    let hasComma = false;
    while (!this.isDone() && this.peek() !== end) {
      const item = this.sum();
      if (item === undefined) {
        return undefined;
      }
      items.push(item);
      if (this.peek() !== ',') {
        break;
      }
      hasComma = true;
      this.at++;
    }
    const isTuple = hasComma || (end === ')' && items.length === 0) || end === ']' || end === '}';
    return isTuple ? items : items[0];
  }

  private sum(): Literal | undefined {
    let value = this.item();
    while (this.peek() === '+') {
      this.at++;
      const more = this.item();
      if (typeof value === 'string' && typeof more === 'string') {
        value = value.length + more.length > LONGEST_STRING ? undefined : value + more;
      } else if (Array.isArray(value) && Array.isArray(more)) {
        const list: readonly Literal[] = [...(value as readonly Literal[]), ...(more as readonly Literal[])];
        value = list.length > LONGEST_LIST ? undefined : list;
      } else {
        return undefined;
      }
    }
    return value;
  }

  private item(): Literal | undefined {
    const token = this.tokens[this.at];
    if (token === undefined) {
      return undefined;
    }
    if (token.kind === 'string') {
      return this.strings();
    }
    this.at++;
    if (token.kind === 'number') {
      return Number(token.text.replaceAll('_', ''));
    }
    if (token.kind === 'name') {
      return this.name(token.text);
    }
    const end = { '(': ')', '[': ']', '{': '}' }[token.text];
    if (end === undefined) {
      return undefined;
    }
    if (this.depth === MAX_DEPTH) {
      return undefined;
    }
    this.depth++;
    const value = this.list(end);
    this.depth--;
    if (this.peek() !== end || (token.text === '{' && Array.isArray(value) && value.length === 0)) {
      return undefined;
    }
    this.at++;
    return value;
  }

  private name(text: string): Literal | undefined {
    const constants: Readonly<Record<string, Literal>> = { None: null, True: true, False: false };
    return text in constants ? constants[text] : this.known.get(text)?.value;
  }

  private strings(): string | undefined {
    const from = this.at;
    while (this.tokens[this.at]?.kind === 'string') {
      this.at++;
    }
    return textOf(this.tokens.slice(from, this.at)) ?? undefined;
  }

  private peek(): string | undefined {
    const token = this.tokens[this.at];
    return token?.kind === 'operator' ? token.text : undefined;
  }
}

/** Adjacent strings are one. */
function textOf(strings: readonly Token[]): string | null {
  const values = strings.map((token) => token.value);
  return values.length === 0 || values.includes(null) ? null : values.join('');
}
