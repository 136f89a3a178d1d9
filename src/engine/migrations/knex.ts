// Knex: `knex migrate:latest` (https://knexjs.org/guide/migrations.html).
import { basename, dirname, extname, join, parse, relative, resolve } from 'node:path';
import type { Connection } from '../sqlite/connection';
import { entriesOf, filesOf, textOf } from './folder-search';
import { rowsOf } from './rows';
import type { MigrationCommands, SchemaProblem } from './schema';
import type { AppliedMigrations, Migration, MigrationHistory, MigrationTool, ProjectFolder } from './tool';

const CONFIG = /^knexfile\.(?:js|cjs|mjs|ts|cts|mts|coffee|ls)$/;
/** The endings that Knex loads by default. */
const ENDINGS = ['.co', '.coffee', '.eg', '.iced', '.js', '.cjs', '.litcoffee', '.ls', '.ts'];

interface Settings {
  readonly config: string;
  readonly folders: readonly string[];
  readonly endings: readonly string[];
  readonly sortsFoldersApart: boolean;
  readonly table: string;
}

export const knex = { name: 'knex', history, applied, commands } satisfies MigrationTool;

/** Of several environments in one file, the first that says something counts. */
function settingsOf(project: ProjectFolder): Settings | null {
  const config = filesOf(project).find((file) => CONFIG.test(basename(file)));
  if (config === undefined) {
    return null;
  }
  const text = withoutComments(textOf(config) ?? '');
  const section = /\bmigrations["']?\s*:\s*\{([^{}]*)\}/.exec(text)?.[1] ?? '';
  return {
    config,
    folders: (stringsAfter('directory', section) ?? ['migrations']).map((folder) => resolve(dirname(config), folder)),
    endings: stringsAfter('loadExtensions', section) ?? ENDINGS,
    sortsFoldersApart: /\bsortDirsSeparately["']?\s*:\s*true\b/.test(section),
    table: stringsAfter('tableName', section)?.[0] ?? 'knex_migrations',
  };
}

function withoutComments(text: string): string {
  return text.replace(/\/\*.*?\*\/|(?<=^|[\s,{[(])\/\/[^\n]*/gs, '');
}

/** A string or a list of strings; null when there is neither. */
function stringsAfter(key: string, text: string): string[] | null {
  const value = new RegExp(`\\b${key}["']?\\s*:[^'"\`[]{0,60}?(\\[[^\\]]*\\]|['"\`][^'"\`]*['"\`])`).exec(text)?.[1];
  return value === undefined ? null : [...value.matchAll(/['"`]([^'"`]*)['"`]/g)].map(([, each = '']) => each);
}

function history(project: ProjectFolder): MigrationHistory | null {
  const settings = settingsOf(project);
  if (settings === null) {
    return null;
  }
  const { config, folders, endings, sortsFoldersApart } = settings;
  const found = folders.flatMap((folder) =>
    entriesOf(folder)
      .filter(({ name }) => endings.includes(extname(name)))
      .map(({ name }) => ({ name, file: join(folder, name) })),
  );
  const scripts = sortsFoldersApart ? found : found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const migrations = scripts.map(({ name, file }, index): Migration => {
    const before = scripts[index - 1];
    return { revision: name, title: titleOf(name), file, parents: before === undefined ? [] : [before.name] };
  });
  return {
    folder: dirname(config),
    migrations,
    heads: scripts.slice(-1).map(({ name }) => name),
    rowsImplyAncestors: false,
    conflict: null,
    problems: [],
    watch: [config, ...folders],
  };
}

function titleOf(name: string): string {
  return parse(name)
    .name.replace(/^\d+[_-]/, '')
    .replaceAll('_', ' ');
}

function applied(db: Connection, project: ProjectFolder): AppliedMigrations | null {
  const name = settingsOf(project)?.table ?? 'knex_migrations';
  const lock = `${name}_lock`;
  const table = rowsOf(db, name, ['id', 'name'], 'id');
  if (table === null) {
    return null;
  }
  const files = new Map((history(project)?.migrations ?? []).map((migration) => [parse(migration.revision).name, migration]));
  const rows = table.map((row) => String(row.name));
  const known = rows.map((row) => ({ row, file: files.get(parse(row).name) }));
  const isLocked = rowsOf(db, lock, ['is_locked'], 'is_locked')?.some((row) => Number(row.is_locked) === 1) ?? false;
  const halfApplied = isLocked
    ? ['A migration of Knex is running or was interrupted: its lock is set. When none is running, "npx knex migrate:unlock" takes it away.']
    : [];
  return {
    // Compiled or not, it is the same migration.
    rows: known.map(({ row, file }) => file?.revision ?? row),
    revisions: known.slice(-1).map(({ row, file }) => file?.revision ?? row),
    halfApplied,
    problems: known.flatMap(({ row, file }) => (file === undefined || file.revision === row ? [] : [renamed(row, file, project)])),
    tables: [name, lock],
  };
}

function renamed(row: string, { file }: Migration, { root }: ProjectFolder): SchemaProblem {
  return {
    message: `The database knows ${relative(root, file)} as ${row}: Knex says that the migration directory is corrupt. Run it from the files with the ending ${extname(row)}.`,
    file,
  };
}

function commands(): MigrationCommands {
  return { show: 'npx knex migrate:status', apply: 'npx knex migrate:latest' };
}
