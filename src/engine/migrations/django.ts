// Django: `python manage.py migrate` (https://docs.djangoproject.com/en/stable/topics/migrations/).
import { basename, dirname, join } from 'node:path';
import type { Connection } from '../sqlite/connection';
import { filesOf, textOf } from './folder-search';
import { readModule, type Literal } from './python/module';
import { rowsOf } from './rows';
import type { MigrationCommands, SchemaProblem } from './schema';
import type { AppliedMigrations, Migration, MigrationHistory, MigrationTool, ProjectFolder, Situation } from './tool';

interface Script {
  /** `app.0001_initial`. */
  readonly revision: string;
  readonly app: string;
  readonly file: string;
  readonly dependencies: readonly string[];
  readonly runBefore: readonly string[];
  readonly replaces: readonly string[];
}

interface DjangoHistory extends MigrationHistory {
  readonly apps: ReadonlySet<string>;
  /** Squashed migration -> those that it replaces. */
  readonly squashes: ReadonlyMap<string, readonly string[]>;
}

export const django = { name: 'django', history, applied, commands } satisfies MigrationTool;

function history(project: ProjectFolder): DjangoHistory | null {
  const files = filesOf(project);
  const manage = files.find((file) => basename(file) === 'manage.py');
  if (manage === undefined) {
    return null;
  }
  const problems: SchemaProblem[] = [];
  const all = files.filter(isMigrationFile).flatMap((file) => readScript(file, files, problems) ?? []);
  const squashes = new Map(all.filter((script) => script.replaces.length > 0).map((script) => [script.revision, script.replaces]));
  const replaced = new Set([...squashes.values()].flat());
  const scripts = inOrder(
    all.filter((script) => !replaced.has(script.revision)),
    squashes,
  );
  const leaves = leavesOf(scripts);
  const several = [...leaves].find(([, names]) => names.length > 1);
  return {
    folder: dirname(manage),
    migrations: scripts.map((script) => script.migration),
    heads: [...leaves.values()].flat().sort(),
    rowsImplyAncestors: false,
    conflict:
      several === undefined
        ? null
        : `The app ${several[0]} has several newest migrations (${several[1].join(', ')}): Django refuses to migrate until "makemigrations --merge" was run.`,
    problems,
    incomplete: problems.length > 0,
    watch: [manage, ...new Set(files.filter(isMigrationFile).map((file) => dirname(file)))],
    apps: new Set(all.map((script) => script.app)),
    squashes,
  };
}

/** As Django's loader: names that begin with _ or ~ are none. */
function isMigrationFile(file: string): boolean {
  return basename(dirname(file)) === 'migrations' && /^[^_~].*\.py$/.test(basename(file));
}

function readScript(file: string, files: readonly string[], problems: SchemaProblem[]): Script | null {
  const app = labelOf(dirname(dirname(file)), files);
  const revision = `${app}.${basename(file, '.py')}`;
  const text = textOf(file);
  const body = text === null ? null : classBody(text);
  if (body === null) {
    problems.push({ message: 'It has no class Migration, so that Django refuses every migration.', file });
    return null;
  }
  try {
    const { assignments } = readModule(body.text);
    const named = (name: string): readonly string[] => pairsOf(assignments.get(name)?.value);
    const unreadable = ['dependencies', 'replaces', 'run_before'].find(
      (name) => assignments.has(name) && assignments.get(name)?.value === undefined,
    );
    if (unreadable !== undefined) {
      const line = body.line + (assignments.get(unreadable)?.line ?? 1);
      problems.push({ message: `Its ${unreadable} is not a plain list, so that it cannot be read without running the file.`, file, line });
    }
    return { revision, app, file, dependencies: named('dependencies'), runBefore: named('run_before'), replaces: named('replaces') };
  } catch (error) {
    problems.push({ message: `It cannot be read: ${error instanceof Error ? error.message : String(error)}.`, file, line: body.line });
    return null;
  }
}

/** The app's label: its folder's name, unless its AppConfig says otherwise. */
function labelOf(folder: string, files: readonly string[]): string {
  const config = join(folder, 'apps.py');
  const label = files.includes(config) ? /^\s+label\s*=\s*['"](\w+)['"]/m.exec(textOf(config) ?? '')?.[1] : undefined;
  return label ?? basename(folder);
}

/** The lines of `class Migration`, without their indentation. */
function classBody(text: string): { readonly text: string; readonly line: number } | null {
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => /^class\s+Migration\b/.test(line));
  if (start < 0) {
    return null;
  }
  const length = lines.slice(start + 1).findIndex((line) => /^[^\s#)\]}]/.test(line));
  const body = lines.slice(start + 1, length < 0 ? undefined : start + 1 + length);
  const indent = Math.min(
    ...body.filter((line) => /\S/.test(line) && !/^[)\]}]/.test(line)).map((line) => /^\s*/.exec(line)?.[0].length ?? 0),
  );
  const plain = body.map((line) => line.slice(Math.min(indent, /^\s*/.exec(line)?.[0].length ?? 0))).join('\n');
  // A swappable model belongs to an app that is rarely in the project; what it is, only the settings know.
  return { text: plain.replace(/migrations\.swappable_dependency\([^)]*\)/g, 'None'), line: start + 1 };
}

/** [("app", "0001_initial"), ...] as `app.0001_initial`. */
function pairsOf(value: Literal | undefined): string[] {
  const list = Array.isArray(value) ? (value as readonly Literal[]) : [];
  return list.flatMap((pair) =>
    Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string') ? [pair.join('.')] : [],
  );
}

interface Ordered {
  readonly app: string;
  readonly migration: Migration;
}

/** Dependencies first; of those that are free, by name: the order within an app is Django's. */
function inOrder(scripts: readonly Script[], squashes: ReadonlyMap<string, readonly string[]>): Ordered[] {
  const byRevision = new Map(scripts.map((script) => [script.revision, script]));
  const standIn = new Map([...squashes].flatMap(([squash, names]) => names.map((name) => [name, squash] as const)));
  const resolve = (name: string, self: string): string[] => {
    const [app = '', migration] = [name.slice(0, name.indexOf('.')), name.slice(name.indexOf('.') + 1)];
    const own = scripts
      .filter((script) => script.app === app)
      .map((script) => script.revision)
      .sort();
    const target = migration === '__first__' ? own[0] : migration === '__latest__' ? own.at(-1) : (standIn.get(name) ?? name);
    return target !== undefined && target !== self && byRevision.has(target) ? [target] : [];
  };
  const parents = new Map(
    scripts.map((script) => [script.revision, script.dependencies.flatMap((name) => resolve(name, script.revision))]),
  );
  for (const script of scripts) {
    for (const later of script.runBefore.flatMap((name) => resolve(name, script.revision))) {
      parents.get(later)?.push(script.revision);
    }
  }
  const ordered: Ordered[] = [];
  const seen = new Set<string>();
  const visit = (script: Script): void => {
    if (seen.has(script.revision)) {
      return;
    }
    seen.add(script.revision);
    const before = [...new Set(parents.get(script.revision) ?? [])].sort();
    for (const parent of before) {
      const next = byRevision.get(parent);
      if (next !== undefined) {
        visit(next);
      }
    }
    const title = basename(script.file, '.py').replace(/^\d+_/, '').replaceAll('_', ' ');
    ordered.push({ app: script.app, migration: { revision: script.revision, title, file: script.file, parents: before } });
  };
  for (const script of [...scripts].sort((a, b) => (a.revision < b.revision ? -1 : 1))) {
    visit(script);
  }
  return ordered;
}

/** Per app, the migrations on which none of the same app depends. */
function leavesOf(scripts: readonly Ordered[]): Map<string, string[]> {
  const leaves = new Map<string, string[]>();
  for (const { app, migration } of scripts) {
    const isParent = scripts.some((other) => other.app === app && other.migration.parents.includes(migration.revision));
    if (!isParent) {
      leaves.set(app, [...(leaves.get(app) ?? []), migration.revision]);
    }
  }
  return leaves;
}

function applied(db: Connection, project: ProjectFolder): AppliedMigrations | null {
  const table = rowsOf(db, 'django_migrations', ['id', 'app', 'name'], 'id');
  if (table === null) {
    return null;
  }
  const files = history(project);
  const all = table.map((row) => ({ app: String(row.app), revision: `${String(row.app)}.${String(row.name)}` }));
  // Apps that are installed as packages bring their own migrations.
  const own = (files === null ? all : all.filter(({ app }) => files.apps.has(app))).map(({ revision }) => revision);
  const rows = withSquashes(own, files?.squashes ?? new Map());
  const newest = new Map(rows.map((revision) => [revision.slice(0, revision.indexOf('.')), revision]));
  return { rows, revisions: [...newest.values()].sort(), halfApplied: [], tables: ['django_migrations'] };
}

/** Django counts a squashed migration as applied when all that it replaces are; those rows then speak for it. */
function withSquashes(rows: readonly string[], squashes: ReadonlyMap<string, readonly string[]>): string[] {
  const replaced = new Set([...squashes.values()].flat());
  const complete = [...squashes].filter(([, names]) => names.every((name) => rows.includes(name))).map(([squash]) => squash);
  return [...new Set([...rows.filter((row) => !replaced.has(row)), ...complete])];
}

function commands({ hasTables }: Situation): MigrationCommands {
  const manage = 'python manage.py';
  return { show: `${manage} showmigrations`, apply: `${manage} migrate${hasTables === true ? ' --fake-initial' : ''}` };
}
