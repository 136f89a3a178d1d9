// Takes the comments out of JavaScript-like text in one pass, whatever is left open in it.

/** More white space in a row tells a reader nothing, and makes patterns slow. */
const MOST_SPACE = 100;

/** The text without block and line comments; a comment begins in no string: `'./src/**'` is none. */
export function withoutComments(text: string, quotes = '"\'`'): string {
  const kept: string[] = [];
  /** Quotes and comments that are not closed any more from here on. */
  const open = new Set<string>();
  let from = 0;
  let at = 0;
  const cut = (to: number, instead: string): void => {
    kept.push(text.slice(from, at), instead);
    from = to;
    at = to;
  };
  while (at < text.length) {
    const next = text.charAt(at);
    if (quotes.includes(next) && !open.has(next)) {
      const end = closing(text, at);
      if (end === null) {
        open.add(next);
      }
      at = (end ?? at) + 1;
    } else if (next === '/' && text[at + 1] === '/') {
      const end = text.indexOf('\n', at);
      cut(end < 0 ? text.length : end, ' ');
    } else if (next === '/' && text[at + 1] === '*' && !open.has('/*')) {
      const end = text.indexOf('*/', at + 2);
      if (end < 0) {
        open.add('/*');
        at += 2;
      } else {
        cut(end + 2, ' ');
      }
    } else if (/\s/.test(next)) {
      const end = endOfSpace(text, at);
      if (end - at > MOST_SPACE) {
        cut(end, text.slice(at, end).includes('\n') ? '\n' : ' ');
      } else {
        at = end;
      }
    } else {
      at++;
    }
  }
  kept.push(text.slice(from));
  return kept.join('');
}

/** The quote that ends the string which begins here; null: none does. */
export function closing(text: string, begin: number): number | null {
  const quote = text[begin];
  for (let at = begin + 1; at < text.length; at++) {
    if (text[at] === '\\') {
      at++;
    } else if (text[at] === quote) {
      return at;
    }
  }
  return null;
}

function endOfSpace(text: string, begin: number): number {
  let at = begin;
  while (at < text.length && /\s/.test(text.charAt(at))) {
    at++;
  }
  return at;
}
