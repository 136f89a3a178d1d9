// What a Python expression can stand for when it is read and not run.
import { dirname, isAbsolute, join } from 'node:path';
import type { Binding, Module, Scope } from './scope';
import type { Token } from './tokens';

/** Only running the project could tell. */
export class Unknown {
  constructor(
    /** How the text ends, as far as that is written. */
    readonly tail = '',
    /** Of settings: the field, and the file that would have to be read for it. */
    readonly source = '',
  ) {}
}

/** A name of another package, e.g. "os.path.join". */
export class Dotted {
  constructor(
    readonly path: string,
    /** What stands before the names that it reads from the environment. */
    readonly prefix = '',
  ) {}
}

/** An object of a class of the project. */
export class Instance {
  constructor(
    readonly scope: Scope,
    /** What stands before the variables of its fields, where settings hold it: `DB__`. */
    readonly prefix: string | null = null,
    /** What it was made with. */
    readonly given: ReadonlyMap<string, Value> = new Map(),
  ) {}
}

export type Value = string | number | boolean | null | Value[] | ReadonlyMap<string, Value> | Unknown | Dotted | Instance | Module | Scope;

/** Names may stand for one another in more ways than anybody can count, and brackets in one another without end. */
export interface Work {
  left: number;
  nested: number;
  /** What a name is given, all of it -> that of it which is being read now: a name may stand in what it is given. */
  readonly open: Map<object, Open>;
  /** The lowest position in `open` of a name that was asked for again: what was worked out above it is not the whole truth. */
  cut: number;
  /** Environment -> what a name is given -> its value. */
  readonly values: Map<object, Map<object, Value>>;
}

export interface Open {
  readonly binding: Binding;
  readonly position: number;
}

/** Paths and URLs are short; what is made of others doubles with every line. */
export const LONGEST_STRING = 4096;
const LONGEST_LIST = 20_000;

/** What an evaluation knows beside the code. */
export interface Surroundings {
  /** The environment, from `.env` files. */
  readonly variables: ReadonlyMap<string, string>;
  /** The value of an expression in the scope in which it is written. */
  evaluate(tokens: readonly Token[], scope: Scope, around: Surroundings, depth: number): Value;
  /** The arguments of the function whose answer is wanted. */
  /** What is left to be done, of all evaluations of a look together. */
  readonly work: Work;
  readonly given?: { readonly to: Scope; readonly values: ReadonlyMap<string, Value> };
}

export interface Arguments {
  readonly list: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

export function isKnown(value: Value | undefined): boolean {
  return value !== undefined && !(value instanceof Unknown);
}

/** `a + b` of texts and lists. */
export function sum(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') {
    return a + b;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length + b.length > LONGEST_LIST ? new Unknown() : [...a, ...b];
  }
  if (typeof a === 'string' && typeof b === 'string') {
    return a.length + b.length > LONGEST_STRING ? new Unknown() : a + b;
  }
  return new Unknown(typeof b === 'string' ? b : b instanceof Unknown ? b.tail : '', sourceOf(a) || sourceOf(b));
}

/** What would have to be read, also where it is but a part of the text. */
function sourceOf(value: Value): string {
  return value instanceof Unknown ? value.source : '';
}

/** As Python joins paths: an absolute part begins anew. */
export function joinPaths(parts: readonly Value[]): Value {
  let path: Value = '';
  for (const part of parts) {
    if (typeof part === 'string' && (isAbsolute(part) || path === '')) {
      path = part;
    } else if (typeof part === 'string') {
      path = joined(path, part);
    } else {
      path = new Unknown(part instanceof Unknown ? part.tail : '', sourceOf(part) || sourceOf(path));
    }
  }
  return path;
}

function joined(path: Value, part: string): Value {
  const before = typeof path === 'string' ? path : path instanceof Unknown ? path.tail : '';
  if (before.length + part.length > LONGEST_STRING) {
    return new Unknown();
  }
  return typeof path === 'string' ? join(path, part) : new Unknown(`${before}/${part}`, sourceOf(path));
}

/** What a path can be asked for. */
export function ofPath(path: string, attribute: string): Value | undefined {
  switch (attribute) {
    case 'parent':
      return dirname(path);
    case 'parents': {
      const above: string[] = [];
      for (let place = dirname(path); above.at(-1) !== place; place = dirname(place)) {
        above.push(place);
      }
      return above;
    }
    case 'name':
      return path.split('/').pop() ?? path;
    default:
      return undefined;
  }
}

/** `"..." % x` and `"...".format(x)`, as far as they fill in texts. */
export function format(template: string, { list, named }: Arguments): Value {
  let next = 0;
  let value: Value = '';
  for (const part of template.split(/(%(?:\(\w+\))?s|\{\w*\})/)) {
    const name = /^(?:%\((\w+)\)s|\{(\w+)\})$/.exec(part);
    const key = name?.[1] ?? name?.[2] ?? '';
    const isOpen = /^(?:%s|%\(\w+\)s|\{\w*\})$/.test(part);
    const given = /^\d+$/.test(key) ? list[Number(key)] : key === '' && isOpen ? list[next++] : named.get(key);
    const text = !isOpen
      ? part
      : typeof given === 'string' || typeof given === 'number'
        ? String(given)
        : new Unknown('', given === undefined ? '' : sourceOf(given));
    value = sum(value, text);
  }
  return value;
}
