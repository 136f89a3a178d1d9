// What has to hold for a statement of Python to be reached: the branches that it stands in.
import type { Token } from './tokens';

/** What has to hold for a statement to be reached. */
export interface Condition {
  readonly test: readonly Token[];
  readonly isFalse: boolean;
}

/** Branches before an `elif` that are remembered. */
const MOST_BRANCHES = 50;

/** What an `if`, `elif` or `else` asks for; `before`: what the branch before it did. null: it is none of them. */
export function conditions(statement: readonly Token[], before: readonly Condition[]): readonly Condition[] | null {
  const [first] = statement;
  if (statement.at(-1)?.text !== ':' || first?.kind !== 'name') {
    return null;
  }
  const test = statement.slice(1, -1);
  const others = before.slice(-MOST_BRANCHES).map((each, index, all) => (index === all.length - 1 ? { ...each, isFalse: true } : each));
  switch (first.text) {
    case 'if':
      return [{ test, isFalse: false }];
    case 'elif':
      return [...others, { test, isFalse: false }];
    case 'else':
      return others;
    default:
      return null;
  }
}
