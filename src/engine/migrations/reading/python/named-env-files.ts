// The files of variables that pydantic's settings are read from, where the code names them: `_env_file`, `env_file`.
import { basename } from 'node:path';
import { variablesOf } from '../env-files';
import type { Scope } from './scope';
import { Unknown, type Surroundings, type Value } from './values';

type Variables = Surroundings['variables'];

/** An argument that settings are made with; the class's own configuration gives way to it. */
export const ENV_FILE = '_env_file';

/** Variables with those of named files over them: what is read with them names no further file. */
const JOINED = new WeakSet<Variables>();
const PAIRS = new WeakMap<Variables, WeakMap<Variables, Variables>>();

/** What names the files of settings; undefined: nothing does. `family`: the class and those it is derived from, the nearest first. */
export function envFileOf(given: Value | undefined, family: readonly Scope[], around: Surroundings, depth: number): Value | undefined {
  if (given !== undefined || JOINED.has(around.variables) || !family.some(isOfSettings)) {
    return given;
  }
  for (const scope of family) {
    const config = scope.bindings.get('model_config')?.at(-1);
    const options = config === undefined ? undefined : around.evaluate(config.value, scope, around, depth + 1);
    const inner = scope.classes.get('Config');
    const older = inner?.bindings.get('env_file')?.at(-1);
    const named =
      options instanceof Map
        ? (options as ReadonlyMap<string, Value>).get('env_file')
        : older === undefined || inner === undefined
          ? undefined
          : around.evaluate(older.value, inner, around, depth + 1);
    if (named !== undefined) {
      // That there is no `.env` is usual, and which of several it is follows from where the application is started.
      return typeof named === 'string' && basename(named) === '.env' && variablesOf(scope.module.project, named, scope.module.file) === null
        ? undefined
        : named;
    }
  }
  return undefined;
}

export function isOfSettings({ bases }: Scope): boolean {
  return bases.some(({ text }) => /Settings|Config/.test(text));
}

/**
 * The variables with those of the named files over them, of which the last counts; an Unknown where none is there, or only running
 * the project could name it. https://docs.pydantic.dev/latest/concepts/pydantic_settings/#dotenv-env-support
 */
export function readFrom(named: Value | undefined, { module }: Scope, { variables }: Surroundings): Variables | Unknown {
  if (named === undefined || named === null) {
    return variables;
  }
  const files = Array.isArray(named) ? named : [named];
  const texts = files.filter((each) => typeof each === 'string');
  const found = texts.flatMap((each) => variablesOf(module.project, each, module.file) ?? []);
  if (texts.length < files.length || found.length === 0) {
    return new Unknown('', texts.length < files.length ? ENV_FILE : texts.join(', '));
  }
  return found.reduce(joined, variables);
}

function joined(before: Variables, over: Variables): Variables {
  const pairs = PAIRS.get(before) ?? new WeakMap<Variables, Variables>();
  PAIRS.set(before, pairs);
  const both = pairs.get(over) ?? new Map([...over, ...[...before].filter(([name]) => !over.has(name))]);
  pairs.set(over, both);
  JOINED.add(both);
  return both;
}
