// The value of a Python expression, read and not run: texts, paths, names of the project's modules, what the environment gives.
import type { ProjectFolder } from '../../tool';
import { variablesAt } from '../env-files';
import { lookOf } from '../look';
import { call, folderOfFlask, method } from './calls';
import { attribute, lookUp, MAX_DEPTH, returned } from './names';
import { Scope } from './scope';
import { tokenize, type Token } from './tokens';
import {
  Dotted,
  format,
  Instance,
  isKnown,
  joinPaths,
  LONGEST_STRING,
  sum,
  Unknown,
  type Arguments,
  type Surroundings,
  type Value,
  type Work,
} from './values';

/** Steps of all evaluations for one look, and how deep they may stand in one another before the stack ends. */
const MOST_WORK = 1_000_000;
const DEEPEST = 200;
/** What one module may use of it: the others are read, too. */
const SHARE = 50_000;

/** What an evaluation knows beside the code: the environment of a program that is started in this folder. */
export function surroundings(project: ProjectFolder, folder: string): Surroundings {
  const all = lookOf(project).once('python work', '', (): AllWork => ({ left: MOST_WORK, last: null, values: new Map() }));
  all.left -= all.last === null ? 0 : all.last.given - all.last.work.left;
  const given = Math.min(SHARE, all.left);
  const work: Work = { left: given, nested: 0, open: new Map(), cut: Infinity, values: all.values };
  all.last = { given, work };
  return { variables: variablesAt(project, folder), evaluate, work };
}

interface AllWork {
  left: number;
  last: { readonly given: number; readonly work: Work } | null;
  readonly values: Work['values'];
}

/** The value of an expression in the scope in which it is written. */
function evaluate(tokens: readonly Token[], scope: Scope, around: Surroundings, depth = 0): Value {
  if (depth > MAX_DEPTH) {
    around.work.cut = -1;
    return new Unknown();
  }
  return new Evaluation(tokens, 0, scope, around, depth).whole();
}

/** The value of the expression that begins at a place, and where it ends. */
export function evaluateAt(tokens: readonly Token[], at: number, scope: Scope, around: Surroundings): { value: Value; end: number } {
  const evaluation = new Evaluation(tokens, at, scope, around, 0);
  const value = evaluation.ternary();
  return { value, end: evaluation.at };
}

class Evaluation {
  constructor(
    private readonly tokens: readonly Token[],
    public at: number,
    private readonly scope: Scope,
    private readonly around: Surroundings,
    private readonly depth: number,
  ) {}

  whole(): Value {
    const first = this.ternary();
    if (this.peek() !== ',') {
      return this.at >= this.tokens.length ? first : new Unknown();
    }
    const items = [first];
    while (this.take(',') && this.at < this.tokens.length) {
      items.push(this.ternary());
    }
    return items;
  }

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
    const isFalse = condition === null || condition === false || condition === '' || condition === 0;
    return isFalse || !isKnown(value) ? other : value;
  }

  private or(): Value {
    let value = this.and();
    while (this.take('or')) {
      const other = this.and();
      value = value === null || value === '' || value === false ? other : value;
    }
    return value;
  }

  private and(): Value {
    let value = this.comparison();
    while (this.take('and')) {
      const other = this.comparison();
      value = value === null || value === '' || value === false ? value : other;
    }
    return value;
  }

  private comparison(): Value {
    if (this.take('not')) {
      const value = this.within(() => this.comparison());
      return isKnown(value) ? value === null || value === '' || value === false : new Unknown();
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
      const other = this.sum();
      if (isIn && Array.isArray(other) && typeof value === 'string' && other.every((each) => typeof each === 'string')) {
        value = other.includes(value) !== isNot;
        continue;
      }
      if (operator === 'is' && other === null && isKnown(value) && !(value instanceof Dotted)) {
        value = (value === null) !== isNot;
        continue;
      }
      // None, as of a variable that nobody has set, is no text.
      const isComparable = [value, other].every((each) => each === null || typeof each === 'string' || typeof each === 'number');
      value = isComparable && /^[!=]=$/.test(operator) ? (value === other) === (operator === '==') : new Unknown();
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
        const other = this.unary();
        value =
          typeof value === 'string'
            ? format(value, {
                list: Array.isArray(other) ? other : [other],
                named: other instanceof Map ? (other as ReadonlyMap<string, Value>) : new Map(),
              })
            : new Unknown();
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
    return this.postfix(this.atom());
  }

  private postfix(start: Value): Value {
    let value = start;
    for (;;) {
      if (this.take('.')) {
        const name = this.tokens[this.at++]?.text ?? '';
        if (this.peek() === '(') {
          const args = this.arguments();
          value = method(value, name, args, this.around) ?? this.called(attribute(value, name, this.around, this.depth + 1), args);
        } else {
          const found = attribute(value, name, this.around, this.depth + 1);
          value = found instanceof Unknown || found instanceof Dotted ? (folderOfFlask(name, this.scope.module.file) ?? found) : found;
        }
      } else if (this.peek() === '(') {
        value = this.called(value, this.arguments());
      } else if (this.peek() === '[') {
        const index = this.items(']')[0] ?? new Unknown();
        const isAsking = value instanceof Dotted && /(?:^|\.)environ$/.test(value.path);
        value = (isAsking ? this.set(index) : undefined) ?? item(value, index, this.around);
      } else {
        return value;
      }
    }
  }

  private called(callee: Value, args: Arguments): Value {
    if (callee instanceof Scope) {
      return callee.kind === 'class' ? new Instance(callee, null, args.named) : returned(callee, this.around, this.depth + 1, args);
    }
    const isAsking = callee instanceof Dotted && /(?:^|\.)(?:getenv|environ\.get)$/.test(callee.path);
    return (
      (isAsking ? this.set(args.list[0]) : undefined) ??
      (callee instanceof Dotted ? call(callee.path, prefixed(args, callee.prefix), this.around) : call('', args, this.around))
    );
  }

  /** What the module itself has set a variable of the environment to. */
  private set(name: Value | undefined): Value | undefined {
    const { module } = this.scope;
    const found = typeof name === 'string' ? module.environment.get(name) : undefined;
    return found === undefined || (found.usual && this.around.variables.has(String(name)))
      ? undefined
      : evaluate(found.value, module.scope, this.around, this.depth + 1);
  }

  private arguments(): Arguments {
    const named = new Map<string, Value>();
    const list: Value[] = [];
    this.each(')', () => {
      const isNamed = this.tokens[this.at]?.kind === 'name' && this.tokens[this.at + 1]?.text === '=';
      const name = isNamed ? this.tokens[this.at]?.text : undefined;
      this.at += isNamed ? 2 : 0;
      const value = this.ternary();
      if (name === undefined) {
        list.push(value);
      } else {
        named.set(name, value);
      }
    });
    return { list, named };
  }

  private items(end: string): Value[] {
    const items: Value[] = [];
    this.each(end, () => {
      items.push(this.ternary());
    });
    return items;
  }

  /** What stands between the commas of a bracket that begins here; what cannot be read is passed over. */
  private each(end: string, read: () => void): boolean {
    const depth = (this.tokens[this.at]?.depth ?? 0) + 1;
    this.at++;
    let hasComma = false;
    while (this.at < this.tokens.length && !this.closes(end, depth)) {
      const before = this.at;
      read();
      while (this.at < this.tokens.length && !this.closes(end, depth) && !(this.peek() === ',' && this.tokens[this.at]?.depth === depth)) {
        this.at++;
      }
      hasComma = this.take(',') || hasComma;
      this.at += this.at === before ? 1 : 0;
    }
    this.at++;
    return hasComma;
  }

  private closes(end: string, depth: number): boolean {
    return this.peek() === end && this.tokens[this.at]?.depth === depth;
  }

  private atom(): Value {
    const token = this.tokens[this.at];
    if (token === undefined) {
      return new Unknown();
    }
    if (token.kind === 'string') {
      return this.strings();
    }
    if (token.kind === 'operator') {
      return this.bracket(token.text);
    }
    this.at++;
    if (token.kind === 'number') {
      return Number(token.text.replaceAll('_', ''));
    }
    switch (token.text) {
      case 'None':
        return null;
      case 'True':
        return true;
      case 'False':
        return false;
      case '__file__':
        return this.scope.module.file;
      case 'self':
      case 'cls':
        return this.scope.outer === null ? new Unknown() : new Instance(this.scope.outer);
      default:
        return lookUp(token.text, this.scope, this.around, this.depth + 1) ?? new Dotted(token.text);
    }
  }

  private bracket(open: string): Value {
    if (open === '[') {
      return this.items(']');
    }
    if (open === '{') {
      return this.dictionary();
    }
    if (open !== '(') {
      return new Unknown();
    }
    const items: Value[] = [];
    const hasComma = this.each(')', () => {
      items.push(this.ternary());
    });
    return hasComma || items.length === 0 ? items : (items[0] ?? new Unknown());
  }

  private dictionary(): Value {
    const entries = new Map<string, Value>();
    this.each('}', () => {
      if (this.take('**')) {
        const others = this.ternary();
        for (const [key, value] of others instanceof Map ? (others as ReadonlyMap<string, Value>) : []) {
          entries.set(key, value);
        }
        return;
      }
      const key = this.ternary();
      const value = this.take(':') ? this.ternary() : new Unknown();
      if (typeof key === 'string') {
        entries.set(key, value);
      }
    });
    return entries;
  }

  private strings(): Value {
    let value: Value = '';
    for (let token = this.tokens[this.at]; token?.kind === 'string'; token = this.tokens[this.at]) {
      this.at++;
      value = sum(value, token.value ?? this.formatted(token.text));
    }
    return value;
  }

  /** An f-string. */
  private formatted(text: string): Value {
    const [, prefix = '', quote = ''] = /^([a-zA-Z]*)('''|"""|'|")/.exec(text) ?? [];
    if (!/[ft]/i.test(prefix) || text.length > LONGEST_STRING) {
      return new Unknown();
    }
    const body = text.slice(prefix.length + quote.length, text.length - quote.length);
    let value: Value = '';
    for (const [part, inner] of body.matchAll(/\{\{|\}\}|\{((?:[^{}'"]|'[^']*'|"[^"]*")*)\}|[^{}]+|[{}]/g)) {
      value = sum(value, inner === undefined ? part.replace(/^([{}])\1$/, '$1') : this.inner(inner));
    }
    return value;
  }

  private inner(code: string): Value {
    try {
      const tokens = tokenize(code.replace(/(?:![rsa])?(?::[^'"[\](){}]*)?$/, '')).filter(({ kind }) => kind !== 'newline');
      const value = evaluate(tokens, this.scope, this.around, this.depth + 1);
      return typeof value === 'string' || typeof value === 'number' ? String(value) : value instanceof Unknown ? value : new Unknown();
    } catch {
      return new Unknown();
    }
  }

  private peek(): string | undefined {
    const token = this.tokens[this.at];
    return token === undefined || token.kind === 'string' || token.kind === 'newline' ? undefined : token.text;
  }

  private take(text: string): boolean {
    const isThere = this.peek() === text;
    this.at += isThere ? 1 : 0;
    return isThere;
  }
}

/** The name of a variable stands first. */
function prefixed({ list: [name, ...others], named }: Arguments, prefix: string): Arguments {
  return typeof name === 'string'
    ? { list: [prefix + name, ...others], named }
    : { list: name === undefined ? [] : [name, ...others], named };
}

function item(object: Value, index: Value, around: Surroundings): Value {
  if (object instanceof Dotted && typeof index === 'string' && /(?:^|\.)environ$/.test(object.path)) {
    return around.variables.get(index) ?? new Unknown();
  }
  if (Array.isArray(object)) {
    return typeof index === 'number' ? (object[index] ?? new Unknown()) : new Unknown();
  }
  return object instanceof Map && typeof index === 'string' ? ((object.get(index) as Value | undefined) ?? new Unknown()) : new Unknown();
}
