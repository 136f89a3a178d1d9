// What names mean in Python code that is read and not run: assignments under their conditions, imports, classes and their settings.
import { aliasesOf, optionOf } from './fields';
import { ENV_FILE, envFileOf, isOfSettings, readFrom } from './named-env-files';
import { splitAt } from './module';
import { Module, Scope, type Binding, type Condition, type Item, type Star } from './scope';
import { Dotted, Instance, isKnown, ofPath, sum, Unknown, type Arguments, type Open, type Surroundings, type Value } from './values';

/** Names that stand for one another in circles end here. */
export const MAX_DEPTH = 40;

/** What a name means in a scope: assigned, defined or imported there or around it, with what is put into it there. */
export function lookUp(name: string, scope: Scope, around: Surroundings, depth = 0): Value | undefined {
  const value = plain(name, scope, around, depth);
  const items = scope.items.get(name);
  return items === undefined || !(value instanceof Map)
    ? value
    : withItems(value as ReadonlyMap<string, Value>, items, scope, around, depth);
}

/** `name["key"]["other"] = value` and `name["key"].update(value)`, where they are known to be reached. */
function withItems(
  start: ReadonlyMap<string, Value>,
  items: readonly Item[],
  scope: Scope,
  around: Surroundings,
  depth: number,
): ReadonlyMap<string, Value> {
  let whole = start;
  for (const { keys, value, isUpdate, when } of items) {
    if (around.work.left > 0 && doesHold(when, scope, around, depth)) {
      whole = put(whole, keys, around.evaluate(value, scope, around, depth + 1), isUpdate);
    }
  }
  return whole;
}

function put(
  into: ReadonlyMap<string, Value>,
  [key, ...rest]: readonly string[],
  value: Value,
  isUpdate: boolean,
): ReadonlyMap<string, Value> {
  if (key === undefined) {
    return isUpdate && value instanceof Map ? new Map([...into, ...(value as ReadonlyMap<string, Value>)]) : into;
  }
  const before = into.get(key);
  const inner = before instanceof Map ? (before as ReadonlyMap<string, Value>) : new Map<string, Value>();
  return new Map<string, Value>([...into, [key, rest.length > 0 || isUpdate ? put(inner, rest, value, isUpdate) : value]]);
}

function plain(name: string, scope: Scope, around: Surroundings, depth: number): Value | undefined {
  if (depth > MAX_DEPTH || around.work.left-- <= 0) {
    around.work.cut = -1;
    return undefined;
  }
  const parameter = around.given?.to === scope ? around.given.values.get(name) : undefined;
  const own = scope.bindings.get(name);
  if (own !== undefined || parameter !== undefined) {
    const over = parameter !== undefined || scope.outer !== null ? undefined : starred(name, scope, around, depth, lastLine(own));
    return parameter ?? over ?? bound(own ?? [], scope, around, depth);
  }
  const defined = scope.classes.get(name) ?? scope.functions.get(name);
  if (defined !== undefined || scope.outer !== null) {
    return defined ?? (scope.outer === null ? undefined : lookUp(name, scope.outer, around, depth + 1));
  }
  const { module } = scope;
  const imported = module.imports.get(name);
  if (imported !== undefined) {
    const { from, name: member } = imported;
    const other = module.module(from);
    const found = member === null ? other : other === null ? undefined : lookUp(member, other.scope, around, depth + 1);
    const dotted = member === null ? from : `${from}.${member}`;
    return found ?? (member === null ? null : module.module(from.endsWith('.') ? from + member : dotted)) ?? new Dotted(dotted);
  }
  return starred(name, scope, around, depth, null);
}

/**
 * What `from x import *` gives: the last one that is known to be reached counts, and then the first that may be. `below`: the line of
 * an assignment that only the former, and only below it, can overrule; null: there is none.
 */
function starred(name: string, { module }: Scope, around: Surroundings, depth: number, below: number | null): Value | undefined {
  const reached = module.stars.filter(({ line, when }) => line > (below ?? -1) && mayHold(when, module.scope, around, depth));
  const isSure = ({ when }: Star): boolean => when.length === 0 || doesHold(when, module.scope, around, depth);
  const sure = reached.filter(isSure).reverse();
  for (const { from } of below === null ? [...sure, ...reached.filter((star) => !sure.includes(star))] : sure) {
    if (around.work.left <= 0) {
      break;
    }
    const other = module.module(from);
    const found = other === null || other === module ? undefined : lookUp(name, other.scope, around, depth + 1);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function lastLine(bindings: readonly Binding[] = []): number {
  return bindings.reduce((last, { value }) => Math.max(last, value[0]?.line ?? 0), 0);
}

/** What a name is given in a scope, worked out once for an environment. */
function bound(all: readonly Binding[], scope: Scope, around: Surroundings, depth: number): Value {
  const { work, variables } = around;
  work.left -= all.length;
  const current = work.open.get(all);
  if (current !== undefined) {
    work.cut = Math.min(work.cut, current.position);
    return before(all, current, scope, around, depth);
  }
  // What a call gives to a function's parameters holds for that call alone.
  const isLasting = around.given === undefined || scope.kind !== 'function';
  const values = work.values.get(variables) ?? new Map<object, Value>();
  work.values.set(variables, values);
  const known = isLasting ? values.get(all) : undefined;
  if (known !== undefined) {
    return known;
  }
  const [outerCut, position] = [work.cut, work.open.size];
  work.cut = Infinity;
  const value = given(all, scope, around, depth, position);
  const isWhole = work.cut >= position;
  if (isLasting && isWhole) {
    values.set(all, value);
  }
  work.cut = Math.min(outerCut, isWhole ? Infinity : work.cut);
  return value;
}

/** Of several assignments the last plain one counts, and of those in blocks the first that can be read. */
function given(all: readonly Binding[], scope: Scope, around: Surroundings, depth: number, position: number): Value {
  const { open } = around.work;
  const during = <T>(binding: Binding, read: () => T): T => {
    open.set(all, { binding, position });
    const answer = read();
    open.delete(all);
    return answer;
  };
  const reached = all.length === 1 ? all : all.filter((each) => during(each, () => mayHold(each.when, scope, around, depth)));
  const plain = reached.filter(({ adds }) => !adds);
  const least = plain.reduce((smallest, { column }) => Math.min(smallest, column), Infinity);
  const outer = plain.filter(({ column }) => column === least);
  const inner = plain.filter(({ column }) => column !== least);
  const isInBlocks = scope.outer === null && least > 0;
  const order = isInBlocks ? plain : [...outer.reverse(), ...inner];
  let value: Value = new Unknown();
  for (const binding of order) {
    value = during(binding, () => around.evaluate(binding.value, scope, around, depth + 1));
    if (isKnown(value) && value !== null) {
      break;
    }
  }
  return reached
    .filter(({ adds }) => adds)
    .reduce(
      (sofar, more) =>
        sum(
          sofar,
          during(more, () => around.evaluate(more.value, scope, around, depth + 1)),
        ),
      value,
    );
}

/** In `url = url.strip()` the name is what it was before, and not again all that it may ever be. */
function before(all: readonly Binding[], current: Open, scope: Scope, around: Surroundings, depth: number): Value {
  const previous = all.slice(0, Math.max(all.indexOf(current.binding), 0)).findLast(({ adds }) => !adds);
  if (previous === undefined) {
    return new Unknown();
  }
  const { open } = around.work;
  open.set(all, { ...current, binding: previous });
  const value = around.evaluate(previous.value, scope, around, depth + 1);
  open.set(all, current);
  return value;
}

/** `object.name`. */
export function attribute(object: Value, name: string, around: Surroundings, depth: number): Value {
  if (object instanceof Module) {
    return lookUp(name, object.scope, around, depth + 1) ?? object.module(`.${name}`) ?? new Unknown();
  }
  if (object instanceof Dotted) {
    return new Dotted(`${object.path}.${name}`, object.prefix);
  }
  if (object instanceof Instance || object instanceof Scope) {
    return object instanceof Instance
      ? (object.given.get(name) ?? ofInstance(object, name, around, depth))
      : member(object, name, around, false, depth);
  }
  const source = object instanceof Unknown ? object.source : '';
  return (typeof object === 'string' ? ofPath(object, name) : undefined) ?? new Unknown('', source);
}

/** What the files that its settings are read from say, too. */
function ofInstance({ scope, given, prefix }: Instance, name: string, around: Surroundings, depth: number): Value {
  const file = envFileOf(given.get(ENV_FILE), ancestryOf(scope, around, depth), around, depth);
  const variables = readFrom(file, scope, around);
  if (variables instanceof Unknown) {
    return new Unknown('', `${name} (${variables.source})`);
  }
  const value = member(scope, name, { ...around, variables }, true, depth, prefix);
  return value instanceof Instance && file !== undefined
    ? new Instance(value.scope, value.prefix, new Map([...value.given, [ENV_FILE, file]]))
    : value;
}

/**
 * Of a class: its own or an inherited attribute. Settings classes (pydantic) take it from the environment first, and so does what
 * they hold, where `prefix` says how its variables begin.
 */
function member(scope: Scope, name: string, around: Surroundings, isInstance: boolean, depth: number, prefix: string | null = null): Value {
  if (depth > MAX_DEPTH) {
    return new Unknown();
  }
  const bases = scope.bases.map(({ text }) => text);
  const family = isInstance ? ancestryOf(scope, around, depth) : [scope];
  const isSettings = isInstance && family.some(isOfSettings);
  const start = prefix ?? (isSettings ? optionOf('env_prefix', family) : null);
  if (start !== null) {
    around.work.left -= around.variables.size;
    const aliases = aliasesOf(scope.bindings.get(name));
    const names = (aliases.length > 0 ? aliases : [start + name]).map((each) => each.toLowerCase());
    const given = [...around.variables].find(([variable]) => names.includes(variable.toLowerCase()));
    if (given !== undefined) {
      return given[1];
    }
  }
  const own = scope.bindings.get(name);
  if (own !== undefined) {
    const value = bound(own, scope, around, depth + 1);
    const delimiter = isSettings ? optionOf('env_nested_delimiter', family) : '';
    const held = value instanceof Instance ? value.scope : value instanceof Scope && value.kind === 'class' ? value : null;
    return held === null || start === null ? value : new Instance(held, delimiter === '' ? null : start + name + delimiter);
  }
  const getter = scope.functions.get(name);
  if (getter !== undefined) {
    return returned(getter, around, depth + 1);
  }
  for (const base of bases) {
    const parent = scope.outer === null ? undefined : lookUp(base, scope.outer, around, depth + 1);
    const found = parent instanceof Scope ? member(parent, name, around, isInstance, depth + 1) : undefined;
    if (found !== undefined && isKnown(found)) {
      return found;
    }
  }
  return new Unknown();
}

/** A class, and the project's own classes that it is derived from, the nearest first. */
export function ancestryOf(scope: Scope, around: Surroundings, depth: number): Scope[] {
  const { outer } = scope;
  if (outer === null || depth > MAX_DEPTH || around.work.left <= 0) {
    return [scope];
  }
  const parents = scope.bases.flatMap(({ text, kind }) => (kind === 'name' ? (lookUp(text, outer, around, depth + 1) ?? []) : []));
  const own = parents.filter((each) => each instanceof Scope && each !== scope) as Scope[];
  return [scope, ...own.flatMap((each) => ancestryOf(each, around, depth + 10))];
}

/** What a function of the project returns, where one of its answers can be read. */
export function returned(scope: Scope, around: Surroundings, depth: number, args?: Arguments): Value {
  if (depth > MAX_DEPTH) {
    return new Unknown();
  }
  const inside = args === undefined ? around : { ...around, given: { to: scope, values: parameters(scope, args, around, depth) } };
  const values = scope.returns
    .filter(({ when }) => mayHold(when, scope, inside, depth))
    .map(({ value }) => around.evaluate(value, scope, inside, depth + 1));
  return values.find((value) => isKnown(value) && value !== null) ?? values[0] ?? new Unknown();
}

/** What a function's parameters are in a call. */
function parameters(scope: Scope, { list, named }: Arguments, around: Surroundings, depth: number): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>();
  const written = splitAt(scope.bases, ',').filter(([name]) => name?.kind === 'name' && name.text !== 'self' && name.text !== 'cls');
  for (const [index, part] of written.entries()) {
    const name = part[0]?.text ?? '';
    const at = part.findIndex(({ text }) => text === '=');
    const usual = at < 0 || scope.outer === null ? undefined : around.evaluate(part.slice(at + 1), scope.outer, around, depth + 1);
    values.set(name, named.get(name) ?? list[index] ?? usual ?? new Unknown());
  }
  return values;
}

/** Whether all conditions of a statement are known, and hold. */
function doesHold(when: readonly Condition[], scope: Scope, around: Surroundings, depth: number): boolean {
  return when.every(({ test, isFalse }) => {
    const value = around.evaluate(test, scope, around, depth + 1);
    const isPlain = value === null || typeof value !== 'object';
    return isPlain && (value !== null && value !== false && value !== '' && value !== 0) !== isFalse;
  });
}

/** Whether nothing is known to be in the way of a statement. */
function mayHold(when: readonly Condition[], scope: Scope, around: Surroundings, depth: number): boolean {
  return when.every(({ test, isFalse }) => {
    const value = around.evaluate(test, scope, around, depth + 1);
    const isPlain = value === null || typeof value !== 'object';
    const holds = value !== null && value !== false && value !== '' && value !== 0;
    return !isPlain || holds !== isFalse;
  });
}
