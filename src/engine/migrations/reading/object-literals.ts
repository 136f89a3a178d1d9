// Reads the object literals of a JavaScript or TypeScript settings file, as far as they are written out, without running it.

import { normalize } from 'node:path';
import { closing, withoutComments } from '../../limits/code';

/** The expressions of an object's properties. */
export type Properties = ReadonlyMap<string, string>;

/** Constants that stand for one another in circles end here. */
const MAX_DEPTH = 8;
const MOST_WORK = 500;
const MOST_STRINGS = 1000;
const STRING = /(["'`])((?:\\.|(?!\1)[^\\])*)\1/;
/** Paths and names are short; some of the patterns below look at a text more than once. */
const LONGEST_STRING = 4096;
const LONGEST_NAME = 200;
/** `process.env.X`, `env("X")`, `env.X`, `Bun.env.X`, `import.meta.env.X`. */
const ENVIRONMENT =
  /^(?:(?:process\.|Bun\.|import\.meta\.)?env\.(\w+)|process\.env\[\s*["'`](\w+)["'`]\s*\]|(?:Deno\.env\.get|env|[\w.]*[cC]onfig(?:Service)?\.get)(?:<\w+>)?\(\s*["'`](\w+)["'`]\s*(?:,\s*(["'`][^"'`$]*["'`])\s*)?\))/;
/** `env("X", "default")`. */
const DEFAULTED = /^env\(\s*["'`](\w+)["'`]\s*,\s*([^,]*?)\s*\)$/;
const BESIDE = String.raw`(?:__dirname|import\.meta\.dirname)`;
const HERE = String.raw`(?:${BESIDE.slice(3, -1)}|process\.cwd\(\))`;

export class SourceText {
  readonly text: string;
  /** Objects looked at: constants may stand for one another in more ways than anybody can count. */
  #work = 0;
  /** The same of strings: they may be made of one another. */
  #strings = 0;

  constructor(
    text: string,
    private readonly variables: ReadonlyMap<string, string> = new Map(),
    /** The folder of the file, where paths beside it are wanted whole: otherwise they are relative, as those that count from the start. */
    private readonly folder: string | null = null,
  ) {
    this.text = withoutComments(text);
  }

  /** What the file exports; null when it is no object that is written out. */
  exported(): Properties | null {
    const value = /(?:\bmodule\.exports|\bexports\.default|\bexport\s+default\b|\bexport)\s*=?\s*(?=[\w${(])([\s\S]*)$/.exec(
      this.text.replace(/\bexport\s+(?=const|let|var|type|interface|function|\{)/g, ''),
    )?.[1];
    const body = value?.replace(/^(?:async\s*)?\(\)\s*(?::[^=]{0,80})?=>\s*\(/, '').replace(/^[\w$.]+\(\s*(?=\{)/, '');
    return body === undefined ? null : this.object(/^\{/.test(body) ? body : /^[\w$.]+/.exec(body)?.[0]);
  }

  /** The properties of an object that is written out or is a constant of the file. */
  object(expression: string | undefined, depth = 0): Properties | null {
    if (expression === undefined || depth > MAX_DEPTH || this.#work++ > MOST_WORK) {
      return null;
    }
    if (expression.startsWith('{')) {
      return this.#properties(partsAt(expression, 0), depth);
    }
    const [name, ...path] = /^[A-Za-z_$][\w$.]*/.exec(expression)?.[0].split('.') ?? [];
    let found = name === undefined ? null : this.object(this.#constant(name), depth + 1);
    for (const key of path) {
      found = this.object(found?.get(key), depth + 1);
    }
    return found;
  }

  /** The first object literal that is the value of this key, wherever it is. */
  firstObjectAfter(key: string): Properties | null {
    const match = new RegExp(`\\b${key}["']?\\s*:\\s*(?=\\{)`).exec(this.text);
    return match === null ? null : this.object(this.text.slice(match.index + match[0].length));
  }

  /** One string or a list of them; null where a part of it is computed. */
  strings(expression: string | undefined): string[] | null {
    const list = expression?.startsWith('[') === true ? partsAt(expression, 0) : [expression];
    const strings = list.map((each) => this.string(each));
    return strings.includes(null) ? null : strings.filter((each) => each !== null);
  }

  /** A string, a path below the file's folder, or the default after `||`; null where it is computed. */
  string(expression: string | undefined, depth = 0): string | null {
    const text = withoutAssertion(expression?.trim() ?? '');
    if (text === '' || text.length > LONGEST_STRING || depth > MAX_DEPTH || this.#strings++ > MOST_STRINGS) {
      return null;
    }
    const environment = ENVIRONMENT.exec(text);
    if (environment !== null) {
      const name = environment[1] ?? environment[2] ?? environment[3] ?? '';
      const [, given] = /^\s*\?(?![.?])\s*((?:[^:?"'`]|(["'`])(?:\\.|(?!\2)[^\\])*\2)*):/.exec(text.slice(environment[0].length)) ?? [];
      if (given !== undefined && this.variables.has(name)) {
        return this.string(given, depth + 1);
      }
      // `X || "default"`, `X ?? "default"`, `X ? X : "default"`.
      const other = /^!?\s*(?:\|\||\?\?|\?[^:?]*:)([\s\S]*)$/.exec(text.slice(environment[0].length))?.[1];
      return this.variables.get(name) ?? this.string(environment[4] ?? other, depth + 1);
    }
    const [, defaulted, instead] = DEFAULTED.exec(text) ?? [];
    if (defaulted !== undefined) {
      return this.variables.get(defaulted) ?? this.string(instead, depth + 1);
    }
    const plain = new RegExp(`^${STRING.source}$`).exec(text)?.[2];
    if (plain !== undefined) {
      return text.startsWith('`') ? this.#template(plain, depth) : plain;
    }
    const beside = this.folder !== null && new RegExp(`^${BESIDE}`).test(text) ? this.folder : '.';
    if (new RegExp(`^${HERE}$`).test(text)) {
      return beside;
    }
    const sum = new RegExp(`^${HERE}\\s*\\+\\s*${STRING.source}$`).exec(text)?.[2];
    const url = new RegExp(`^(?:fileURLToPath\\(\\s*)?new URL\\(\\s*${STRING.source}\\s*,\\s*import\\.meta\\.url`).exec(text)?.[2];
    const call = /^(?:require\(['"`][\w:/]+['"`]\)\.|\w+\.){0,2}(?:join|resolve)(?=\()/.exec(text)?.[0];
    if (sum !== undefined || url !== undefined) {
      return sum !== undefined
        ? this.#whole(`${beside}${sum}`)
        : this.folder === null || url === undefined
          ? (url ?? null)
          : this.#whole(`${this.folder}/${url}`);
    }
    if (call !== undefined) {
      const parts = partsAt(text, call.length).map((part) => this.string(part, depth + 1));
      return parts.includes(null) ? null : this.#whole(parts.join('/'));
    }
    // AdonisJS: below the application's root (https://docs.adonisjs.com/guides/concepts/application).
    const [ofApplication, place] = /^app\.(tmpPath|makePath)(?=\()/.exec(text) ?? [];
    if (ofApplication !== undefined) {
      const parts = partsAt(text, ofApplication.length).map((part) => this.string(part, depth + 1));
      return parts.includes(null) ? null : [...(place === 'tmpPath' ? ['tmp'] : []), ...parts].join('/');
    }
    const fallback = /(?:\|\||\?\?)\s*([^|?]+)$/.exec(text)?.[1];
    return this.string(fallback ?? (/^[A-Za-z_$][\w$]*$/.test(text) ? this.#constant(text) : undefined), depth + 1);
  }

  /** How a path ends that only running the file could tell: `/db/app.db` of `join(folder, "db", "app.db")`. Empty: nothing is known. */
  tail(expression: string): string {
    const text = withoutAssertion(expression.trim());
    const call = /^(?:\w+\.)?(?:join|resolve)(?=\()/.exec(text)?.[0];
    const parts = call === undefined ? [] : partsAt(text, call.length).map((part) => this.string(part));
    const known = parts.slice(parts.lastIndexOf(null) + 1);
    const after = /^`[^`]*\}([^`{}$]*)`$/.exec(text)?.[1] ?? /\+\s*["']([^"']*)["']$/.exec(text)?.[1];
    const tail = known.length > 0 ? `/${known.join('/')}` : (after ?? '');
    return text.length > LONGEST_STRING || !/\.\w+$/.test(tail) ? '' : tail;
  }

  #template(text: string, depth: number): string | null {
    const parts = text.split(/(\$\{[^{}]*\})/).map((part) => (part.startsWith('${') ? this.string(part.slice(2, -1), depth + 1) : part));
    const whole = parts.join('');
    return parts.includes(null) || whole.length > LONGEST_STRING ? null : this.#whole(whole);
  }

  /** What lies beside the file without `..` in it. */
  #whole(path: string): string {
    return this.folder !== null && path.startsWith(`${this.folder}/`) ? normalize(path) : path;
  }

  #constant(name: string): string | undefined {
    if (name.length > LONGEST_NAME) {
      return undefined;
    }
    const declared = new RegExp(`\\b(?:const|let|var)\\s+${name.replaceAll('$', '\\$')}\\b[^;=]{0,200}=\\s*(?!>)`).exec(this.text);
    if (declared === null) {
      return undefined;
    }
    const value = this.text.slice(declared.index + declared[0].length);
    return /^[{[]/.test(value) ? value : /^[^;\n]*/.exec(value)?.[0].trim();
  }

  #properties(parts: readonly string[], depth: number): Properties {
    const found = new Map<string, string>();
    for (const part of parts) {
      const spread = /^\.\.\.\s*([\w$.]+)$/.exec(part)?.[1];
      for (const [key, value] of this.object(spread, depth + 1) ?? []) {
        found.set(key, value);
      }
      const pair = /^["'`]?([\w$-]+)["'`]?\s*:\s*([\s\S]*)$/.exec(part);
      if (pair !== null) {
        found.set(pair[1] ?? '', pair[2] ?? '');
      } else if (/^[\w$]+$/.test(part)) {
        found.set(part, part);
      }
    }
    return found;
  }
}

/** The longest argument that is looked at. */
const LONGEST_ARGUMENT = 500;

/** The expression that begins at a place, up to the comma, the bracket or the line's end that ends it. */
export function firstArgument(text: string, from: number): string {
  let depth = 0;
  for (let at = from; at < text.length && at < from + LONGEST_ARGUMENT; at++) {
    const next = text.charAt(at);
    if (/["'`]/.test(next)) {
      at = closing(text, at) ?? text.length;
    } else if (depth === 0 && /[,;)}\n]/.test(next)) {
      return text.slice(from, at).trim();
    } else {
      depth += /[([{]/.test(next) ? 1 : /[)\]}]/.test(next) ? -1 : 0;
    }
  }
  return '';
}

/** Without `as const`, `as string` and `!` at the end. */
function withoutAssertion(text: string): string {
  const type = ['const', 'string'].find((name) => text.endsWith(name));
  if (type === undefined) {
    return text.endsWith('!') ? text.slice(0, -1).trimEnd() : text;
  }
  const before = text.slice(0, -type.length);
  const plain = before.trimEnd();
  return plain !== before && plain.endsWith('as') ? plain.slice(0, -'as'.length).trimEnd() : text;
}

/** What stands between the commas within the bracket at this place, up to the one that closes it. */
function partsAt(text: string, open: number): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = open + 1;
  let at = from;
  /** Quotes that are not closed any more from here on. */
  const unclosed = new Set<string>();
  for (; at < text.length && depth >= 0; at++) {
    const next = text.charAt(at);
    if (/["'`]/.test(next) && !unclosed.has(next)) {
      const end = closing(text, at);
      if (end === null) {
        unclosed.add(next);
      }
      at = end ?? at;
    } else if (/[{([]/.test(next)) {
      depth++;
    } else if (/[})\]]/.test(next)) {
      depth--;
    } else if (next === ',' && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from, depth < 0 ? at - 1 : at));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
