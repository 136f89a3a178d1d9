// One Python expression: strings, paths, variables of the environment, names, calls of what is known.
import { posix } from 'node:path';
import { textOf } from '../../reading/folder-search';
import { tokenize, type Token } from '../../reading/python/tokens';
import { parseEnvFile } from '../../../compose/env-file';
import { agreed, joinedPath, type PythonFile, type PythonProject } from './python';
import { NONE, textIn, textValue, UNKNOWN, type Value } from './values';

/** A call's arguments, by position and by name. */
interface Arguments {
  readonly list: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

export class Expression {
  private at = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly file: PythonFile,
    private readonly scope: readonly string[],
    private readonly project: PythonProject,
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
    let value = this.sum();
    while (this.peek() === 'or') {
      this.at++;
      const other = this.sum();
      const truth = truthOf(value);
      value = truth === null ? UNKNOWN : truth ? value : other;
    }
    return value;
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
    if (token.kind !== 'name' || token.text === 'not' || token.text === 'await') {
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
    let isKnown = true;
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
      isKnown &&= value !== null;
      return value ?? '';
    });
    return isKnown && !/[{}]/.test(text) ? text : null;
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
        return { kind: 'library', name: `${value.name}.${name}` };
      case 'scope':
        return this.ofClass(value, name);
      case 'path':
        return name === 'parent'
          ? parentOf(value.text)
          : name === 'parents'
            ? { kind: 'library', name: `parents of ${value.text}` }
            : name === 'name'
              ? textValue(posix.basename(value.text))
              : UNKNOWN;
      default:
        return UNKNOWN;
    }
  }

  /** A field of settings is what its variable says; otherwise what the class says. */
  private ofClass(owner: Value & { readonly kind: 'scope' }, name: string): Value {
    const { file, scope } = owner;
    const isSettings = this.basesOf(file, scope).some((base) => /Settings$/.test(base));
    if (isSettings && owner.arguments !== null) {
      const variable = settingsVariable(this.project, file, scope, name);
      if (variable !== undefined) {
        return textValue(variable);
      }
    }
    const isMethod = file.statements.some((statement) => statement.scope.join('\n') === [...scope, name].join('\n'));
    if (isMethod) {
      return this.project.returned(file, [...scope, name], this.depth + 1);
    }
    const values = file.statements
      .filter((statement) => statement.scope.join('\n') === scope.join('\n') && statement.tokens[0]?.text === name)
      .flatMap(({ tokens }) => {
        const equals = tokens.findIndex((token) => token.text === '=' && token.depth === 0);
        return equals < 0 ? [] : [this.project.evaluate(tokens.slice(equals + 1), file, scope, this.depth + 1)];
      });
    if (values.length > 0) {
      return agreed(values);
    }
    for (const base of this.basesOf(file, scope)) {
      const parent = this.project.valueOf(base, file, scope.slice(0, -1), this.depth + 1);
      if (parent.kind === 'scope') {
        return this.ofClass({ ...parent, arguments: owner.arguments }, name);
      }
    }
    return UNKNOWN;
  }

  private basesOf(file: PythonFile, scope: readonly string[]): string[] {
    const name = scope.at(-1);
    const header = file.statements.find(({ tokens: [first, second] }) => first?.text === 'class' && second?.text === name);
    return (
      header?.tokens
        .slice(3)
        .filter(({ kind }) => kind === 'name')
        .map(({ text }) => text) ?? []
    );
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
      const variable = /(?:^|\.)environ$/.test(value.name) ? this.variable(textIn(key)) : undefined;
      return variable === undefined ? UNKNOWN : textValue(variable);
    }
    if (value.kind === 'dictionary') {
      return value.entries.find(([name]) => name === textIn(key))?.[1] ?? UNKNOWN;
    }
    return value.kind === 'list' && key.kind === 'other' ? (value.items[Number(key.value)] ?? UNKNOWN) : UNKNOWN;
  }

  private variable(name: string | null): string | undefined {
    return name === null ? undefined : this.project.place.variable(name);
  }

  private call(value: Value, { list, named }: Arguments): Value {
    if (value.kind === 'scope') {
      const isClass = value.file.statements.some(
        ({ tokens: [first, second], scope }) =>
          first?.text === 'class' && second?.text === value.scope.at(-1) && scope.length === value.scope.length - 1,
      );
      return isClass ? { ...value, arguments: [...named.keys()] } : this.project.returned(value.file, value.scope, this.depth + 1);
    }
    return value.kind === 'library' ? this.library(value.name, list, named) : UNKNOWN;
  }

  private library(name: string, list: readonly Value[], named: ReadonlyMap<string, Value>): Value {
    const [first = NONE] = list;
    const texts = list.map(textIn);
    const whole = texts.every((text) => text !== null) ? (texts as string[]) : null;
    const [only = ''] = whole ?? [];
    const cwd = this.project.place.folder;
    if (/(?:^|\.)(?:getenv|environ\.get)$|^decouple\.config$|^(?:environ|environs)\.Env\.(?:str|__call__)$/.test(name)) {
      const variable = this.variable(textIn(first));
      return variable === undefined ? (list[1] ?? named.get('default') ?? NONE) : textValue(variable);
    }
    if (/\.get_main_option$|\.get_section_option$/.test(name)) {
      const text = this.project.options.get(texts.at(-1) ?? '') ?? null;
      return text === null ? (list[1] ?? NONE) : textValue(text);
    }
    if (/\.get_section$/.test(name)) {
      return {
        kind: 'dictionary',
        entries: [...this.project.options].flatMap(([key, text]) => (text === null ? [] : [[key, textValue(text)] as const])),
      };
    }
    if (/(?:^|\.)create_(?:async_)?engine$/.test(name)) {
      return named.get('url') ?? first;
    }
    if (/^(?:environ|environs)\.Env(?:\.(?:str|db|path|db_url|dj_db_url))?$/.test(name)) {
      const key = textIn(first) ?? (/\.db$/.test(name) ? 'DATABASE_URL' : null);
      const variable = this.variable(key);
      return key === null
        ? { kind: 'library', name }
        : variable === undefined
          ? (list[1] ?? named.get('default') ?? UNKNOWN)
          : textValue(variable);
    }
    switch (name) {
      case 'str':
      case 'os.fspath':
        return textIn(first) === null ? UNKNOWN : textValue(textIn(first) ?? '');
      case 'dict':
        return { kind: 'dictionary', entries: [...named] };
      case 'pathlib.Path':
      case 'pathlib.PurePath':
        return whole === null ? UNKNOWN : { kind: 'path', text: whole.length === 0 ? '.' : joinedPath(whole) };
      case 'pathlib.Path.cwd':
        return { kind: 'path', text: cwd };
      case 'os.getcwd':
        return textValue(cwd);
      case 'os.path.join':
        return whole === null ? UNKNOWN : textValue(joinedPath(whole));
      case 'os.path.dirname':
        return whole === null ? UNKNOWN : textValue(posix.dirname(only));
      case 'os.path.abspath':
      case 'os.path.realpath':
        return whole === null ? UNKNOWN : textValue(posix.resolve(cwd, only));
      case 'os.path.normpath':
        return whole === null ? UNKNOWN : textValue(posix.normalize(only));
      case 'dj_database_url.config': {
        const variable = this.variable(textIn(named.get('env') ?? first) ?? 'DATABASE_URL');
        return variable === undefined ? (named.get('default') ?? NONE) : textValue(variable);
      }
      case 'dj_database_url.parse':
      case 'sqlalchemy.engine.make_url':
      case 'sqlalchemy.engine.url.make_url':
      case 'sqlalchemy.make_url':
        return first;
      case 'pydantic.Field':
      case 'pydantic_settings.Field':
        return named.get('default') ?? (list.length > 0 ? first : UNKNOWN);
      default:
        return UNKNOWN;
    }
  }

  private peek(): string | undefined {
    const token = this.tokens[this.at];
    return token?.kind === 'operator' || token?.kind === 'name' ? token.text : undefined;
  }
}

/** `env_prefix` and `env_file` of pydantic's settings, wherever the class says them. */
function settingsVariable(project: PythonProject, file: PythonFile, scope: readonly string[], field: string): string | undefined {
  const inside = file.statements
    .filter((statement) => scope.every((name, index) => statement.scope[index] === name))
    .flatMap(({ tokens }) => tokens);
  const option = (name: string): string | null => {
    const at = inside.findIndex((token, index) => token.text === name && inside[index + 1]?.text === '=');
    return at < 0 ? null : (inside[at + 2]?.value ?? null);
  };
  const name = `${option('env_prefix') ?? ''}${field}`;
  const envFile = option('env_file');
  const path = envFile === null ? null : project.place.here(posix.resolve(project.place.folder, envFile));
  const written = path === null ? new Map<string, string>() : variablesIn(path);
  const found = [name, name.toUpperCase(), name.toLowerCase()].map((each) => project.place.variable(each) ?? written.get(each));
  return found.find((value) => value !== undefined);
}

function variablesIn(path: string): ReadonlyMap<string, string> {
  try {
    return parseEnvFile(textOf(path) ?? '', () => undefined);
  } catch {
    return new Map();
  }
}

function truthOf(value: Value): boolean | null {
  switch (value.kind) {
    case 'text':
      return value.text !== '';
    case 'none':
      return false;
    case 'other':
      return Boolean(value.value);
    case 'list':
    case 'path':
      return true;
    default:
      return null;
  }
}

function isSame(one: Value, other: Value): boolean {
  return one.kind !== 'unknown' && JSON.stringify(one) === JSON.stringify(other);
}

function parentOf(path: string): Value {
  return { kind: 'path', text: posix.dirname(path) };
}

/** `"sqlite:///%s" % path`. */
function formatted(template: string | null, value: Value): Value {
  const given = (value.kind === 'list' ? value.items : [value]).map(textIn);
  let at = 0;
  const text = template?.replace(/%s/g, () => given[at++] ?? '\0') ?? '\0';
  return text.includes('\0') || at !== given.length || /%[^%]/.test(text) ? UNKNOWN : textValue(text);
}

function pathMethod(path: string, name: string, list: readonly (string | null)[], folder: string): Value {
  const parts = list.every((part) => part !== null) ? (list as string[]) : null;
  switch (name) {
    case 'resolve':
    case 'absolute':
      return { kind: 'path', text: posix.resolve(folder, path) };
    case 'joinpath':
      return parts === null ? UNKNOWN : { kind: 'path', text: joinedPath([path, ...parts]) };
    case 'as_posix':
    case '__str__':
      return textValue(path);
    default:
      return UNKNOWN;
  }
}

function textMethod(text: string, name: string, list: readonly (string | null)[]): Value {
  const [first, second] = list;
  switch (name) {
    case 'replace':
      return typeof first === 'string' && typeof second === 'string' ? textValue(text.split(first).join(second)) : UNKNOWN;
    case 'strip':
      return textValue(text.trim());
    case 'format': {
      let at = 0;
      const filled = text.replace(/\{\}/g, () => list[at++] ?? '\0');
      return /[\0{}]/.test(filled) ? UNKNOWN : textValue(filled);
    }
    default:
      return UNKNOWN;
  }
}
