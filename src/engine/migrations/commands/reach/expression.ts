// One Python expression: strings, paths, variables of the environment, names, calls of what is known.
import { posix } from 'node:path';
import { tokenize, type Token } from '../../reading/python/tokens';
import { classMember } from './classes';
import { compared, formatted, isSame, libraryValue, parentOf, pathMethod, textMethod, truthOf } from './library';
import { INSTANCE_PATH, joinedPath, type Modules, NONE, type PythonFile, textIn, textValue, UNKNOWN, type Value } from './values';

/** A call's arguments, by position and by name. */
interface Arguments {
  readonly list: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

const OPERATORS = [['=='], ['!='], ['not', 'in'], ['in'], ['is', 'not'], ['is']];

export class Expression {
  private at = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly file: PythonFile,
    private readonly scope: readonly string[],
    private readonly project: Modules,
    private readonly depth: number,
  ) {}

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
        value = this.peek() === '(' ? this.method(value, name) : this.attribute(value, name);
      } else if (next === '(') {
        value = this.call(value, this.arguments());
      } else {
        this.at++;
        const key = this.choice();
        if (this.peek() !== ']') {
          return UNKNOWN;
        }
        this.at++;
        value = this.item(value, key);
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

  private attribute(value: Value, name: string): Value {
    switch (value.kind) {
      case 'module':
        return this.project.valueOf(name, value.file, [], this.depth + 1);
      case 'library':
        return this.ofLibrary(value.name, name);
      case 'scope':
        return classMember(value, name, this.project, this.depth);
      case 'path':
        return name === 'parent'
          ? parentOf(value.text)
          : name === 'parents'
            ? { kind: 'library', name: `parents of ${value.text}` }
            : name === 'name'
              ? textValue(posix.basename(value.text))
              : UNKNOWN;
      case 'text':
      case 'none':
      case 'other':
      case 'list':
      case 'dictionary':
      case 'unknown':
        return UNKNOWN;
    }
  }

  private ofLibrary(owner: string, name: string): Value {
    const isApplication = name === 'instance_path' && /^flask\.(?:Flask|current_app)$/.test(owner);
    const folder = isApplication ? this.project.options.get(INSTANCE_PATH) : null;
    return typeof folder === 'string' ? textValue(folder) : { kind: 'library', name: `${owner}.${name}` };
  }

  private method(value: Value, name: string): Value {
    const { list, named } = this.arguments();
    if (value.kind === 'library') {
      return this.call({ kind: 'library', name: `${value.name}.${name}` }, { list, named });
    }
    if (value.kind === 'module' || (value.kind === 'scope' && value.arguments !== null)) {
      const called =
        value.kind === 'module'
          ? this.attribute(value, name)
          : ({ kind: 'scope', file: value.file, scope: [...value.scope, name], arguments: null } as const);
      return this.call(called, { list, named });
    }
    if (value.kind === 'dictionary' && name === 'get') {
      return value.entries.find(([key]) => key === textIn(list[0] ?? NONE))?.[1] ?? list[1] ?? NONE;
    }
    const texts = list.map(textIn);
    if (value.kind === 'path') {
      return pathMethod(value.text, name, texts, this.project.place.folder);
    }
    return value.kind === 'text' ? textMethod(value.text, name, texts) : UNKNOWN;
  }

  private item(value: Value, key: Value): Value {
    if (value.kind === 'library') {
      const [, path] = /^parents of ([^]*)$/.exec(value.name) ?? [];
      if (path !== undefined && key.kind === 'other') {
        return Array.from({ length: Number(key.value) + 1 }).reduce<Value>(
          (place) => (place.kind === 'path' ? parentOf(place.text) : place),
          { kind: 'path', text: path },
        );
      }
      const asked = textIn(key) ?? '';
      const isRead = /(?:^|\.)environ$/.test(value.name) && !this.project.changed.has(asked);
      const variable = isRead ? this.project.place.variable(asked) : undefined;
      return variable === undefined ? UNKNOWN : textValue(variable);
    }
    if (value.kind === 'dictionary') {
      return value.entries.find(([name]) => name === textIn(key))?.[1] ?? UNKNOWN;
    }
    return value.kind === 'list' && key.kind === 'other' ? (value.items[Number(key.value)] ?? UNKNOWN) : UNKNOWN;
  }

  private call(value: Value, { list, named }: Arguments): Value {
    if (value.kind === 'scope') {
      const isClass = value.file.statements.some(
        ({ tokens: [first, second], scope }) =>
          first?.text === 'class' && second?.text === value.scope.at(-1) && scope.length === value.scope.length - 1,
      );
      return isClass ? { ...value, arguments: [...named.keys()] } : this.project.returned(value.file, value.scope, this.depth + 1);
    }
    return value.kind === 'library' ? libraryValue(value.name, list, named, this.project) : UNKNOWN;
  }

  private peek(): string | undefined {
    const token = this.tokens[this.at];
    return token?.kind === 'operator' || token?.kind === 'name' ? token.text : undefined;
  }
}
