// The value of a Python expression, read and not run: texts, paths, names of the project's modules, what the environment gives.
import type { ProjectFolder } from '../../tool';
import { variablesAt } from '../env-files';
import { lookOf } from '../look';
import { call, folderOfFlask, method } from './calls';
import { interpolated } from './f-strings';
import { attribute, lookUp, MAX_DEPTH, returned } from './names';
import { item, prefixed } from './items';
import { Operations } from './operations';
import { Scope } from './scope';
import { tokenize, type Token } from './tokens';
import { Dotted, Instance, sum, Unknown, type Arguments, type Surroundings, type Value, type Work } from './values';

/** Steps of all evaluations for one look. */
const MOST_WORK = 1_000_000;
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

class Evaluation extends Operations {
  constructor(
    tokens: readonly Token[],
    at: number,
    private readonly scope: Scope,
    around: Surroundings,
    private readonly depth: number,
  ) {
    super(tokens, at, around);
  }

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

  protected operand(): Value {
    let value = this.atom();
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
    return found === undefined || (found.usual && typeof name === 'string' && this.around.variables.has(name))
      ? undefined
      : evaluate(found.value, module.scope, this.around, this.depth + 1);
  }

  private arguments(): Arguments {
    const named = new Map<string, Value>();
    const list: Value[] = [];
    this.each(')', () => {
      if (this.take('**')) {
        const others = this.ternary();
        for (const [key, value] of others instanceof Map ? (others as ReadonlyMap<string, Value>) : []) {
          named.set(key, value);
        }
        return;
      }
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
      value = sum(value, token.value ?? interpolated(token.text, (code) => this.inner(code)));
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
}
