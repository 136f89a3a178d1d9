// How the fields of pydantic's settings are called in the environment.
import type { Binding, Scope } from './scope';

/** The names under which a field is found in the environment: `alias`, `validation_alias`, `env` of its `Field`. */
export function aliasesOf(bindings: readonly Binding[] = []): string[] {
  return bindings.flatMap(({ value }) =>
    value.flatMap(({ text, depth }, index) => {
      if (!ALIASES.includes(text) || value[index + 1]?.text !== '=') {
        return [];
      }
      const end = value.findIndex((token, at) => at > index && token.depth === depth && (token.text === ',' || token.text === ')'));
      return value.slice(index + 2, end < 0 ? undefined : end).flatMap((token) => token.value ?? []);
    }),
  );
}

const ALIASES = ['alias', 'validation_alias', 'env'];

/** `env_prefix` and its like, in the way of either generation of pydantic; the nearest class that says it counts. */
export function optionOf(name: 'env_prefix' | 'env_nested_delimiter', family: readonly Scope[]): string {
  for (const scope of family) {
    const inner = scope.classes.get('Config')?.bindings.get(name)?.at(-1)?.value[0]?.value;
    const config = scope.bindings.get('model_config')?.[0]?.value ?? [];
    const at = config.findIndex(({ text, value }) => text === name || value === name);
    const value = inner ?? config[at < 0 ? Infinity : at + 2]?.value;
    if (typeof value === 'string') {
      return value;
    }
  }
  return '';
}
