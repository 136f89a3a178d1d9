// The operators of a Python expression, from the weakest to the strongest, and what they make of values as far as those are known.
import { Cursor } from './cursor';
import type { Token } from './tokens';
import { Dotted, format, isKnown, joinPaths, sum, Unknown, type Surroundings, type Value } from './values';

/** How deep evaluations may stand in one another before the stack ends. */
const DEEPEST = 200;

export abstract class Operations extends Cursor {
  constructor(
    tokens: readonly Token[],
    at: number,
    protected readonly around: Surroundings,
  ) {
    super(tokens, at);
  }

  /** A literal, a name or a bracket, with all that follows it: attributes, calls, indices. */
  protected abstract operand(): Value;

  ternary(): Value {
    return this.within(() => this.conditional());
  }

  /** Brackets, signs and branches stand in one another only so deep; the rest is not read. */
  private within(read: () => Value): Value {
    const { work } = this.around;
    if (work.nested >= DEEPEST || work.left-- <= 0) {
      this.at = this.tokens.length;
      work.cut = -1;
      return new Unknown();
    }
    work.nested++;
    const value = read();
    work.nested--;
    return value;
  }

  private conditional(): Value {
    if (this.peek() === 'lambda') {
      this.at = this.tokens.length;
      return new Unknown();
    }
    const value = this.or();
    if (!this.take('if')) {
      return value;
    }
    const condition = this.or();
    const other = this.take('else') ? this.ternary() : new Unknown();
    return isEmpty(condition) || condition === 0 || !isKnown(value) ? other : value;
  }

  private or(): Value {
    let value = this.and();
    while (this.take('or')) {
      const other = this.and();
      value = isEmpty(value) ? other : value;
    }
    return value;
  }

  private and(): Value {
    let value = this.comparison();
    while (this.take('and')) {
      const other = this.comparison();
      value = isEmpty(value) ? value : other;
    }
    return value;
  }

  private comparison(): Value {
    if (this.take('not')) {
      const value = this.within(() => this.comparison());
      return isKnown(value) ? isEmpty(value) : new Unknown();
    }
    let value = this.sum();
    for (;;) {
      const operator = ['==', '!=', '<', '>', '<=', '>=', 'in', 'is', 'not'].find((each) => this.take(each));
      if (operator === undefined) {
        return value;
      }
      const isNot = operator === 'not' || (operator === 'is' && this.peek() === 'not');
      const isIn = operator === 'in' || (operator === 'not' && this.peek() === 'in');
      this.take('in');
      this.take('not');
      value = compared(value, isIn ? 'in' : operator, this.sum(), isNot);
    }
  }

  private sum(): Value {
    let value = this.product();
    while (this.peek() === '+' || this.peek() === '-' || this.peek() === '|') {
      const isSum = this.peek() === '+';
      this.at++;
      const other = this.product();
      value = isSum ? sum(value, other) : new Unknown();
    }
    return value;
  }

  private product(): Value {
    let value = this.unary();
    for (;;) {
      if (this.take('/')) {
        value = joinPaths([value, this.unary()]);
      } else if (this.take('%')) {
        value = filled(value, this.unary());
      } else if (this.take('*') || this.take('//') || this.take('**')) {
        this.unary();
        value = new Unknown();
      } else {
        return value;
      }
    }
  }

  private unary(): Value {
    if (['-', '~', '+', 'await', '*', '**'].some((sign) => this.take(sign))) {
      this.within(() => this.unary());
      return new Unknown();
    }
    this.around.work.left--;
    return this.operand();
  }
}

/** What counts as nothing before `or`. */
function isEmpty(value: Value): boolean {
  return value === null || value === '' || value === false;
}

/** `a == b`, `a in b`, `a is None`; `isNot`: with "not". */
function compared(value: Value, operator: string, other: Value, isNot: boolean): Value {
  if (operator === 'in' && Array.isArray(other) && typeof value === 'string' && other.every((each) => typeof each === 'string')) {
    return other.includes(value) !== isNot;
  }
  if (operator === 'is' && other === null && isKnown(value) && !(value instanceof Dotted)) {
    return (value === null) !== isNot;
  }
  // None, as of a variable that nobody has set, is no text.
  const isComparable = [value, other].every((each) => each === null || typeof each === 'string' || typeof each === 'number');
  return isComparable && /^[!=]=$/.test(operator) ? (value === other) === (operator === '==') : new Unknown();
}

/** `"..." % value`. */
function filled(template: Value, value: Value): Value {
  return typeof template === 'string'
    ? format(template, {
        list: Array.isArray(value) ? value : [value],
        named: value instanceof Map ? (value as ReadonlyMap<string, Value>) : new Map(),
      })
    : new Unknown();
}
