// What stands in a dictionary, a list or the environment under a key, and how a variable of the environment is called.
import { Dotted, Unknown, type Arguments, type Surroundings, type Value } from './values';

/** The name of a variable stands first. */
export function prefixed({ list: [name, ...others], named }: Arguments, prefix: string): Arguments {
  return typeof name === 'string'
    ? { list: [prefix + name, ...others], named }
    : { list: name === undefined ? [] : [name, ...others], named };
}

export function item(object: Value, index: Value, around: Surroundings): Value {
  if (object instanceof Dotted && typeof index === 'string' && /(?:^|\.)environ$/.test(object.path)) {
    return around.variables.get(index) ?? new Unknown();
  }
  if (Array.isArray(object)) {
    return typeof index === 'number' ? (object[index] ?? new Unknown()) : new Unknown();
  }
  return object instanceof Map && typeof index === 'string' ? ((object.get(index) as Value | undefined) ?? new Unknown()) : new Unknown();
}
