// Where Django would find its database: DATABASES of the settings module that manage.py names.
import { dirname, join } from 'node:path';
import { textOf } from '../../reading/folder-search';
import { filesOfCode } from '../../reading/named-env-files';
import type { ProjectFolder } from '../../tool';
import { LOADS_DOTENV } from './alembic';
import { firstArgument } from './argument';
import { envFilesAt, inNamedWorlds, nearest, withEnvFiles } from './dotenv';
import { unknownReach, type Place, type Reach } from './place';
import { importsIn } from './imports';
import { PythonProject } from './python';
import { agreed, textIn, type PythonFile, type Statement, type Value } from './values';
import { absolute, otherEngine, reachOfUrl } from './url';
import { said } from '../../../said';

const VARIABLE = 'DJANGO_SETTINGS_MODULE';
/** Nobody splits settings into more. */
const MOST_MODULES = 30;
const COMPUTED = 'the settings compute the database in a way that only running them could tell';

export interface Start {
  /** Absolute path of manage.py. */
  readonly manage: string;
  /** What `--settings` names; null: it is not given. */
  readonly settings: string | null;
  /** The launcher reads `.env`. */
  readonly loads: boolean;
}

export function reachOfDjango({ manage, settings: given, loads }: Start, place: Place, folder: ProjectFolder): Reach {
  const { root } = folder;
  const base = dirname(manage);
  const beside = nearest('.env', base, root);
  const isLoadedFirst = loads || LOADS_DOTENV.test(textOf(manage) ?? '');
  const named = given ?? settingsOf(manage, beside !== null && isLoadedFirst ? withEnvFiles(place, [beside]) : place);
  if (named === null) {
    return unknownReach('manage.py names no settings, or computes them in a way that only running it could tell');
  }
  const project = new PythonProject(place, [base]);
  const settings = project.moduleFile(named, manage);
  if (settings === null) {
    return unknownReach(said`the settings ${named} are not here`);
  }
  const files = [...envFilesAt(dirname(settings), root), ...(beside === null ? [] : [beside])];
  const isLoaded = [...withImported(settings, project), join(dirname(settings), '__init__.py')].some((file) =>
    LOADS_DOTENV.test(textOf(file) ?? ''),
  );
  const found = { named: filesOfCode(folder, base), usual: [...new Set(files)] };
  return inNamedWorlds(place, found, isLoadedFirst || isLoaded ? true : null, (world) => ask(settings, base, world));
}

/** What manage.py sets is stronger than the environment, and that than its default. */
function settingsOf(manage: string, place: Place): string | null {
  const project = new PythonProject(place, [dirname(manage)]);
  const file = project.file(manage);
  const set: Value[] = [];
  const defaults: Value[] = [];
  for (const statement of file?.statements ?? []) {
    const { tokens, scope } = statement;
    const at = tokens.findIndex(({ value }) => value === VARIABLE);
    const next = tokens[at + 1]?.text;
    if (file === null || at < 2 || !project.isRun(statement, file)) {
      continue;
    }
    if (tokens[at - 2]?.text === 'setdefault' && next === ',') {
      defaults.push(project.evaluate(firstArgument(tokens.slice(at + 2), tokens[at]?.depth ?? 0), file, scope));
    } else if (tokens[at - 2]?.text === 'environ' && next === ']' && tokens[at + 2]?.text === '=') {
      set.push(project.evaluate(tokens.slice(at + 3), file, scope));
    }
  }
  const given = place.variable(VARIABLE);
  return set.length > 0 ? textIn(agreed(set)) : given !== undefined && given !== '' ? given : textIn(agreed(defaults));
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
  const given = file === null ? null : project.valueOf('DATABASES', file, [], 0);
  const isOwn =
    file?.statements.some(({ tokens: [first, second] }) => first?.text === 'DATABASES' && /^[=:]$/.test(second?.text ?? '')) === true;
  const others = isOwn ? [] : withImported(settings, project).filter((each) => each !== settings);
  const isKnown = !others.some((each) => (project.file(each)?.statements ?? []).some(changes));
  const databases = file === null || given === null || !isKnown ? null : changed(given, file, project);
  if (databases?.kind !== 'dictionary') {
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

/** With `DATABASES["default"]["NAME"] = value`, where it stands alone; null: it is changed in a way that is not known here. */
function changed(databases: Value, file: PythonFile, project: PythonProject): Value | null {
  let value: Value = databases;
  for (const statement of file.statements) {
    const { tokens, scope } = statement;
    const [, , alias, , inner, key, , equals] = tokens;
    const isReached = changes(statement) && project.isReached(statement, file);
    if (isReached === false) {
      continue;
    }
    const isEntry = alias?.value !== undefined && alias.value !== null && inner?.text === '[' && typeof key?.value === 'string';
    if (!isEntry || equals?.text !== '=' || isReached === null || isInBlock(statement) || scope.length > 0 || value.kind !== 'dictionary') {
      return null;
    }
    const before = entryOf(value, alias.value);
    const entries = before?.kind === 'dictionary' ? before.entries : [];
    const entry: Value = { kind: 'dictionary', entries: replaced(entries, key.value, project.evaluate(tokens.slice(8), file, [])) };
    value = { kind: 'dictionary', entries: replaced(value.entries, alias.value, entry) };
  }
  return value;
}

function changes({ tokens: [first, second] }: Statement): boolean {
  return first?.text === 'DATABASES' && (second?.text === '[' || second?.text === '.');
}

/** In a loop or the like: not in an `if` alone. */
function isInBlock({ tokens: [first], conditions }: Statement): boolean {
  return first?.column !== 0 && conditions.length === 0;
}

type Entries = (Value & { readonly kind: 'dictionary' })['entries'];

function replaced(entries: Entries, key: string, value: Value): Entries {
  return [...entries.filter(([name]) => name !== key), [key, value] as const];
}

function entryOf(value: Value | undefined, key: string): Value | undefined {
  return value?.kind === 'dictionary' ? value.entries.find(([name]) => name === key)?.[1] : undefined;
}
