// The values that a project's code can have without being run.
import type { PythonFile } from './python';

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

export const UNKNOWN: Value = { kind: 'unknown' };
export const NONE: Value = { kind: 'none' };

export function textValue(text: string): Value {
  return { kind: 'text', text };
}

/** The text of a text or a path; null: it has none. */
export function textIn(value: Value): string | null {
  return value.kind === 'text' || value.kind === 'path' ? value.text : null;
}
