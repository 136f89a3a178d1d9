// Where Django would find its database: DATABASES of the settings module that manage.py names.
import { dirname, join } from 'node:path';
import { textOf } from '../../reading/folder-search';
import { LOADS_DOTENV } from './alembic';
import { inBothWorlds, nearest } from './dotenv';
import { unknownReach, type Place, type Reach } from './place';
import { importsIn, PythonProject } from './python';
import { textIn, type Value } from './values';
import { absolute, otherEngine, reachOfUrl } from './url';

/** Nobody splits settings into more. */
const MOST_MODULES = 30;
const COMPUTED = 'the settings compute the database in a way that only running them could tell';

/** `manage`: absolute path of manage.py. */
export function reachOfDjango(manage: string, place: Place, root: string, loads = false): Reach {
  const base = dirname(manage);
  const named =
    place.variable('DJANGO_SETTINGS_MODULE') ?? /DJANGO_SETTINGS_MODULE['"]\s*,\s*['"]([\w.]+)['"]/.exec(textOf(manage) ?? '')?.[1];
  if (named === undefined) {
    return unknownReach('manage.py names no settings');
  }
  const project = new PythonProject(place, [base]);
  const settings = project.moduleFile(named, manage);
  if (settings === null) {
    return unknownReach(`the settings ${named} are not here`);
  }
  const files = [nearest('.env', dirname(settings), root), nearest('.env', base, root)].filter((file) => file !== null);
  const isLoaded = [...withImported(settings, project), manage, join(dirname(settings), '__init__.py')].some((file) =>
    LOADS_DOTENV.test(textOf(file) ?? ''),
  );
  return inBothWorlds(place, [...new Set(files)], loads || isLoaded ? true : null, (world) => ask(settings, base, world));
}

/** The module and those from which it takes everything, as split settings do. */
function withImported(settings: string, project: PythonProject): string[] {
  const found = new Set([settings]);
  for (const file of found) {
    const names = (project.file(file)?.statements ?? []).flatMap(({ tokens }) => importsIn(tokens)).filter(({ as }) => as === '*');
    for (const path of names.flatMap(({ module }) => project.moduleFile(module, file) ?? [])) {
      if (found.size < MOST_MODULES) {
        found.add(path);
      }
    }
  }
  return [...found];
}

function ask(settings: string, base: string, place: Place): Reach {
  const project = new PythonProject(place, [base, join(base, 'src')]);
  const file = project.file(settings);
  const databases = file === null ? null : project.valueOf('DATABASES', file, [], 0);
  if (
    file === null ||
    databases?.kind !== 'dictionary' ||
    file.statements.some(({ tokens: [first, second] }) => first?.text === 'DATABASES' && second?.text === '[')
  ) {
    return unknownReach(COMPUTED);
  }
  const found = entryOf(databases, 'default');
  if (found?.kind === 'text') {
    return reachOfUrl(found.text, place.folder);
  }
  const engine = textIn(entryOf(found, 'ENGINE') ?? { kind: 'none' });
  const name = textIn(entryOf(found, 'NAME') ?? { kind: 'none' });
  const other = engine === null ? null : otherEngine(engine);
  if (other !== null) {
    return { kind: 'engine', name: other };
  }
  return engine === null || name === null || name === '' || !/sqlite|spatialite/.test(engine)
    ? unknownReach(COMPUTED)
    : { kind: 'file', path: absolute(name, place.folder) };
}

function entryOf(value: Value | undefined, key: string): Value | undefined {
  return value?.kind === 'dictionary' ? value.entries.find(([name]) => name === key)?.[1] : undefined;
}
