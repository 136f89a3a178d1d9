// One Python expression: strings, paths, variables of the environment, names, calls of what is known.
import { tokenize, type Token } from '../../reading/python/tokens';
import { compared, formatted, isSame, truthOf } from './library';
import { Members, type Arguments } from './members';
import { joinedPath, type Modules, NONE, type PythonFile, textIn, textValue, UNKNOWN, type Value } from './values';

const OPERATORS = [['=='], ['!='], ['not', 'in'], ['in'], ['is', 'not'], ['is']];

export class Expression {
  private at = 0;
  private readonly members: Members;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly file: PythonFile,
    private readonly scope: readonly string[],
    private readonly project: Modules,
    private readonly depth: number,
  ) {
    this.members = new Members(project, depth);
  }

  value(): Value {
    const value = this.choice();
    return this.at === this.tokens.length ? value : UNKNOWN;
  }

  /** `a if condition else b`: the condition is anybody's guess, unless both are the same. */
  private choice(): Value {
    const value = this.either();
    if (this.peek() !== 'if') {
      return value;
    }
    this.at++;
    const condition = this.either();
    if (this.peek() !== 'else') {
      return UNKNOWN;
    }
    this.at++;
    const other = this.choice();
    const truth = truthOf(condition);
    return truth === null ? (isSame(value, other) ? value : UNKNOWN) : truth ? value : other;
  }

  private either(): Value {
    let value = this.both();
    while (this.peek() === 'or') {
      this.at++;
      const other = this.both();
      const truth = truthOf(value);
      value = truth === null ? UNKNOWN : truth ? value : other;
    }
    return value;
  }

  private both(): Value {
    let value = this.comparison();
    while (this.peek() === 'and') {
      this.at++;
      const other = this.comparison();
      const truth = truthOf(value);
      value = truth === null ? UNKNOWN : truth ? other : value;
    }
    return value;
  }

  private comparison(): Value {
    if (this.peek() === 'not') {
      this.at++;
      const truth = truthOf(this.comparison());
      return truth === null ? UNKNOWN : { kind: 'other', value: !truth };
    }
    const value = this.sum();
    const operator = OPERATORS.find((words) => words.every((word, index) => this.tokens[this.at + index]?.text === word));
    if (operator === undefined) {
      return value;
    }
    this.at += operator.length;
    return compared(value, operator.join(' '), this.sum());
  }

  private sum(): Value {
    let value = this.term();
    for (let operator = this.peek(); operator === '+' || operator === '%'; operator = this.peek()) {
      this.at++;
      const more = this.term();
      const [left, right] = [value.kind === 'text' ? value.text : null, more.kind === 'text' ? more.text : null];
      if (operator === '+') {
        value = left === null || right === null ? UNKNOWN : textValue(left + right);
      } else {
        value = formatted(left, more);
      }
    }
    return value;
  }

  private term(): Value {
    let value = this.primary();
    while (this.peek() === '/') {
      this.at++;
      const [left, right] = [value, this.primary()].map(textIn);
      value =
        left === null || left === undefined || right === null || right === undefined
          ? UNKNOWN
          : { kind: 'path', text: joinedPath([left, right]) };
    }
    return value;
  }

  private primary(): Value {
    let value = this.atom();
    for (let next = this.peek(); next === '.' || next === '(' || next === '['; next = this.peek()) {
      if (next === '.') {
        const name = this.tokens[this.at + 1]?.text ?? '';
        this.at += 2;
        value = this.peek() === '(' ? this.members.method(value, name, this.arguments()) : this.members.attribute(value, name);
      } else if (next === '(') {
        value = this.members.call(value, this.arguments());
      } else {
        this.at++;
        const key = this.choice();
        if (this.peek() !== ']') {
          return UNKNOWN;
        }
        this.at++;
        value = this.members.item(value, key);
      }
    }
    return value;
  }

  private atom(): Value {
    const token = this.tokens[this.at];
    if (token === undefined) {
      return UNKNOWN;
    }
    if (token.kind === 'string') {
      return this.strings();
    }
    this.at++;
    if (token.kind === 'number') {
      return { kind: 'other', value: Number(token.text.replaceAll('_', '')) };
    }
    if (token.text === '(' || token.text === '[' || token.text === '{') {
      return this.bracket(token.text);
    }
    if (token.kind !== 'name' || token.text === 'await') {
      return UNKNOWN;
    }
    switch (token.text) {
      case 'None':
        return NONE;
      case 'True':
      case 'False':
        return { kind: 'other', value: token.text === 'True' };
      case '__file__': {
        const path = this.project.place.there(this.file.file);
        return path === null ? UNKNOWN : textValue(path);
      }
      case 'str':
      case 'dict':
      case 'bool':
      case 'int':
        return { kind: 'library', name: token.text };
      case 'self':
      case 'cls':
        return { kind: 'scope', file: this.file, scope: this.scope.slice(0, -1), arguments: [] };
      default:
        return this.project.valueOf(token.text, this.file, this.scope, this.depth + 1);
    }
  }

  private bracket(open: string): Value {
    const end = { '(': ')', '[': ']', '{': '}' }[open];
    const items: Value[] = [];
    const entries: (readonly [string, Value])[] = [];
    let hasComma = false;
    while (this.peek() !== end) {
      if (this.at >= this.tokens.length) {
        return UNKNOWN;
      }
      const item = this.choice();
      if (this.peek() === ':') {
        this.at++;
        entries.push([textIn(item) ?? '', this.choice()]);
      } else {
        items.push(item);
      }
      if (this.peek() === ',') {
        hasComma = true;
        this.at++;
      } else if (this.peek() !== end) {
        this.skipTo(end);
        this.at++;
        return UNKNOWN;
      }
    }
    this.at++;
    const [only] = items;
    return open === '{'
      ? { kind: 'dictionary', entries }
      : open === '(' && !hasComma && only !== undefined
        ? only
        : { kind: 'list', items };
  }

  /** Adjacent ones are one; those with `{...}` in them are filled in. */
  private strings(): Value {
    let text = '';
    for (let token = this.tokens[this.at]; token?.kind === 'string'; token = this.tokens[++this.at]) {
      const part = token.value ?? this.filled(token.text);
      if (part === null) {
        this.at++;
        return UNKNOWN;
      }
      text += part;
    }
    return textValue(text);
  }

  private filled(literal: string): string | null {
    const [, prefix = '', , body = ''] = /^([a-zA-Z]*)("""|'''|"|')([^]*)\2$/.exec(literal) ?? [];
    if (!/f/i.test(prefix) || body.includes('\\')) {
      return null;
    }
    const unknown: string[] = [];
    const text = body.replace(/\{\{|\}\}|\{([^{}!:]+)(?:!s)?\}/g, (whole, inner: string | undefined) => {
      if (inner === undefined) {
        return whole.slice(0, 1);
      }
      let value: string | null = null;
      try {
        const tokens = tokenize(inner.trim()).filter(({ kind }) => kind !== 'newline');
        value = textIn(this.project.evaluate(tokens, this.file, this.scope, this.depth + 1));
      } catch {
        // Not written to its end.
      }
      unknown.push(...(value === null ? [inner] : []));
      return value ?? '';
    });
    return unknown.length === 0 && !/[{}]/.test(text) ? text : null;
  }

  private arguments(): Arguments {
    this.at++;
    const list: Value[] = [];
    const named = new Map<string, Value>();
    while (this.peek() !== ')' && this.at < this.tokens.length) {
      const name = this.tokens[this.at + 1]?.text === '=' ? this.tokens[this.at]?.text : undefined;
      this.at += name === undefined ? 0 : 2;
      const value = this.choice();
      if (name === undefined) {
        list.push(value);
      } else {
        named.set(name, value);
      }
      if (this.peek() !== ',') {
        this.skipTo(')');
        break;
      }
      this.at++;
    }
    this.at++;
    return { list, named };
  }

  private skipTo(end: string | undefined): void {
    let open = 0;
    for (; this.at < this.tokens.length; this.at++) {
      const text = this.peek() ?? '';
      if (open === 0 && text === end) {
        return;
      }
      open += /^[([{]$/.test(text) ? 1 : /^[)\]}]$/.test(text) ? -1 : 0;
    }
  }

  private peek(): string | undefined {
    const token = this.tokens[this.at];
    return token?.kind === 'operator' || token?.kind === 'name' ? token.text : undefined;
  }
}
