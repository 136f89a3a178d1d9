// Which lines of Python code are run only where something holds: `if "X" in os.environ:`, `if DEBUG:`, and their `else:`.
import type { Token } from '../../reading/python/tokens';
import type { Condition } from './values';

interface Branch {
  readonly condition: Condition;
  readonly column: number;
  /** An `elif` or an `else` of it has begun. */
  readonly isOther: boolean;
}

const TEST =
  /^(?:(not )?os \. (?:environ \. get|getenv) \( "(\w+)" \)|"(\w+)" (not )?in os \. environ|os \. (?:environ \. get|getenv) \( "(\w+)" \) is (not )?None)$/;

/** Give it the lines of a file one after another: it answers the conditions under which each is run. */
export function branchesOf(): (line: readonly Token[], scope: readonly string[]) => readonly Condition[] {
  const open: Branch[] = [];
  return (line, scope) => {
    const [first] = line;
    const column = first?.column ?? 0;
    const isOther = first?.text === 'else' || first?.text === 'elif';
    while (open.length > 0 && ((open.at(-1)?.column ?? 0) > column || (open.at(-1)?.column === column && !isOther))) {
      open.pop();
    }
    const last = open.at(-1);
    if (isOther && last?.column === column && !last.isOther) {
      open.splice(-1, 1, { ...last, condition: { ...last.condition, holds: !last.condition.holds }, isOther: true });
    }
    const conditions = open.map(({ condition }) => condition);
    const isTest = first?.text === 'if' || first?.text === 'elif';
    const test = isTest && line.at(-1)?.text === ':' ? testIn(line.slice(1, -1), scope) : null;
    if (test !== null) {
      open.push({ condition: test, column, isOther: false });
    }
    return conditions;
  };
}

function testIn(line: readonly Token[], scope: readonly string[]): Condition {
  const text = line.map(({ value, text: written }) => (value === null ? written : `"${value}"`)).join(' ');
  const [, not, asked, listed, notListed, compared, notNone] = TEST.exec(text) ?? [];
  const variable = asked ?? listed ?? compared;
  const holds = asked === undefined ? (listed === undefined ? notNone !== undefined : notListed === undefined) : not === undefined;
  return variable === undefined ? { kind: 'expression', test: line, scope, holds: true } : { kind: 'variable', variable, holds };
}
