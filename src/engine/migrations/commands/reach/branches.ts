// Which lines of Python code are run only where a variable of the environment is set: `if "X" in os.environ:` and its `else:`.
import type { Token } from '../../reading/python/tokens';
import type { Condition } from './values';

interface Branch extends Condition {
  readonly column: number;
  /** It is an `elif` or an `else`. */
  readonly isOther: boolean;
}

const TEST =
  /^if (?:(not )?os \. (?:environ \. get|getenv) \( "(\w+)" \)|"(\w+)" (not )?in os \. environ|os \. (?:environ \. get|getenv) \( "(\w+)" \) is (not )?None) :$/;

/** Give it the lines of a file one after another: it answers the conditions under which each is run. */
export function branchesOf(): (line: readonly Token[]) => readonly Condition[] {
  const open: Branch[] = [];
  return (line) => {
    const [first] = line;
    const column = first?.column ?? 0;
    const isOther = first?.text === 'else' || first?.text === 'elif';
    while (open.length > 0 && ((open.at(-1)?.column ?? 0) > column || (open.at(-1)?.column === column && !isOther))) {
      open.pop();
    }
    const last = open.at(-1);
    if (isOther && last?.column === column && !last.isOther) {
      open.splice(-1, 1, { ...last, isSet: !last.isSet, isOther: true });
    }
    const conditions = [...open];
    const test = first?.text === 'if' ? testIn(line) : null;
    if (test !== null) {
      open.push({ ...test, column, isOther: false });
    }
    return conditions;
  };
}

function testIn(line: readonly Token[]): Condition | null {
  const text = line.map(({ value, text: written }) => (value === null ? written : `"${value}"`)).join(' ');
  const [, not, asked, listed, notListed, compared, notNone] = TEST.exec(text) ?? [];
  const variable = asked ?? listed ?? compared;
  const isSet = asked === undefined ? (listed === undefined ? notNone !== undefined : notListed === undefined) : not === undefined;
  return variable === undefined ? null : { variable, isSet };
}
