// What an expression of a JavaScript or TypeScript settings file is worth: strings, variables of the environment, paths.
import { posix } from 'node:path';
import { textOf } from '../../reading/folder-search';
import { SourceText } from '../../reading/object-literals';
import type { Place } from './place';

const MAX_DEPTH = 12;

export class SettingsFile {
  readonly source: SourceText;
  readonly text: string;
  private readonly folder: string | null;

  /** `file`: absolute, of this machine. */
  constructor(
    file: string,
    private readonly place: Place,
  ) {
    this.text = textOf(file) ?? '';
    this.source = new SourceText(this.text);
    const there = place.there(file);
    this.folder = there === null ? null : posix.dirname(there.replaceAll('\\', '/'));
  }

  /** null: only running it could tell; undefined: a variable that is not set. */
  value(expression: string | undefined, depth = 0): string | null | undefined {
    const text =
      expression
        ?.trim()
        .replace(/\s+as\s+(?:string|const)$/, '')
        .replace(/!$/, '')
        .trim() ?? '';
    if (text === '' || depth > MAX_DEPTH) {
      return null;
    }
    const alternative = splitOutside(text, /^(?:\?\?|\|\|)/);
    if (alternative !== null) {
      const first = this.value(alternative[0], depth + 1);
      return first === undefined || first === '' ? this.value(alternative[1], depth + 1) : first;
    }
    const sum = splitOutside(text, /^\+/);
    if (sum !== null) {
      const [left, right] = sum.map((part) => this.value(part, depth + 1));
      return typeof left === 'string' && typeof right === 'string' ? left + right : null;
    }
    const plain = /^(["'])((?:\\.|(?!\1)[^\\])*)\1$/s.exec(text)?.[2];
    if (plain !== undefined) {
      return plain.replace(/\\(.)/g, '$1');
    }
    if (/^`[^`]*`$/s.test(text)) {
      return this.template(text.slice(1, -1), depth);
    }
    const variable = /^(?:process|Bun|import\.meta)\.env(?:\.([A-Za-z_]\w*)|\[\s*["'](\w+)["']\s*\])$/.exec(text);
    if (variable !== null) {
      return this.place.variable(variable[1] ?? variable[2] ?? '');
    }
    const env = /^env(?:<\w+>)?\(\s*["'](\w+)["']\s*\)$/.exec(text)?.[1];
    if (env !== undefined) {
      return this.place.variable(env);
    }
    if (/^(?:__dirname|import\.meta\.dirname)$/.test(text)) {
      return this.folder;
    }
    if (text === 'process.cwd()') {
      return this.place.folder;
    }
    const [, call, inner = ''] =
      /^((?:require\(["'](?:node:)?path["']\)\.|[\w$]+\.)?(?:join|resolve)|(?:[\w$]+\.)?fileURLToPath|new URL|(?:path\.)?dirname)\(([^]*)\)$/.exec(
        text,
      ) ?? [];
    if (call !== undefined) {
      return this.call(call, argumentsIn(inner), depth);
    }
    if (/^[A-Za-z_$][\w$]*$/.test(text)) {
      const constant = this.constant(text);
      return constant === null ? null : this.value(constant, depth + 1);
    }
    return null;
  }

  /** The expression after a key, wherever in the file; undefined: it is not there. */
  after(key: string): string | undefined {
    const match = new RegExp(`(?<![\\w.$])["']?${key}["']?\\s*:\\s*`).exec(this.source.text);
    return match === null ? undefined : expressionAt(this.source.text, match.index + match[0].length);
  }

  private constant(name: string): string | null {
    const match = new RegExp(`\\b(?:const|let|var)\\s+${name.replaceAll('$', '\\$')}\\b\\s*(?::[^=;\\n]{0,60})?=\\s*`).exec(
      this.source.text,
    );
    return match === null ? null : expressionAt(this.source.text, match.index + match[0].length);
  }

  private template(text: string, depth: number): string | null {
    const unknown: string[] = [];
    const filled = text.replace(/\$\{([^{}]*)\}/g, (_whole, inner: string) => {
      const value = this.value(inner, depth + 1);
      unknown.push(...(typeof value === 'string' ? [] : [inner]));
      return value ?? '';
    });
    return unknown.length === 0 ? filled : null;
  }

  private call(name: string, list: readonly string[], depth: number): string | null {
    if (/fileURLToPath$/.test(name)) {
      return list[0] === 'import.meta.url' && this.folder !== null
        ? posix.join(this.folder, 'x')
        : (this.value(list[0], depth + 1) ?? null);
    }
    if (name === 'new URL') {
      const path = this.value(list[0], depth + 1);
      return typeof path === 'string' && list[1] === 'import.meta.url' && this.folder !== null ? posix.resolve(this.folder, path) : null;
    }
    const parts = list.map((part) => this.value(part, depth + 1));
    if (!parts.every((part) => typeof part === 'string')) {
      return null;
    }
    return name.endsWith('dirname')
      ? posix.dirname(parts[0] ?? '')
      : name.endsWith('resolve')
        ? posix.resolve(this.place.folder, ...parts)
        : posix.join(...parts);
  }
}

/** Up to the comma, bracket, semicolon or line that ends it. */
function expressionAt(text: string, start: number): string {
  let open = 0;
  let quote = '';
  for (let at = start; at < text.length; at++) {
    const character = text[at] ?? '';
    if (quote !== '') {
      at += character === '\\' ? 1 : 0;
      quote = character === quote ? '' : quote;
    } else if (/["'`]/.test(character)) {
      quote = character;
    } else if (/[([{]/.test(character)) {
      open++;
    } else if (open > 0 && /[)\]}]/.test(character)) {
      open--;
    } else if (
      open === 0 &&
      (/[,;)\]}]/.test(character) ||
        (character === '\n' && !/^\s*(?:\?\?|\|\||\+|\.)/.test(text.slice(at, at + 40)) && text.slice(start, at).trim() !== ''))
    ) {
      return text.slice(start, at).trim();
    }
  }
  return text.slice(start).trim();
}

function argumentsIn(text: string): string[] {
  const found: string[] = [];
  for (let rest = text; rest.trim() !== '';) {
    const each = expressionAt(rest, 0);
    found.push(each);
    rest = rest.slice(rest.indexOf(each) + each.length).replace(/^\s*,/, '');
    if (each === '') {
      break;
    }
  }
  return found;
}

/** At the first operator outside of strings and brackets. */
function splitOutside(text: string, operator: RegExp): [string, string] | null {
  let open = 0;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    const found = operator.exec(text.slice(at, at + 3))?.[0];
    if (quote !== '') {
      at += character === '\\' ? 1 : 0;
      quote = character === quote ? '' : quote;
    } else if (/["'`]/.test(character)) {
      quote = character;
    } else if (open === 0 && found !== undefined) {
      return [text.slice(0, at).trim(), text.slice(at + found.length).trim()];
    } else {
      open += /[([{]/.test(character) ? 1 : /[)\]}]/.test(character) ? -1 : 0;
    }
  }
  return null;
}
