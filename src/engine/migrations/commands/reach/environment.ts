// The variables of the environment that a statement of Python sets.
import type { Token } from '../../reading/python/tokens';

/** `os.environ["X"] = ...`, `os.environ.setdefault("X", ...)`, `os.putenv("X", ...)`. */
export function variablesSet(tokens: readonly Token[]): string[] {
  return tokens.flatMap(({ text, value }, index) => {
    const before = (by: number): string | undefined => tokens[index - by]?.text;
    const isItem =
      before(1) === '[' && before(2) === 'environ' && tokens[index + 1]?.text === ']' && /^[^=!<>]?=$/.test(tokens[index + 2]?.text ?? '');
    const isCall = before(1) === '(' && ((before(2) === 'setdefault' && before(4) === 'environ') || before(2) === 'putenv');
    return value !== null && text !== '' && (isItem || isCall) ? [value] : [];
  });
}
