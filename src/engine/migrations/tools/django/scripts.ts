// Django's migration files: which there are, and what each says about itself.
import { basename, dirname, join, sep } from 'node:path';
import { MOST_MIGRATION_BYTES } from '../../../limits/sizes';
import { filesOf } from '../../reading/folder-search';
import { lookOf } from '../../reading/look';
import { readModule, type Literal } from '../../reading/python/module';
import { PythonSyntaxError, tokenize } from '../../reading/python/tokens';
import type { SchemaProblem } from '../../schema';
import type { ProjectFolder } from '../../tool';
import type { Settings } from './settings';
import { said } from '../../../said';

export interface Script {
  /** `app.0001_initial`. */
  readonly revision: string;
  readonly app: string;
  readonly file: string;
  readonly dependencies: readonly string[];
  readonly runBefore: readonly string[];
  readonly replaces: readonly string[];
}

export interface App {
  readonly label: string;
  /** The folder of the app itself; null: it is not in the project, which keeps only its migrations (MIGRATION_MODULES). */
  readonly folder: string | null;
  /** The folder with its migrations. */
  readonly migrations: string;
}

/** Every app of the project that has a package of migrations, installed or not. */
export function findApps(project: ProjectFolder, settings: Settings): App[] {
  const files = new Set(filesOf(project));
  const packages = [...files].filter((file) => basename(file) === '__init__.py').map((file) => dirname(file));
  const usual = packages
    .filter((folder) => basename(folder) === 'migrations')
    .map((migrations) => ({ label: labelOf(dirname(migrations), files, project), folder: dirname(migrations), migrations }))
    .filter(({ label }) => !settings.modules.has(label));
  const byLabel = new Map<string, string[]>();
  for (const folder of settings.modules.size === 0 ? [] : packages.filter((each) => basename(each) !== 'migrations')) {
    const label = labelOf(folder, files, project);
    byLabel.set(label, byLabel.get(label) ?? []);
    byLabel.get(label)?.push(folder);
  }
  const moved = [...settings.modules].flatMap(([label, name]): App[] => {
    const path = name?.replaceAll('.', sep);
    const migrations = path === undefined ? undefined : packages.find((folder) => folder.endsWith(sep + path));
    const own = byLabel.get(label)?.find((folder) => folder !== migrations);
    return migrations === undefined ? [] : [{ label, folder: own ?? null, migrations }];
  });
  return [...usual, ...moved];
}

/** The app's label: its folder's name, unless its AppConfig says otherwise. */
function labelOf(folder: string, files: ReadonlySet<string>, project: ProjectFolder): string {
  const config = join(folder, 'apps.py');
  const label = files.has(config) ? /^[ \t]+label\s*=\s*['"](\w+)['"]/m.exec(lookOf(project).text(config) ?? '')?.[1] : undefined;
  return label ?? basename(folder);
}

/** As Django's loader: every module of the package counts, except names that begin with _ or ~. */
export function scriptsOf(app: App, project: ProjectFolder): string[] {
  return lookOf(project)
    .filesIn(app.migrations)
    .filter((file) => /^[^_~.][^.]*\.py$/.test(basename(file)));
}

/** null: the file is no migration, or is half-written; `problems` says why. */
export function readScript(
  file: string,
  app: string,
  userApp: string | null,
  problems: SchemaProblem[],
  project: ProjectFolder,
): Script | null {
  const look = lookOf(project);
  const read = look.once('django script', `${file}\0${app}\0${userApp ?? ''}`, () => {
    const own: SchemaProblem[] = [];
    return { script: scriptIn(look.text(file, MOST_MIGRATION_BYTES) ?? '', file, app, userApp, own), problems: own };
  });
  problems.push(...read.problems);
  return read.script;
}

function scriptIn(text: string, file: string, app: string, userApp: string | null, problems: SchemaProblem[]): Script | null {
  try {
    const body = classBody(text, userApp);
    if (body === null) {
      problems.push({ message: 'It has no class Migration, so that Django refuses every migration.', file });
      return null;
    }
    const { assignments } = readModule(body.text);
    for (const name of ['dependencies', 'replaces', 'run_before']) {
      const assignment = assignments.get(name);
      if (assignment !== undefined && pairsOf(assignment.value) === null) {
        const line = body.line + assignment.line;
        problems.push({ message: said`Its ${name} is not a plain list, so that it cannot be read without running the file.`, file, line });
      }
    }
    const named = (name: string): readonly string[] => pairsOf(assignments.get(name)?.value) ?? [];
    const revision = `${app}.${basename(file, '.py')}`;
    return { revision, app, file, dependencies: named('dependencies'), runBefore: named('run_before'), replaces: named('replaces') };
  } catch (error) {
    if (!(error instanceof PythonSyntaxError)) {
      throw error;
    }
    problems.push({ message: said`It cannot be read: ${error.message}.`, file, line: error.line });
    return null;
  }
}

/** The lines of `class Migration`, without their indentation; `line` is the one of its header. */
function classBody(text: string, userApp: string | null): { readonly text: string; readonly line: number } | null {
  const tokens = tokenize(text);
  const begin = tokens.findIndex(
    ({ text: word, column }, index) => word === 'class' && column === 0 && tokens[index + 1]?.text === 'Migration',
  );
  const header = tokens[begin];
  if (header === undefined) {
    return null;
  }
  const after = tokens.find(
    (token, index) => index > begin && token.column === 0 && token.kind !== 'newline' && tokens[index - 1]?.kind === 'newline',
  );
  const lines = text.split(/\r\n?|\n/).slice(header.line, after === undefined ? undefined : after.line - 1);
  const indent = tokens.find(({ line, kind }) => line > header.line && kind !== 'newline')?.column ?? 0;
  const plain = lines.map((line) => line.slice(Math.min(indent, /^\s*/.exec(line)?.[0].length ?? 0))).join('\n');
  const user = userApp === null ? 'None' : `("${userApp}", "__first__")`;
  return { text: plain.replace(/(?:migrations\.)?swappable_dependency\([^)]{0,500}\)/g, user), line: header.line };
}

/** [("app", "0001_initial"), ...] as `app.0001_initial`; null for anything else. */
function pairsOf(value: Literal | undefined): string[] | null {
  if (!Array.isArray(value)) {
    return null;
  }
  const pairs = (value as readonly Literal[])
    .filter((pair) => pair !== null)
    .map((pair) => (Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string') ? pair.join('.') : null));
  return pairs.includes(null) ? null : pairs.flatMap((pair) => pair ?? []);
}
