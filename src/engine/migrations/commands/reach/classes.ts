// Members of a project's classes: fields, properties, and settings that variables of the environment fill.
import { settingsVariable } from './library';
import { agreed, type Modules, type PythonFile, textValue, UNKNOWN, type Value } from './values';

/** A field of settings is what its variable says; otherwise what the class says. */
export function classMember(owner: Value & { readonly kind: 'scope' }, name: string, project: Modules, depth: number): Value {
  const { file, scope } = owner;
  const isSettings = basesOf(file, scope).some((base) => /Settings$/.test(base));
  if (isSettings && owner.arguments !== null) {
    const variable = settingsVariable(project, file, scope, name);
    if (variable !== undefined) {
      return textValue(variable);
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
    return agreed(values);
  }
  for (const base of basesOf(file, scope)) {
    const parent = project.valueOf(base, file, scope.slice(0, -1), depth + 1);
    if (parent.kind === 'scope') {
      return classMember({ ...parent, arguments: owner.arguments }, name, project, depth + 1);
    }
  }
  return UNKNOWN;
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
