// Members of a project's classes: fields, properties, and settings that variables of the environment fill.
import { settingsVariable } from './library';
import { agreed, type Modules, type PythonFile, textValue, UNKNOWN, type Value } from './values';

/** A field of settings is what its variable says; otherwise what the class says. */
export function classMember(owner: Owner, name: string, project: Modules, depth: number): Value {
  const { file, scope } = owner;
  const family = ancestryOf(owner, project, depth);
  const isSettings = family.some((each) => basesOf(each.file, each.scope).some((base) => /Settings$/.test(base)));
  const option = (key: string): string | null => family.map((each) => optionOf(each, key)).find((value) => value !== null) ?? null;
  if (isSettings && owner.arguments !== null) {
    if (owner.arguments.some((each) => each === name || each.startsWith('_')) || hasAlias(file, scope, name)) {
      return UNKNOWN;
    }
    const variable = settingsVariable(project, option, name);
    if (variable !== undefined) {
      return variable === null ? UNKNOWN : textValue(variable);
    }
  }
  const isMethod = file.statements.some((statement) => statement.scope.join('\n') === [...scope, name].join('\n'));
  if (isMethod) {
    return project.returned(file, [...scope, name], depth + 1);
  }
  const values = file.statements
    .filter((statement) => statement.scope.join('\n') === scope.join('\n') && statement.tokens[0]?.text === name)
    .flatMap(({ tokens }) => {
      const equals = tokens.findIndex((token) => token.text === '=' && token.depth === 0);
      return equals < 0 ? [] : [project.evaluate(tokens.slice(equals + 1), file, scope, depth + 1)];
    });
  if (values.length > 0) {
    const value = agreed(values);
    // What it holds may be filled by variables as well.
    return isSettings && value.kind === 'scope' && option('env_nested_delimiter') !== null ? UNKNOWN : value;
  }
  for (const base of basesOf(file, scope)) {
    const parent = project.valueOf(base, file, scope.slice(0, -1), depth + 1);
    if (parent.kind === 'scope') {
      return classMember({ ...parent, arguments: owner.arguments }, name, project, depth + 1);
    }
  }
  return UNKNOWN;
}

type Owner = Value & { readonly kind: 'scope' };

/** A class, and the project's own classes that it is derived from, the nearest first. */
function ancestryOf(owner: Owner, project: Modules, depth: number): Owner[] {
  const parents = basesOf(owner.file, owner.scope).map((base) => project.valueOf(base, owner.file, owner.scope.slice(0, -1), depth + 1));
  const known = depth > DEEPEST ? [] : parents.filter((each) => each.kind === 'scope');
  return [owner, ...known.flatMap((parent) => ancestryOf(parent, project, depth + 1))];
}

/** Classes that are derived from one another any longer are no settings. */
const DEEPEST = 20;

/** An option of pydantic's settings, wherever the class says it; null: nowhere. */
function optionOf({ file, scope }: Owner, name: string): string | null {
  const inside = file.statements
    .filter((statement) => scope.every((each, index) => statement.scope[index] === each))
    .flatMap(({ tokens }) => tokens);
  const at = inside.findIndex((token, index) => token.text === name && inside[index + 1]?.text === '=');
  return at < 0 ? null : (inside[at + 2]?.value ?? null);
}

/** A field that is called otherwise in the environment. */
function hasAlias(file: PythonFile, scope: readonly string[], name: string): boolean {
  return file.statements.some(
    ({ tokens, scope: place }) =>
      place.join('\n') === scope.join('\n') &&
      tokens[0]?.text === name &&
      tokens.some(({ text }, index) => /^(?:validation_alias|alias|env)$/.test(text) && tokens[index + 1]?.text === '='),
  );
}

function basesOf(file: PythonFile, scope: readonly string[]): string[] {
  const name = scope.at(-1);
  const header = file.statements.find(({ tokens: [first, second] }) => first?.text === 'class' && second?.text === name);
  return (
    header?.tokens
      .slice(3)
      .filter(({ kind }) => kind === 'name')
      .map(({ text }) => text) ?? []
  );
}
