// How deeply brackets stand in one another: what reads them by recursion would run out of stack.

/** Nobody writes more. */
export const DEEPEST = 100;

/** Whether brackets of a JSON-like text stand deeper in one another than anybody writes them; what is in double quotes does not count. */
export function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const next = text[at];
    if (next === '"') {
      at = endOfString(text, at);
    } else if (next === '[' || next === '{') {
      depth++;
      if (depth > DEEPEST) {
        return true;
      }
    } else if (next === ']' || next === '}') {
      depth = Math.max(0, depth - 1);
    }
  }
  return false;
}

/** The closing quote, or the end of the line: no string of JSON goes on after it. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') {
      at++;
    } else if (text[at] === '"' || text[at] === '\n') {
      return at;
    }
  }
  return text.length;
}
