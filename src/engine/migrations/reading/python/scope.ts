// The modules of a Python project: what each assigns, defines and imports, found statically.
import { dirname, join } from 'node:path';
import type { ProjectFolder } from '../../tool';
import { isFile, lookOf, type Look } from '../look';
import { splitAt, statementsOf } from './module';
import { conditions, type Condition } from './conditions';
import { includedBy } from './included';
import { Prefixes } from './prefixes';
import { tokenize, type Token } from './tokens';

export type { Condition } from './conditions';

export interface Binding {
  /** The value's tokens. */
  readonly value: readonly Token[];
  readonly column: number;
  /** `+=`: what was there stays. */
  readonly adds: boolean;
  readonly when: readonly Condition[];
}

/** What is put into a dictionary: `name["a"]["b"] = value`, `name["a"].update(value)`. */
export interface Item {
  readonly keys: readonly string[];
  readonly value: readonly Token[];
  readonly isUpdate: boolean;
  readonly when: readonly Condition[];
}

export interface Return {
  readonly value: readonly Token[];
  readonly when: readonly Condition[];
}

/** The body of a module, a class or a function; a block's statements belong to what is around it. */
export class Scope {
  readonly bindings = new Map<string, Binding[]>();
  readonly items = new Map<string, Item[]>();
  readonly classes = new Map<string, Scope>();
  readonly functions = new Map<string, Scope>();
  /** Of a function: the expressions it returns. */
  readonly returns: Return[] = [];
  /** Of a class: what it is derived from; of a function: its parameters. */
  bases: readonly Token[] = [];

  constructor(
    readonly module: Module,
    readonly outer: Scope | null,
    readonly kind: 'module' | 'class' | 'function',
    readonly name = '',
  ) {}
}

interface Import {
  /** Dotted, relative ones with their dots. */
  readonly from: string;
  /** null: the module itself. */
  readonly name: string | null;
}

export interface Star {
  readonly from: string;
  readonly line: number;
  readonly when: readonly Condition[];
}

interface Statement {
  readonly tokens: readonly Token[];
  readonly scope: Scope;
}

export class Module {
  readonly scope: Scope = new Scope(this, null, 'module');
  readonly imports = new Map<string, Import>();
  /** `from x import *`, in their order. */
  readonly stars: Star[] = [];
  /** The variables of the environment that it sets itself; `usual`: only where nobody else has. */
  readonly environment = new Map<string, { readonly value: readonly Token[]; readonly usual: boolean }>();
  /** Every statement with the scope in which it stands. */
  readonly statements: Statement[] = [];

  constructor(
    readonly file: string,
    readonly tokens: readonly Token[],
    readonly project: ProjectFolder,
  ) {
    this.#read();
  }

  /** A module that this one imports, as far as it belongs to the project. */
  module(dotted: string): Module | null {
    return lookOf(this.project).once(`python import ${dirname(this.file)}`, dotted, () => this.#find(dotted));
  }

  #find(dotted: string): Module | null {
    const dots = /^\.*/.exec(dotted)?.[0].length ?? 0;
    const path = dotted
      .slice(dots)
      .split('.')
      .filter((part) => part !== '');
    let base = dirname(this.file);
    for (let up = 1; up < dots; up++) {
      base = dirname(base);
    }
    const { root } = this.project;
    const bases = dots > 0 ? [base] : [...upwards(dirname(this.file), root), join(root, 'src')];
    for (const folder of bases) {
      const place = join(folder, ...path);
      const file = [`${place}.py`, join(place, '__init__.py')].find(isFile);
      if (file !== undefined) {
        return moduleOf(this.project, file);
      }
    }
    return null;
  }

  #read(): void {
    const open: { readonly column: number; readonly scope: Scope }[] = [];
    const blocks: { readonly column: number; readonly when: readonly Condition[] }[] = [];
    const prefixes = new Prefixes();
    for (const { statement: written, column } of statementsOf(this.tokens)) {
      const statement = prefixes.read(written, column);
      while ((open.at(-1)?.column ?? -1) >= column) {
        open.pop();
      }
      const scope = open.at(-1)?.scope ?? this.scope;
      let before: readonly Condition[] = [];
      while ((blocks.at(-1)?.column ?? -1) >= column) {
        before = blocks.pop()?.when ?? [];
      }
      const when = blocks.flatMap((block) => block.when);
      const own = conditions(statement, before);
      if (own !== null) {
        blocks.push({ column, when: own });
      }
      this.statements.push({ tokens: statement, scope });
      const inner = this.#statement(statement, column, scope, when);
      if (inner !== null) {
        open.push({ column, scope: inner });
      }
    }
  }

  /** The scope that the statement opens. */
  #statement(statement: readonly Token[], column: number, scope: Scope, when: readonly Condition[]): Scope | null {
    const words = statement[0]?.text === 'async' ? statement.slice(1) : statement;
    const [first, second] = words;
    if (first?.text === 'class' || first?.text === 'def') {
      const inner = new Scope(this, scope, first.text === 'class' ? 'class' : 'function', second?.text);
      inner.bases = words.slice(
        3,
        words.findLastIndex(({ text }) => text === ')'),
      );
      (first.text === 'class' ? scope.classes : scope.functions).set(second?.text ?? '', inner);
      return inner;
    }
    if (first?.text === 'return') {
      scope.returns.push({ value: words.slice(1), when });
    } else if (first?.text === 'import' || first?.text === 'from') {
      this.#import(words, when);
    } else if (first?.text === 'include' && this.imports.get('include')?.from === 'split_settings.tools') {
      this.stars.push(...includedBy(words, this.file).map((from) => ({ from, line: first.line, when })));
    } else {
      this.#environ(words);
      assign(words, column, scope, when);
    }
    return null;
  }

  /** `os.environ["X"] = value`, `os.environ.setdefault("X", value)`. */
  #environ(words: readonly Token[]): void {
    const at = words.findIndex(({ text }) => text === 'environ');
    const [method, open, third] = at < 0 || at > 2 ? [] : words.slice(at + 1);
    const key = words[at + (method?.text === '[' ? 2 : 4)]?.value ?? null;
    if (key !== null && method?.text === '[' && words[at + 4]?.text === '=') {
      this.environment.set(key, { value: words.slice(at + 5), usual: false });
    } else if (key !== null && open?.text === 'setdefault' && third?.text === '(') {
      this.environment.set(key, { value: words.slice(at + 6, -1), usual: true });
    }
  }

  #import(words: readonly Token[], when: readonly Condition[]): void {
    const at = words.findIndex(({ text }) => text === 'import');
    const from = words[0]?.text === 'from' ? textOf(words.slice(1, at)) : null;
    for (const part of splitAt(
      words.slice(at + 1).filter(({ text }) => text !== '(' && text !== ')'),
      ',',
    )) {
      const alias = part.findIndex(({ text }) => text === 'as');
      const name = textOf(alias < 0 ? part : part.slice(0, alias));
      const known = part[alias + 1]?.text;
      if (name === '*' && from !== null) {
        this.stars.push({ from, line: words[0]?.line ?? 0, when });
      } else if (from !== null) {
        this.imports.set(alias < 0 ? name : (known ?? name), { from, name });
      } else {
        this.imports.set(alias < 0 ? (name.split('.')[0] ?? name) : (known ?? name), {
          from: alias < 0 ? (name.split('.')[0] ?? name) : name,
          name: null,
        });
      }
    }
  }
}

/** `a = b = value`, `a: type = value`, `a += value`. */
function assign(statement: readonly Token[], column: number, scope: Scope, when: readonly Condition[]): void {
  putIn(statement, scope, when);
  const parts = splitAt(statement, '=');
  const value = parts.pop() ?? [];
  const add = (name: Token | undefined, binding: Binding): void => {
    if (name?.kind === 'name') {
      const known = scope.bindings.get(name.text);
      if (known === undefined) {
        scope.bindings.set(name.text, [binding]);
      } else {
        known.push(binding);
      }
    }
  };
  if (parts.length === 0 && statement[1]?.text === '+=') {
    add(statement[0], { value: statement.slice(2), column, adds: true, when });
  }
  for (const target of parts) {
    if (target.length === 1 || target[1]?.text === ':') {
      add(target[0], { value, column, adds: false, when });
    }
  }
}

const MOST_KEYS = 10;

/** `name["a"]["b"] = value`, `name["a"].update(value)`. */
function putIn(statement: readonly Token[], scope: Scope, when: readonly Condition[]): void {
  const [name] = statement;
  const keys: string[] = [];
  let at = 1;
  while (statement[at]?.text === '[' && statement[at + 2]?.text === ']' && keys.length < MOST_KEYS) {
    const key = statement[at + 1]?.value ?? null;
    if (key === null) {
      return;
    }
    keys.push(key);
    at += 3;
  }
  const isUpdate = statement[at]?.text === '.' && statement[at + 1]?.text === 'update' && statement[at + 2]?.text === '(';
  if (name?.kind !== 'name' || keys.length === 0 || (!isUpdate && statement[at]?.text !== '=')) {
    return;
  }
  const value = isUpdate ? statement.slice(at + 3, -1) : statement.slice(at + 1);
  const known = scope.items.get(name.text);
  if (known === undefined) {
    scope.items.set(name.text, [{ keys, value, isUpdate, when }]);
  } else {
    known.push({ keys, value, isUpdate, when });
  }
}

/** Characters of all modules that are kept in pieces for a look. */
const MOST_TEXT = 8 * 1024 * 1024;

/** The module in this file, read once for a look; null: it is none, or half-written. */
export function moduleOf(project: ProjectFolder, file: string): Module | null {
  const look: Look = lookOf(project);
  return look.once('python', file, () => {
    const text = look.text(file);
    const room = look.once('python room', '', () => ({ left: MOST_TEXT }));
    room.left -= text?.length ?? 0;
    try {
      return text === null || room.left < 0 ? null : new Module(file, tokenize(text), project);
    } catch {
      return null;
    }
  });
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => text).join('');
}

function upwards(folder: string, root: string): string[] {
  return folder === root || dirname(folder) === folder || !folder.startsWith(root) ? [folder] : [folder, ...upwards(dirname(folder), root)];
}
