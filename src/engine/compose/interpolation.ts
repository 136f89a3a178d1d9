// Variables in values of a compose file, filled in as Compose does (https://docs.docker.com/reference/compose-file/interpolation/).
import { said } from '../said';

/** The value of a variable; undefined: it is not set, which is not the same as empty. */
export type Lookup = (name: string) => string | undefined;

/** Why Compose itself would refuse a value; the message is for people. */
export class ComposeRefusal extends Error {}

/** Nobody nests defaults deeper; unlimited ones would overflow the stack. */
const MAX_DEPTH = 20;
const NAME = /^[_a-zA-Z][_a-zA-Z0-9]*/;
const OPERATOR = /^(?::-|:\?|:\+|-|\?|\+)/;

/** Fills in `$NAME`, `${NAME}` and every operator, nested ones too; `$$` is a `$`. Fails with ComposeRefusal. */
export function interpolate(text: string, lookup: Lookup, depth = 0): string {
  if (depth > MAX_DEPTH) {
    throw new ComposeRefusal('its variables are nested too deeply');
  }
  let filled = '';
  let at = 0;
  for (let dollar = text.indexOf('$'); dollar >= 0; dollar = text.indexOf('$', at)) {
    filled += text.slice(at, dollar);
    const rest = text.slice(dollar + 1);
    const name = NAME.exec(rest)?.[0];
    if (rest.startsWith('$')) {
      filled += '$';
      at = dollar + 2;
    } else if (name !== undefined) {
      filled += lookup(name) ?? '';
      at = dollar + 1 + name.length;
    } else {
      const end = rest.startsWith('{') ? closingBrace(rest) : -1;
      if (end < 0) {
        throw new ComposeRefusal(said`"${text}" has a $ that stands for no variable`);
      }
      filled += braced(rest.slice(1, end), lookup, depth);
      at = dollar + 1 + end + 1;
    }
  }
  return filled + text.slice(at);
}

/** Only `${` opens; a plain `{` in a default is text. */
function closingBrace(text: string): number {
  let open = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '}') {
      open--;
      if (open === 0) {
        return at;
      }
    } else if ((at === 0 && text[at] === '{') || text.startsWith('${', at)) {
      open++;
      at += at === 0 ? 0 : 1;
    }
  }
  return -1;
}

function braced(inner: string, lookup: Lookup, depth: number): string {
  const name = NAME.exec(inner)?.[0];
  const after = name === undefined ? '' : inner.slice(name.length);
  const operator = OPERATOR.exec(after)?.[0];
  if (name === undefined || (after !== '' && operator === undefined)) {
    throw new ComposeRefusal(said`"\${${inner}}" stands for no variable`);
  }
  const value = lookup(name);
  const more = after.slice(operator?.length ?? 0);
  const isThere = operator?.startsWith(':') === true ? value !== undefined && value !== '' : value !== undefined;
  switch (operator?.at(-1)) {
    case '-':
      return isThere ? (value ?? '') : interpolate(more, lookup, depth + 1);
    case '+':
      return isThere ? interpolate(more, lookup, depth + 1) : '';
    case '?':
      if (!isThere) {
        throw new ComposeRefusal(more === '' ? said`the variable ${name} is not set` : said`the variable ${name} is not set (${more})`);
      }
      return value ?? '';
    case undefined:
    default:
      return value ?? '';
  }
}
