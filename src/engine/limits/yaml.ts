// YAML of strangers: bounded in size, depth and references before it is parsed, so that no document takes long.
import { parse } from 'yaml';
import { DEEPEST } from './nesting';
import { MOST_CONFIGURATION_BYTES } from './sizes';

const MOST_LINES = 20_000;
/** What begins or ends a value, in the document and in one line of it. */
const SIGNS = new Set(['"', "'", '[', ']', '{', '}', '&', '!', ',', ':', '|', '>', '?']);
const MOST_SIGNS = 40_000;
const MOST_SIGNS_IN_LINE = 2000;
const MOST_MARKS_IN_LINE = 20;
const MOST_ALIASES = 100;

/** The document as plain values, with `<<` merged. Fails with an Error on what is no YAML, and on what nobody writes by hand. */
export function parseYaml(text: string): unknown {
  if (!isModest(text)) {
    throw new Error('The document is too large or too deep.');
  }
  // Each key would be compared with every other; of equal ones the last counts.
  return parse(text, { merge: true, logLevel: 'silent', uniqueKeys: false, prettyErrors: false, maxAliasCount: MOST_ALIASES });
}

/** Whether a document is one that somebody may have written by hand. One look at each character. What is in quotes counts as well: it is a bound, not a grammar. */
export function isModest(text: string): boolean {
  if (text.length > MOST_CONFIGURATION_BYTES) {
    return false;
  }
  const count = { depth: 0, marks: 0, lines: 0, signs: 0, inLine: 0, aliases: 0 };
  for (let at = 0; at < text.length; at++) {
    const next = text.charAt(at);
    if (next === '\n' || next === '\r') {
      count.lines++;
      count.marks = 0;
      count.inLine = 0;
    } else if (SIGNS.has(next)) {
      count.signs++;
      count.inLine++;
    }
    if (next === '[' || next === '{') {
      count.depth++;
    } else if (next === ']' || next === '}') {
      count.depth = Math.max(0, count.depth - 1);
    } else if (next === '-' || next === '?') {
      // "- - - x": a list in a list in a list.
      const isMark = /\s/.test(text[at + 1] ?? ' ');
      count.marks += isMark ? 1 : 0;
      count.signs += isMark ? 1 : 0;
    } else if (next === '*') {
      count.aliases += /\w/.test(text[at + 1] ?? '') && !/\w/.test(text[at - 1] ?? '') ? 1 : 0;
    }
    if (
      count.depth > DEEPEST ||
      count.marks > MOST_MARKS_IN_LINE ||
      count.lines > MOST_LINES ||
      count.signs > MOST_SIGNS ||
      count.inLine > MOST_SIGNS_IN_LINE ||
      count.aliases > MOST_ALIASES
    ) {
      return false;
    }
  }
  return true;
}
