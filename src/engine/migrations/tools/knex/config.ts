// Where a project keeps its Knex migrations and what it calls their table, read from its knexfile without running it.
import { basename, dirname, extname, parse, resolve, sep } from 'node:path';
import { filesOf } from '../../reading/folder-search';
import { lookOf } from '../../reading/look';
import { SourceText, type Properties } from '../../reading/object-literals';
import { ORDINARY, rowsOf } from '../../reading/rows';
import { askDatabase } from '../../reading/rows-in-database';
import type { ProjectFolder } from '../../tool';

const CONFIG = /^knexfile\.(?:[cm]?[jt]s|coffee|eg|ls)$/;
/** What Knex reads when no file is named, in this order. */
const STANDARD = ['js', 'mjs', 'coffee', 'ts', 'eg', 'ls'].map((ending) => `knexfile.${ending}`);
/** The endings that Knex loads by default. */
const ENDINGS = ['.co', '.coffee', '.eg', '.iced', '.js', '.cjs', '.litcoffee', '.ls', '.ts'];
const SERVERS = /^(?:pg|pgnative|postgres|postgresql|cockroachdb|redshift|mysql2?|mssql|oracledb)$/;
/** What Knex takes when neither --env nor NODE_ENV says otherwise. */
const ENVIRONMENT = 'development';

/** Nobody has more of them in one database. */
const MOST_TABLES = 100;

export const DEFAULT_TABLE = 'knex_migrations';

export interface Settings {
  /** null: there is none, and the folder was found by the rows of the database. */
  readonly config: string | null;
  readonly folders: readonly string[];
  readonly endings: readonly string[];
  readonly sortsFoldersApart: boolean;
  readonly table: string;
  /** Knex refuses to work while a row is in no file. */
  readonly insistsOnFiles: boolean;
  /** The file computes where its migrations are. */
  readonly isComputed: boolean;
}

/** null: no Knex, or it keeps another kind of database. Where no file says it, the rows of the database name the files. */
export function settingsOf(project: ProjectFolder): Settings | null {
  const configs = configsOf(project);
  for (const config of configs) {
    const settings = settingsFrom(config, project);
    if (settings !== null) {
      const folder = settings.isComputed ? folderOfRows(settings.table, project) : null;
      return folder === null ? settings : { ...settings, folders: [folder], isComputed: false };
    }
  }
  for (const table of tablesOf(project)) {
    const folder = folderOfRows(table, project);
    if (folder !== null) {
      return {
        config: null,
        folders: [folder],
        endings: ENDINGS,
        sortsFoldersApart: false,
        table,
        insistsOnFiles: true,
        isComputed: false,
      };
    }
  }
  return null;
}

/** Tables with the columns of Knex's own, whatever they are called. */
function tablesOf(project: ProjectFolder): readonly string[] {
  return askDatabase(project, 'knex tables', [], (db) =>
    db
      .prepare<[], string>(
        `SELECT t.name FROM (SELECT name FROM sqlite_schema WHERE ${ORDINARY}) t, pragma_table_info(t.name) c
        WHERE c.name IN ('id', 'name', 'batch', 'migration_time') GROUP BY t.name HAVING count(*) = 4
        ORDER BY t.name <> '${DEFAULT_TABLE}', t.name LIMIT ${MOST_TABLES}`,
      )
      .pluck()
      .all(),
  );
}

/** The folder that holds most of the files which the table names; null: none holds any. */
function folderOfRows(table: string, project: ProjectFolder): string | null {
  const rows = askDatabase(
    project,
    `knex ${table}`,
    [],
    (db) => rowsOf(db, table, ['id', 'name'], 'id')?.map((row) => String(row.name)) ?? [],
  );
  const names = new Set(rows.map((row) => parse(row).name));
  const held = new Map<string, number>();
  for (const file of names.size === 0 ? [] : filesOf(project)) {
    if (ENDINGS.includes(extname(file)) && names.has(parse(file).name)) {
      held.set(dirname(file), (held.get(dirname(file)) ?? 0) + 1);
    }
  }
  return [...held].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

/** The option with which Knex finds this knexfile from its folder; empty when it needs none. */
export function knexfileOption(config: string): string {
  return STANDARD.includes(basename(config)) ? '' : ` --knexfile ${basename(config)}`;
}

export function isConfig(file: string): boolean {
  return CONFIG.test(basename(file));
}

/** Nearest first; of one folder, the one that Knex takes. */
export function configsOf(project: ProjectFolder): string[] {
  const rank = (file: string): number => (STANDARD.includes(basename(file)) ? STANDARD.indexOf(basename(file)) : STANDARD.length);
  const depth = (file: string): number => file.split(sep).length;
  return filesOf(project)
    .filter((file) => CONFIG.test(basename(file)))
    .sort((a, b) => depth(a) - depth(b) || rank(a) - rank(b));
}

function settingsFrom(config: string, project: ProjectFolder): (Settings & { readonly config: string }) | null {
  const source = new SourceText(lookOf(project).text(config) ?? '');
  const environment = environmentOf(source);
  if (SERVERS.test(source.string(environment?.get('client')) ?? '') && !/sqlite/i.test(source.text)) {
    return null;
  }
  const section = migrationsOf(source, environment);
  const folders = source.strings(section.get('directory'));
  const readsFolders = ['directory', 'sortDirsSeparately', 'loadExtensions'].some((key) => section.has(key));
  return {
    config,
    folders: (folders ?? ['migrations']).map((folder) => resolve(dirname(config), folder)),
    endings: source.strings(section.get('loadExtensions')) ?? ENDINGS,
    sortsFoldersApart: section.get('sortDirsSeparately') === 'true',
    table: source.string(section.get('tableName')) ?? DEFAULT_TABLE,
    insistsOnFiles: section.get('disableMigrationsListValidation') !== 'true',
    isComputed: (folders === null && section.has('directory')) || (section.has('migrationSource') && !readsFolders),
  };
}

/** One environment's settings, or all of the file where it has no environments. */
function environmentOf(source: SourceText): Properties | null {
  const root = source.exported();
  if (root === null) {
    return null;
  }
  if (root.has(ENVIRONMENT)) {
    return source.object(root.get(ENVIRONMENT));
  }
  const others = [...root.values()].map((value) => source.object(value)).filter((each) => each?.has('migrations') === true);
  return root.has('client') || root.has('migrations') ? root : (others[0] ?? root);
}

/** Where the settings are built by code, the first section that is written out counts. */
function migrationsOf(source: SourceText, environment: Properties | null): Properties {
  const own = environment?.get('migrations');
  const isPlain = environment !== null && environment.size > 0 && own === undefined;
  return source.object(own) ?? (isPlain ? new Map<string, string>() : source.firstObjectAfter('migrations')) ?? new Map<string, string>();
}
