// The texts of Python's f-strings, with what stands in their braces.
import { LONGEST_STRING, sum, Unknown, type Value } from './values';

/** `inner` evaluates the code between two braces. */
export function interpolated(text: string, inner: (code: string) => Value): Value {
  const [, prefix = '', quote = ''] = /^([a-zA-Z]*)('''|"""|'|")/.exec(text) ?? [];
  if (!/[ft]/i.test(prefix) || text.length > LONGEST_STRING) {
    return new Unknown();
  }
  const body = text.slice(prefix.length + quote.length, text.length - quote.length);
  let value: Value = '';
  for (const [part, code] of body.matchAll(/\{\{|\}\}|\{((?:[^{}'"]|'[^']*'|"[^"]*")*)\}|[^{}]+|[{}]/g)) {
    value = sum(value, code === undefined ? part.replace(/^([{}])\1$/, '$1') : inner(code));
  }
  return value;
}
