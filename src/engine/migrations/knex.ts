// Knex: `knex migrate:latest` (https://knexjs.org/guide/migrations.html).
import { basename, dirname, join, parse, resolve } from 'node:path';
import type { Connection } from '../sqlite/connection';
import { entriesOf, filesOf, textOf } from './folder-search';
import { rowsOf } from './rows';
import type { MigrationCommands, SchemaProblem } from './schema';
import type { AppliedMigrations, Migration, MigrationHistory, MigrationTool, ProjectFolder } from './tool';

const CONFIG = /^knexfile\.(?:js|cjs|mjs|ts|cts|mts|coffee|ls)$/;
/** The endings that Knex loads by default. */
const SCRIPT = /\.(?:co|coffee|eg|iced|js|cjs|mjs|litcoffee|ls|ts|cts|mts)$/;

export const knex = { name: 'knex', history, applied, commands } satisfies MigrationTool;

function history(project: ProjectFolder): MigrationHistory | null {
  const config = filesOf(project).find((file) => CONFIG.test(basename(file)));
  if (config === undefined) {
    return null;
  }
  const folder = dirname(config);
  const scripts = resolve(
    folder,
    /migrations\s*:\s*\{[^}]*?directory\s*:\s*['"`]([^'"`]+)['"`]/s.exec(textOf(config) ?? '')?.[1] ?? 'migrations',
  );
  const names = entriesOf(scripts)
    .filter((entry) => entry.isFile() && SCRIPT.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => entry.name);
  const migrations = names.map((name, index): Migration => {
    const before = names[index - 1];
    return { revision: name, title: titleOf(name), file: join(scripts, name), parents: before === undefined ? [] : [before] };
  });
  const heads = names.slice(-1);
  return { folder, migrations, heads, rowsImplyAncestors: false, conflict: null, problems: [], watch: [config, scripts] };
}

function titleOf(name: string): string {
  return parse(name)
    .name.replace(/^\d+[_-]/, '')
    .replaceAll('_', ' ');
}

function applied(db: Connection, project: ProjectFolder): AppliedMigrations | null {
  const table = rowsOf(db, 'knex_migrations', ['id', 'name'], 'id');
  if (table === null) {
    return null;
  }
  const files = new Map((history(project)?.migrations ?? []).map((migration) => [parse(migration.revision).name, migration]));
  const problems: SchemaProblem[] = [];
  const rows = table.map((row) => {
    const name = String(row.name);
    const file = files.get(parse(name).name);
    if (file !== undefined && file.revision !== name) {
      problems.push({
        message: `The database knows this migration as ${name}: Knex says that the migration directory is corrupt.`,
        file: file.file,
      });
    }
    return file?.revision ?? name;
  });
  const isLocked = rowsOf(db, 'knex_migrations_lock', ['is_locked'], 'is_locked')?.some((row) => Number(row.is_locked) === 1) ?? false;
  const halfApplied = isLocked
    ? ['A migration of Knex is running or was interrupted: its lock is set. When none is running, "knex migrate:unlock" takes it away.']
    : [];
  return { rows, revisions: rows.slice(-1), halfApplied, problems, tables: ['knex_migrations', 'knex_migrations_lock'] };
}

function commands(): MigrationCommands {
  return { show: 'npx knex migrate:status', apply: 'npx knex migrate:latest' };
}
