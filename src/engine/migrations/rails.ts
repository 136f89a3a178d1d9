// Rails, Active Record migrations: `bin/rails db:migrate` (https://guides.rubyonrails.org/active_record_migrations.html).
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Connection } from '../sqlite/connection';
import { entriesOf, filesOf } from './folder-search';
import { rowsOf } from './rows';
import type { MigrationCommands, SchemaProblem } from './schema';
import type { AppliedMigrations, Migration, MigrationHistory, MigrationTool, ProjectFolder } from './tool';

/** As Active Record's own pattern for migration files. */
const SCRIPT = /^([0-9]+)_([_a-z0-9]*)\.?([_a-z0-9]*)?\.rb$/;

export const rails = { name: 'rails', history, applied, commands } satisfies MigrationTool;

function history(project: ProjectFolder): MigrationHistory | null {
  const config = filesOf(project).find((file) => basename(file) === 'database.yml' && basename(dirname(file)) === 'config');
  if (config === undefined) {
    return null;
  }
  const folder = dirname(dirname(config));
  const scripts = join(folder, 'db/migrate');
  const migrations: Migration[] = [];
  const problems: SchemaProblem[] = [];
  for (const { name } of entriesOf(scripts).filter((entry) => entry.isFile() && entry.name.endsWith('.rb'))) {
    const match = SCRIPT.exec(name);
    const file = join(scripts, name);
    const revision = match?.[1] === undefined ? undefined : String(BigInt(match[1]));
    if (revision === undefined) {
      problems.push({ message: `${name} does not begin with a version: Rails refuses to migrate.`, file });
    } else if (migrations.some((migration) => migration.revision === revision)) {
      problems.push({ message: `Two migrations have the version ${revision}: Rails refuses to migrate.`, file });
    } else {
      migrations.push({ revision, title: (match?.[2] ?? '').replaceAll('_', ' '), file, parents: [] });
    }
  }
  migrations.sort((a, b) => compareVersions(a.revision, b.revision));
  const heads = migrations.slice(-1).map((migration) => migration.revision);
  return { folder, migrations, heads, rowsImplyAncestors: false, conflict: null, problems, watch: [config, scripts] };
}

function compareVersions(a: string, b: string): number {
  const difference = BigInt(a) - BigInt(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** dbmate, Ecto and others keep a table of the same name: Rails' own has a companion. */
function applied(db: Connection, project: ProjectFolder): AppliedMigrations | null {
  const table = rowsOf(db, 'schema_migrations', ['version'], 'version');
  const files = history(project);
  const isOurs = rowsOf(db, 'ar_internal_metadata', ['key', 'value'], 'key') !== null;
  if (table === null || !isOurs) {
    return null;
  }
  const versions = table
    .map((row) => String(row.version))
    .filter((version) => /^\d+$/.test(version))
    .sort(compareVersions);
  // Old migrations are often deleted once schema.rb holds what they did.
  const oldest = files?.migrations[0]?.revision;
  const rows = versions.filter((version) => oldest === undefined || compareVersions(version, oldest) >= 0);
  return { rows, revisions: versions.slice(-1), halfApplied: [], tables: ['schema_migrations', 'ar_internal_metadata'] };
}

function commands({ history: { folder } }: { readonly history: MigrationHistory }): MigrationCommands {
  const run = existsSync(join(folder, 'bin/rails')) ? 'bin/rails' : 'bundle exec rails';
  return { show: `${run} db:migrate:status`, apply: `${run} db:migrate` };
}
