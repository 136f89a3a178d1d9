// The values that a project's code can have without being run.
import { posix } from 'node:path';
import type { Token } from '../../reading/python/tokens';
import type { Place } from './place';

/** A statement of a file, with the names of the classes and functions that it stands in. */
export interface Statement {
  readonly tokens: readonly Token[];
  readonly scope: readonly string[];
  /** It is run only where these hold, as far as that can be told. */
  readonly conditions: readonly Condition[];
}

/** A variable of the environment that is set, or is not; or an expression that is true, or is not. */
export type Condition =
  | { readonly kind: 'variable'; readonly variable: string; readonly holds: boolean }
  | { readonly kind: 'expression'; readonly test: readonly Token[]; readonly scope: readonly string[]; readonly holds: boolean };

export interface PythonFile {
  readonly file: string;
  readonly statements: readonly Statement[];
}

/** The files in which names are looked up, and the place for which. */
export interface Modules {
  readonly place: Place;
  /** What frameworks answer when code asks them: Alembic's main options by their names, Flask's instance folder. */
  readonly options: Map<string, string | null>;
  /** Variables of the environment that the code itself sets: only running it could tell what they are. */
  readonly changed: ReadonlySet<string>;
  valueOf(name: string, file: PythonFile, scope: readonly string[], depth: number): Value;
  evaluate(tokens: readonly Token[], file: PythonFile, scope: readonly string[], depth?: number): Value;
  returned(file: PythonFile, scope: readonly string[], depth: number): Value;
}

export type Value =
  | { readonly kind: 'text'; readonly text: string }
  /** A pathlib path; relative ones count from where the command runs. */
  | { readonly kind: 'path'; readonly text: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'other'; readonly value: number | boolean }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | { readonly kind: 'dictionary'; readonly entries: readonly (readonly [string, Value])[] }
  | { readonly kind: 'module'; readonly file: PythonFile }
  /** A class or function of the project; called with arguments or not. */
  | { readonly kind: 'scope'; readonly file: PythonFile; readonly scope: readonly string[]; readonly arguments: readonly string[] | null }
  /** Something of a library by its full name. */
  | { readonly kind: 'library'; readonly name: string }
  /** A URL in parts; only its text is of use. */
  | { readonly kind: 'unknown' };

/** The option that says where Flask keeps an application's own files. */
export const INSTANCE_PATH = 'instance_path of Flask';

export const UNKNOWN: Value = { kind: 'unknown' };
export const NONE: Value = { kind: 'none' };

export function textValue(text: string): Value {
  return { kind: 'text', text };
}

/** The text of a text or a path; null: it has none. */
export function textIn(value: Value): string | null {
  return value.kind === 'text' || value.kind === 'path' ? value.text : null;
}

/** Of several values the one that they all are; None is what a name has before it is given another. */
export function agreed(values: readonly Value[]): Value {
  const given = values.filter((value) => value.kind !== 'none');
  const [first] = given;
  if (first === undefined) {
    return values[0] ?? UNKNOWN;
  }
  return given.every((value) => JSON.stringify(value) === JSON.stringify(first)) ? first : UNKNOWN;
}

/** A path of the place, made of parts as Python's pathlib and os.path do. */
export function joinedPath(parts: readonly string[]): string {
  return parts.reduce(
    (path, part) =>
      part.startsWith('/') || /^[a-z]:[\\/]/i.test(part) ? part : path === '' || path === '.' ? part : posix.join(path, part),
    '',
  );
}
