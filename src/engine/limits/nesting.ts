// How deeply brackets stand in one another: what reads them by recursion would run out of stack.

/** Nobody writes more. */
export const DEEPEST = 100;
const QUOTE = 0x22;

/** Whether brackets of a JSON-like text stand deeper in one another than anybody writes them; what is in double quotes does not count. */
export function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    // By their codes: of megabytes, making a string of each character would take most of the time.
    const next = text.charCodeAt(at);
    if (next === QUOTE) {
      at = endOfString(text, at);
    } else if (next === 0x5b || next === 0x7b) {
      depth++;
      if (depth > DEEPEST) {
        return true;
      }
    } else if (next === 0x5d || next === 0x7d) {
      depth = Math.max(0, depth - 1);
    }
  }
  return false;
}

/** The closing quote, or the end of the line: no string of JSON goes on after it. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const next = text.charCodeAt(at);
    if (next === 0x5c) {
      at++;
    } else if (next === QUOTE || next === 0x0a) {
      return at;
    }
  }
  return text.length;
}
