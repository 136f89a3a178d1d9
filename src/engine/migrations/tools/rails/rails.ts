// Rails, Active Record migrations: `bin/rails db:migrate` (https://guides.rubyonrails.org/active_record_migrations.html).
import { accessSync, constants, existsSync } from 'node:fs';
import { basename, join, resolve, sep } from 'node:path';
import { here } from '../../../platform/platform';
import type { Connection } from '../../../sqlite/connection';
import { filesOf } from '../../reading/folder-search';
import { rowsOf } from '../../reading/rows';
import type { MigrationCommands, SchemaProblem } from '../../schema';
import type { AppliedMigrations, Migration, MigrationHistory, MigrationTool, ProjectFolder } from '../../tool';
import { databaseYml, railsFolder, readYaml } from './config';
import { databases } from './databases';
import { uploads } from './uploads';
import { said } from '../../../said';

/** As Active Record looks for migrations, and how it then reads their names. */
const CANDIDATE = /^[0-9][^]*_[^]*\.rb$/;
const SCRIPT = /^([0-9]+)_([_a-z0-9]*)\.?([_a-z0-9]*)?\.rb$/;

export const rails = { name: 'rails', history, applied, commands, databases, uploads } satisfies MigrationTool;

interface Place {
  readonly config: string;
  readonly folder: string;
  readonly scripts: readonly string[];
}

function placeOf(project: ProjectFolder): Place | null {
  const config = databaseYml(project);
  if (config === null) {
    return null;
  }
  const folder = railsFolder(config);
  return { config, folder, scripts: migrationPaths(readYaml(config, project), project.database).map((path) => resolve(folder, path)) };
}

/** One of several databases may have migrations of its own; what is computed in the file is not known here. */
function migrationPaths(content: unknown, database: string | null): string[] {
  const entries = databasesIn(content);
  const ours = entries.find(
    ({ database: name, migrations_paths: paths }) => paths !== undefined && basename(String(name)) === basename(database ?? ''),
  );
  const paths = [ours?.migrations_paths ?? 'db/migrate'].flat();
  return paths.map(String);
}

/** References may make one object part of many: each is looked at once. */
function databasesIn(value: unknown, seen = new Set<unknown>()): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null || seen.has(value)) {
    return [];
  }
  seen.add(value);
  const own = 'database' in value ? [value as Record<string, unknown>] : [];
  return [...own, ...Object.values(value).flatMap((inner) => databasesIn(inner, seen))];
}

function history(project: ProjectFolder): MigrationHistory | null {
  const place = placeOf(project);
  if (place === null) {
    return null;
  }
  const { config, folder, scripts } = place;
  const found: (Migration & { readonly name: string })[] = [];
  const problems: SchemaProblem[] = [];
  const byVersion = new Map<string, string>();
  const byName = new Map<string, string>();
  const folders = new Set(scripts);
  const files = filesOf(project).filter((file) => CANDIDATE.test(basename(file)) && isBelow(file, folders));
  for (const file of files) {
    const [, version, name = ''] = SCRIPT.exec(basename(file)) ?? [];
    if (version === undefined) {
      problems.push({ message: said`${basename(file)} is no name of a migration: Rails refuses to migrate.`, file });
      continue;
    }
    const revision = String(BigInt(version));
    const twin = byVersion.get(revision) ?? byName.get(camelized(name));
    if (twin === undefined) {
      byVersion.set(revision, file);
      byName.set(camelized(name), file);
      found.push({ revision, name, title: name.replaceAll('_', ' '), file, parents: [] });
    } else {
      problems.push({ message: said`It has the version or the name of ${basename(twin)}: Rails refuses to migrate.`, file });
    }
  }
  const sorted = found.sort((a, b) => compareVersions(a.revision, b.revision));
  const migrations = sorted.map(({ revision, title, file }, index): Migration => {
    const before = sorted[index - 1];
    return { revision, title, file, parents: before === undefined ? [] : [before.revision] };
  });
  const heads = migrations.slice(-1).map((migration) => migration.revision);
  return { folder, migrations, heads, rowsImplyAncestors: false, conflict: null, problems, watch: [config, ...scripts] };
}

/** Whether one of the folders is above the file. */
function isBelow(file: string, folders: ReadonlySet<string>): boolean {
  for (let end = file.lastIndexOf(sep); end > 0; end = file.lastIndexOf(sep, end - 1)) {
    if (folders.has(file.slice(0, end))) {
      return true;
    }
  }
  return false;
}

function camelized(name: string): string {
  return name.replace(/(?:^|_)([a-z0-9]?)/g, (_, first: string) => first.toUpperCase());
}

function compareVersions(a: string, b: string): number {
  const difference = BigInt(a) - BigInt(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** dbmate, Ecto and others keep a table of the same name: Rails' own has a companion, or the files are Rails'. */
function applied(db: Connection, project: ProjectFolder): AppliedMigrations | null {
  const table = rowsOf(db, 'schema_migrations', ['version'], 'version');
  const hasCompanion = rowsOf(db, 'ar_internal_metadata', ['key', 'value'], 'key') !== null;
  const files = history(project);
  if (table === null || !(hasCompanion || (files !== null && files.migrations.length > 0))) {
    return null;
  }
  const versions = table
    .map((row) => String(row.version))
    .filter((version) => /^\d{1,100}$/.test(version))
    .map((version) => String(BigInt(version)))
    .sort(compareVersions);
  // Old migrations are often deleted once schema.rb holds what they did.
  const oldest = files?.migrations[0]?.revision;
  const rows = versions.filter((version) => oldest === undefined || compareVersions(version, oldest) >= 0);
  return { rows, revisions: versions.slice(-1), halfApplied: [], tables: ['schema_migrations', 'ar_internal_metadata'] };
}

/** Without bin/rails, the program `rails` would make a new application; rake needs the Rakefile. */
function commands({ history: { folder } }: { readonly history: MigrationHistory }): MigrationCommands {
  const run = programIn(folder);
  return run === null ? {} : { show: `${run} db:migrate:status`, apply: `${run} db:migrate` };
}

function programIn(folder: string): string | null {
  const has = (name: string): boolean => existsSync(join(folder, name));
  return has('bin/rails')
    ? isExecutable(join(folder, 'bin/rails'))
      ? 'bin/rails'
      : 'ruby bin/rails'
    : has('Rakefile')
      ? has('Gemfile')
        ? 'bundle exec rake'
        : 'rake'
      : null;
}

/** A checkout may have lost the mode, and Windows has none. */
function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return !here.isWindows;
  } catch {
    return false;
  }
}
