// Django: `python manage.py migrate` (https://docs.djangoproject.com/en/stable/topics/migrations/).
import { dirname } from 'node:path';
import type { Connection } from '../../../sqlite/connection';
import { leftovers } from '../../reading/leftovers';
import { lookOf } from '../../reading/look';
import { rowsOf } from '../../reading/rows';
import type { MigrationCommands, SchemaProblem } from '../../schema';
import type { AppliedMigrations, Migration, MigrationHistory, MigrationTool, ProjectFolder, Situation } from '../../tool';
import { appOf, buildGraph, nameOf, type Graph } from './graph';
import { findApps, readScript, scriptsOf, type App, type Script } from './scripts';
import { databases } from './databases';
import { installedApps, manageOf, readSettings, type Settings } from './settings';
import { uploads } from './uploads';
import { said } from '../../../said';

export const django = { name: 'django', history, applied, commands, databases, uploads } satisfies MigrationTool;

interface Files {
  readonly manage: string;
  readonly settings: Settings;
  readonly apps: readonly App[];
}

function filesIn(project: ProjectFolder): Files | null {
  return lookOf(project).once('django files', '', () => {
    const manage = manageOf(project);
    if (manage === null) {
      return null;
    }
    const settings = readSettings(manage, project);
    return { manage, settings, apps: findApps(project, settings) };
  });
}

function history(project: ProjectFolder): MigrationHistory | null {
  const files = filesIn(project);
  return files && historyFor(files, project, new Set()).history;
}

/** Which of several ways through squashed migrations is taken depends on what the database has applied. */
function historyFor(
  { manage, settings, apps }: Files,
  project: ProjectFolder,
  rows: ReadonlySet<string>,
): { history: MigrationHistory; graph: Graph } {
  const problems: SchemaProblem[] = [];
  const migrated = new Set([...rows].map(appOf));
  const isInstalled = installedApps(settings, dirname(manage));
  const own = apps.filter(({ label, folder }) => migrated.has(label) || folder === null || isInstalled(folder));
  const scripts = own.flatMap((app) =>
    scriptsOf(app, project).flatMap((file) => readScript(file, app.label, settings.userApp, problems, project) ?? []),
  );
  const graph = buildGraph(scripts, rows);
  const history = {
    folder: dirname(manage),
    migrations: graph.scripts.map((script) => migrationOf(script, graph)),
    heads: [...graph.leaves.values()].flat(),
    rowsImplyAncestors: false,
    conflict: conflictOf(graph),
    problems: [...problems, ...problemsOf(graph)],
    incomplete: problems.length > 0,
    watch: [...new Set([manage, ...settings.files, ...apps.map((app) => app.migrations)])],
  };
  return { history, graph };
}

function migrationOf({ revision, file, replaces }: Script, { parents }: Graph): Migration {
  const title = nameOf(revision).replace(/^\d+_/, '').replaceAll('_', ' ');
  return { revision, title, file, parents: parents.get(revision) ?? [], ...(replaces.length > 0 ? { replaces } : {}) };
}

function conflictOf({ leaves }: Graph): string | null {
  const several = [...leaves].find(([, revisions]) => revisions.length > 1);
  return several === undefined
    ? null
    : said`The app ${several[0]} has several newest migrations (${several[1].map(nameOf).join(', ')}): Django refuses to migrate until they are merged with "python manage.py makemigrations --merge".`;
}

function problemsOf({ missing, cycle }: Graph): SchemaProblem[] {
  return [
    ...missing.map(({ script, dependency }) => ({
      message: said`${script.revision} names ${dependency}, which is in no file: Django refuses to migrate.`,
      file: script.file,
    })),
    ...(cycle === null
      ? []
      : [{ message: said`${cycle.revision} depends on itself in the end: Django refuses to migrate.`, file: cycle.file }]),
  ];
}

function applied(db: Connection, project: ProjectFolder): AppliedMigrations | null {
  const table = rowsOf(db, 'django_migrations', ['id', 'app', 'name'], 'id');
  if (table === null) {
    return null;
  }
  const all = table.map(({ app, name }) => `${String(app)}.${String(name)}`);
  const about = { halfApplied: leftovers(db, 'new__'), tables: ['django_migrations'] };
  const files = filesIn(project);
  if (files === null) {
    return { ...about, rows: all, revisions: newestOf(all) };
  }
  const recorded = new Set(all);
  const { history: seen, graph } = historyFor(files, project, recorded);
  // Apps that are installed as packages bring their own migrations.
  const apps = new Set(files.apps.map(({ label }) => label));
  const isOldSquashed = oldSquashed(graph);
  const rows = [...graph.applied].filter((revision) => apps.has(appOf(revision)) && !isOldSquashed(revision));
  const unknown = rows.filter((revision) => !graph.parents.has(revision));
  return {
    ...about,
    rows,
    revisions: [...leavesAmong(rows, graph), ...newestOf(unknown)].sort(),
    problems: inconsistencies(recorded, graph),
    history: seen,
  };
}

/** The last row of each app. */
function newestOf(revisions: readonly string[]): string[] {
  return [...new Map(revisions.map((revision) => [appOf(revision), revision])).values()].sort();
}

function leavesAmong(rows: readonly string[], { parents }: Graph): string[] {
  const known = rows.filter((revision) => parents.has(revision));
  const covered = new Set(known.flatMap((child) => (parents.get(child) ?? []).filter((parent) => appOf(parent) === appOf(child))));
  return known.filter((revision) => !covered.has(revision));
}

/**
 * Rows of migrations that were squashed and deleted long ago stay in the table; `0001_squashed_0004_x` names their range.
 * Tells of a row whether it is one.
 */
function oldSquashed({ parents }: Graph): (revision: string) => boolean {
  const ranges = new Map<string, (readonly [from: number, to: number])[]>();
  for (const squash of parents.keys()) {
    const range = /^(\d+)_squashed_(\d+)/.exec(nameOf(squash));
    if (range !== null) {
      const others = ranges.get(appOf(squash)) ?? [];
      ranges.set(appOf(squash), others);
      others.push([Number(range[1]), Number(range[2])]);
    }
  }
  const joined = new Map([...ranges].map(([app, each]) => [app, joinedRanges(each)]));
  return (revision) => {
    const number = numberOf(nameOf(revision));
    return !parents.has(revision) && (joined.get(appOf(revision)) ?? []).some(([from, to]) => number >= from && number <= to);
  };
}

/** The fewest ranges that hold the same numbers. */
function joinedRanges(ranges: readonly (readonly [from: number, to: number])[]): (readonly [from: number, to: number])[] {
  const joined: [from: number, to: number][] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1] + 1) {
      last[1] = Math.max(last[1], to);
    } else if (from <= to) {
      joined.push([from, to]);
    }
  }
  return joined;
}

function numberOf(name: string): number {
  return Number(/^\d+/.exec(name)?.[0] ?? NaN);
}

function inconsistencies(recorded: ReadonlySet<string>, { scripts, parents, applied: meant }: Graph): SchemaProblem[] {
  return scripts
    .filter(({ revision }) => recorded.has(revision))
    .flatMap(({ revision, file }) =>
      (parents.get(revision) ?? [])
        .filter((parent) => !recorded.has(parent) && !meant.has(parent))
        .map((parent) => ({
          message: said`${revision} is applied, but ${parent}, on which it depends, is not: Django refuses to migrate.`,
          file,
        })),
    );
}

function commands({ hasTables }: Situation): MigrationCommands {
  const manage = 'python manage.py';
  return { show: `${manage} showmigrations`, apply: `${manage} migrate${hasTables === true ? ' --fake-initial' : ''}` };
}
