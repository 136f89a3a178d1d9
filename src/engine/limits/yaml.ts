// YAML of strangers: bounded in size, depth and references before it is parsed, so that no document takes long.
import { parse } from 'yaml';
import { DEEPEST } from './nesting';
import { MOST_CONFIGURATION_BYTES } from './sizes';

const MOST_LINES = 20_000;
const MOST_NODES = 40_000;
const MOST_ALIASES = 100;

/** The document as plain values, with `<<` merged. Fails with an Error on what is no YAML, and on what nobody writes by hand. */
export function parseYaml(text: string): unknown {
  if (!isModest(text)) {
    throw new Error('The document is too large or too deep.');
  }
  // Each key would be compared with every other; of equal ones the last counts.
  return parse(text, { merge: true, logLevel: 'silent', uniqueKeys: false, maxAliasCount: MOST_ALIASES });
}

/** One look at each character. What is in quotes counts as well: it is a bound, not a grammar. */
function isModest(text: string): boolean {
  if (text.length > MOST_CONFIGURATION_BYTES) {
    return false;
  }
  let depth = 0;
  let marks = 0;
  let lines = 0;
  let nodes = 0;
  let aliases = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charAt(at)) {
      case '[':
      case '{':
        depth++;
        break;
      case ']':
      case '}':
        depth = Math.max(0, depth - 1);
        break;
      case '\n':
        lines++;
        marks = 0;
        break;
      case '-':
      case '?':
        // "- - - x": a list in a list in a list.
        marks += /\s/.test(text[at + 1] ?? ' ') ? 1 : 0;
        break;
      case ',':
      case ':':
        nodes++;
        break;
      case '*':
        aliases += /\w/.test(text[at + 1] ?? '') && !/\w/.test(text[at - 1] ?? '') ? 1 : 0;
        break;
    }
    if (depth > DEEPEST || marks > DEEPEST || lines > MOST_LINES || nodes > MOST_NODES || aliases > MOST_ALIASES) {
      return false;
    }
  }
  return true;
}
