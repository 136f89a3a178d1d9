// One argument of a call, among the tokens that follow its bracket.
import type { Token } from '../../reading/python/tokens';

/** Up to the comma or the bracket that ends it; `depth`: of what is inside the call's brackets. `url=` before it is left out. */
export function firstArgument(tokens: readonly Token[], depth: number): readonly Token[] {
  const named = tokens[0]?.text === 'url' && tokens[1]?.text === '=' ? tokens.slice(2) : tokens;
  const end = named.findIndex(
    (token) => (token.text === ',' && token.depth === depth) || token.depth < depth || (token.text === ')' && token.depth === depth),
  );
  return named.slice(0, end < 0 ? undefined : end);
}
