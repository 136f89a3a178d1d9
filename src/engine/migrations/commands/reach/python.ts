// What an expression of a Python project is worth where a command runs, worked out without running anything.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { madeOf } from '../../../limits/reading';
import { Prefixes } from '../../reading/python/prefixes';
import { tokenize, type Token } from '../../reading/python/tokens';
import { Expression } from './expression';
import { branchesOf } from './branches';
import { variablesSet } from './environment';
import { importsIn } from './imports';
import { truthOf } from './library';
import { agreed, UNKNOWN, type Modules, type PythonFile, type Statement, type Value } from './values';
import type { Place } from './place';

/** Chains of names, calls and imports end here. */
const MAX_DEPTH = 24;
/** So does work on a stranger's files. */
const MAX_STEPS = 4000;

/** The Python files of a project, read as they are needed for one question. */
export class PythonProject implements Modules {
  readonly options = new Map<string, string | null>();
  readonly changed = new Set<string>();
  private readonly files = new Map<string, PythonFile | null>();
  /** What tests came out as; null while it is being worked out. */
  private readonly truths = new Map<readonly Token[], boolean | null>();
  private steps = 0;

  constructor(
    readonly place: Place,
    /** Absolute folders of this machine in which modules are looked for, in this order. */
    private readonly roots: readonly string[],
  ) {}

  /** null: it is not there, or is half-written. */
  file(path: string): PythonFile | null {
    const known = this.files.get(path);
    if (known !== undefined) {
      return known;
    }
    const read = madeOf(path, 'statements', (text): PythonFile | null => {
      try {
        return { file: path, statements: statementsOf(tokenize(text)) };
      } catch {
        // Somebody is still writing it.
        return null;
      }
    });
    this.files.set(path, read);
    for (const name of read?.statements.flatMap(({ tokens }) => variablesSet(tokens)) ?? []) {
      this.changed.add(name);
    }
    return read;
  }

  /** Every value that the name is given in the scope, or in those around it. */
  valueOf(name: string, file: PythonFile, scope: readonly string[], depth: number): Value {
    if (depth > MAX_DEPTH || ++this.steps > MAX_STEPS) {
      return UNKNOWN;
    }
    for (let length = scope.length; length >= 0; length--) {
      const around = scope.slice(0, length);
      const own = file.statements.filter((statement) => isSame(statement.scope, around));
      const given = own.filter((statement) => assigned(statement.tokens, name).length > 0 && this.isRun(statement, file));
      const values = given.flatMap(({ tokens }) => assigned(tokens, name)).map((tokens) => this.evaluate(tokens, file, around, depth + 1));
      if (values.length > 0) {
        return (length === 0 ? this.overruled(name, file, depth) : null) ?? agreed(values);
      }
      const begun = file.statements.find((statement) => isSame(statement.scope, [...around, name]));
      if (begun !== undefined || own.some(({ tokens }) => defines(tokens, name))) {
        return { kind: 'scope', file, scope: [...around, name], arguments: null };
      }
    }
    return this.imported(name, file, depth);
  }

  evaluate(tokens: readonly Token[], file: PythonFile, scope: readonly string[], depth = 0): Value {
    return depth > MAX_DEPTH ? UNKNOWN : new Expression(tokens, file, scope, this, depth).value();
  }

  /** `return` of a function, whatever leads to it. */
  returned(file: PythonFile, scope: readonly string[], depth: number): Value {
    const values = file.statements
      .filter((statement) => isSame(statement.scope, scope) && statement.tokens[0]?.text === 'return' && this.isRun(statement, file))
      .map(({ tokens }) => this.evaluate(tokens.slice(1), file, scope, depth + 1));
    return values.length === 0 ? UNKNOWN : agreed(values);
  }

  /** What `from .local import *` gives below the name's own assignments; null: nothing. */
  private overruled(name: string, file: PythonFile, depth: number): Value | null {
    const { statements } = file;
    const last = statements.findLastIndex(({ tokens, scope }) => scope.length === 0 && assigned(tokens, name).length > 0);
    const below = statements.slice(last + 1).filter((statement) => statement.scope.length === 0 && this.isRun(statement, file));
    const stars = below.flatMap(({ tokens }) => importsIn(tokens)).filter(({ as }) => as === '*');
    const given = stars.flatMap(({ module }) => {
      const path = this.moduleFile(module, file.file);
      const whole = path === null ? null : this.file(path);
      return whole === null || !gives(whole, name) ? [] : [this.valueOf(name, whole, [], depth + 1)];
    });
    return given.at(-1) ?? null;
  }

  /** As far as that can be told: what decides about itself, or cannot be told, may be run. */
  isRun(statement: Statement, file: PythonFile): boolean {
    return this.isReached(statement, file) !== false;
  }

  /** Whether the conditions of a statement hold; null: that cannot be told. */
  isReached({ conditions }: Statement, file: PythonFile): boolean | null {
    const all = conditions.map((condition) => {
      const truth =
        condition.kind === 'variable'
          ? (this.place.variable(condition.variable) ?? '') !== ''
          : this.truthOf(condition.test, condition.scope, file);
      return truth === null ? null : truth === condition.holds;
    });
    return all.includes(false) ? false : all.includes(null) ? null : true;
  }

  private truthOf(test: readonly Token[], scope: readonly string[], file: PythonFile): boolean | null {
    const known = this.truths.get(test);
    if (known !== undefined) {
      return known;
    }
    this.truths.set(test, null);
    const truth = truthOf(this.evaluate(test, file, scope));
    this.truths.set(test, truth);
    return truth;
  }

  /** The file of a module by its dotted name; null: it is none of the project's. */
  moduleFile(name: string, from: string): string | null {
    const [, dots = '', rest = ''] = /^(\.*)(.*)$/.exec(name) ?? [];
    const bases = dots === '' ? this.roots : [resolve(dirname(from), ...Array<string>(dots.length - 1).fill('..'))];
    const path = rest.split('.').filter((part) => part !== '');
    const places = bases.flatMap((base) => [`${join(base, ...path)}.py`, join(base, ...path, '__init__.py')]);
    return places.find((place) => existsSync(place)) ?? null;
  }

  private imported(name: string, file: PythonFile, depth: number): Value {
    for (const { tokens } of file.statements) {
      for (const { module, member, as } of importsIn(tokens)) {
        if (as === name || (as === '*' && member === '*')) {
          const value = this.member(module, member === '*' ? name : member, file, depth);
          if (as !== '*' || value.kind !== 'unknown') {
            return value;
          }
        }
      }
    }
    return UNKNOWN;
  }

  /** What `from module import member` gives; without a member the module itself. */
  private member(module: string, member: string | null, from: PythonFile, depth: number): Value {
    if (member !== null) {
      const below = this.moduleFile(`${module}${module.endsWith('.') ? '' : '.'}${member}`, from.file);
      const whole = below === null ? null : this.file(below);
      if (whole !== null) {
        return { kind: 'module', file: whole };
      }
    }
    const path = this.moduleFile(module, from.file);
    const whole = path === null ? null : this.file(path);
    if (whole === null) {
      return { kind: 'library', name: member === null ? module : `${module}.${member}` };
    }
    return member === null ? { kind: 'module', file: whole } : this.valueOf(member, whole, [], depth + 1);
  }
}

function gives({ statements }: PythonFile, name: string): boolean {
  return statements.some(({ tokens, scope }) => scope.length === 0 && assigned(tokens, name).length > 0);
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index]);
}

/** Logical lines with their scopes, by indentation. */
function statementsOf(tokens: readonly Token[]): Statement[] {
  const statements: Statement[] = [];
  const open: { readonly name: string; readonly column: number }[] = [];
  const branches = branchesOf();
  const prefixes = new Prefixes();
  let written: Token[] = [];
  const take = (): void => {
    const line = prefixes.read(written, written[0]?.column ?? 0);
    const [first] = line;
    if (first !== undefined) {
      while (open.length > 0 && first.column <= (open.at(-1)?.column ?? 0)) {
        open.pop();
      }
      const scope = open.map(({ name }) => name);
      const conditions = branches(line, scope);
      const words = first.text === 'async' ? line.slice(1) : line;
      const parts = splitAtSemicolons(line);
      statements.push(...parts.map((part) => ({ tokens: part, scope, conditions })));
      if (/^(?:def|class)$/.test(words[0]?.text ?? '') && words[1] !== undefined) {
        open.push({ name: words[1].text, column: first.column });
      }
    }
    written = [];
  };
  for (const token of tokens) {
    if (token.kind === 'newline') {
      take();
    } else {
      written.push(token);
    }
  }
  take();
  return statements;
}

function splitAtSemicolons(line: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  for (const token of line) {
    if (token.text === ';' && token.depth === 0) {
      parts.push([]);
    } else {
      parts.at(-1)?.push(token);
    }
  }
  return parts.filter((part) => part.length > 0);
}

function defines([first, second]: readonly Token[], name: string): boolean {
  return (first?.text === 'def' || first?.text === 'class') && second?.text === name;
}

/** The expressions that a statement gives to the name: `a = b = x`, `a: type = x`, and `if a := x:`. */
function assigned(tokens: readonly Token[], name: string): (readonly Token[])[] {
  const found: (readonly Token[])[] = [];
  const equals = tokens.flatMap((token, index) => (token.text === '=' && token.kind === 'operator' && token.depth === 0 ? [index] : []));
  const last = equals.at(-1);
  if (last !== undefined && tokens[0]?.kind === 'name') {
    const targets = [0, ...equals.slice(0, -1).map((index) => index + 1)];
    const isTarget = targets.some((index) => tokens[index]?.text === name && /^[=:]$/.test(tokens[index + 1]?.text ?? ''));
    if (isTarget) {
      found.push(tokens.slice(last + 1));
    }
  }
  const [target, operator] = tokens;
  if (target?.text === name && /^[^=!<>:]=$|^\/\/=$/.test(operator?.text ?? '')) {
    // `a += x`: nobody knows what was there.
    found.push([]);
  }
  tokens.forEach((token, index) => {
    if (token.text === ':=' && tokens[index - 1]?.text === name) {
      const end = tokens.findIndex(
        (other, at) => at > index && ((other.text === ':' && other.depth < token.depth + 1) || other.depth < token.depth),
      );
      found.push(tokens.slice(index + 1, end < 0 ? undefined : end));
    }
  });
  return found;
}
