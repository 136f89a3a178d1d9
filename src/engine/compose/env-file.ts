// `.env` and other files of variables, read as Compose reads them: later values may use earlier ones and the environment.
import { ComposeRefusal, interpolate, type Lookup } from './interpolation';
import { said } from '../said';

const LINE = /^[ \t]*(?:export[ \t]+)?([^\s=:#'"]+)[ \t]*(?:([=:])[ \t]*|(?=\n|$))/;

/** The variables of a file's text; `environment` fills in and wins where it has a name too. Fails with ComposeRefusal. */
export function parseEnvFile(text: string, environment: Lookup, isRaw = false): Map<string, string> {
  const values = new Map<string, string>();
  const lookup: Lookup = (name) => environment(name) ?? values.get(name);
  let rest = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  while (rest !== '') {
    const blank = /^(?:[ \t]*(?:#[^\n]*)?\n|[ \t]*(?:#[^\n]*)?$)/.exec(rest)?.[0];
    if (blank !== undefined) {
      rest = rest.slice(Math.max(blank.length, 1));
      continue;
    }
    const [start, name, separator] = LINE.exec(rest) ?? [];
    if (start === undefined || name === undefined || !/^[\w.[\]-]+$/.test(name)) {
      throw new ComposeRefusal(said`the line "${rest.split('\n', 1)[0] ?? ''}" names no variable`);
    }
    rest = rest.slice(start.length);
    if (separator === undefined) {
      const inherited = environment(name);
      if (inherited !== undefined) {
        values.set(name, inherited);
      }
      rest = rest.replace(/^[^\n]*\n?/, '');
      continue;
    }
    const { value, length } = isRaw ? rawValue(rest) : valueIn(rest, lookup);
    values.set(name, value);
    rest = rest.slice(length);
  }
  return values;
}

interface Value {
  readonly value: string;
  /** Characters of the text, up to the next line. */
  readonly length: number;
}

function rawValue(text: string): Value {
  const value = text.split('\n', 1)[0] ?? '';
  return { value, length: value.length + 1 };
}

function valueIn(text: string, lookup: Lookup): Value {
  const quote = /^["']/.exec(text)?.[0];
  if (quote === undefined) {
    const line = text.split('\n', 1)[0] ?? '';
    const value = (line.split(' #', 1)[0] ?? '').trimEnd();
    return { value: interpolate(value, lookup), length: line.length + 1 };
  }
  const end = closingQuote(text, quote);
  if (end < 0) {
    throw new ComposeRefusal('a quoted value has no end');
  }
  const inner = text.slice(1, end);
  const line = /^[^\n]*\n?/.exec(text.slice(end + 1))?.[0] ?? '';
  const length = end + 1 + line.length;
  return { value: quote === "'" ? inner.replaceAll("\\'", "'") : interpolate(withoutEscapes(inner), lookup), length };
}

function closingQuote(text: string, quote: string): number {
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '\\') {
      at++;
    } else if (text[at] === quote) {
      return at;
    }
  }
  return -1;
}

/** `\n`, `\"` and the like. An escaped `$` is none of a variable. */
function withoutEscapes(text: string): string {
  const named: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v', '\\': '\\' };
  return text.replace(/\\([^])/g, (whole, letter: string) => (letter === '$' ? '$$' : (named[letter] ?? (letter === '"' ? '"' : whole))));
}
