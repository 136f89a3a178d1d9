// Knex: `knex migrate:latest` (https://knexjs.org/guide/migrations.html).
import { existsSync } from 'node:fs';
import { dirname, extname, join, parse, relative } from 'node:path';
import type { Connection } from '../../../sqlite/connection';
import { entriesOf } from '../../reading/look';
import { DEFAULT_TABLE, isConfig, knexfileOption, settingsOf, type Settings } from './config';
import { databases } from './databases';
import { rowsOf } from '../../reading/rows';
import type { MigrationCommands, SchemaProblem } from '../../schema';
import type { AppliedMigrations, Migration, MigrationHistory, MigrationTool, ProjectFolder, Situation } from '../../tool';
import { said } from '../../../said';

export const knex = { name: 'knex', history, applied, commands, databases } satisfies MigrationTool;

function history(project: ProjectFolder): MigrationHistory | null {
  const settings = settingsOf(project);
  if (settings === null) {
    return null;
  }
  const { config, folders, endings, sortsFoldersApart, isComputed } = settings;
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
    folder: config === null ? project.root : dirname(config),
    migrations,
    heads: scripts.slice(-1).map(({ name }) => name),
    rowsImplyAncestors: false,
    conflict: null,
    problems: problemsOf(settings, migrations.length > 0, project),
    ...(isComputed ? { incomplete: true } : {}),
    watch: [...(config === null ? [] : [config]), ...folders],
  };
}

function problemsOf({ config, folders, isComputed }: Settings, hasMigrations: boolean, { root }: ProjectFolder): SchemaProblem[] {
  if (config === null) {
    return [];
  }
  if (isComputed) {
    const message = said`${relative(root, config)} computes where its migrations are, which cannot be known without running it. Nothing was changed. Ask Knex itself with "${lineOf('migrate:status', config)}", or write the folder there as a string.`;
    return [{ message, file: config }];
  }
  // Before the first migration, no folder is needed.
  const missing = hasMigrations ? folders.filter((folder) => !existsSync(folder)) : [];
  return missing.map((folder) => ({
    message: said`Knex refuses to migrate because the folder ${relative(root, folder)} is missing. The database is as it was. Create the folder, or take it out of ${relative(root, config)}.`,
    file: config,
  }));
}

function titleOf(name: string): string {
  return parse(name)
    .name.replace(/^\d+[_-]/, '')
    .replaceAll('_', ' ');
}

function applied(db: Connection, project: ProjectFolder): AppliedMigrations | null {
  const settings = settingsOf(project);
  const name = settings?.table ?? DEFAULT_TABLE;
  const lock = `${name}_lock`;
  const rows = rowsOf(db, name, ['id', 'name'], 'id')?.map((row) => String(row.name));
  if (rows === undefined) {
    return null;
  }
  const migrations = history(project)?.migrations ?? [];
  const byName = new Map(migrations.map((migration) => [migration.revision, migration]));
  const byStem = new Map(migrations.map((migration) => [parse(migration.revision).name, migration]));
  // Compiled or not, it is the same migration; a Knex that does not insist on its files would apply it again.
  const known = rows.map((row) => ({
    row,
    file: byName.get(row) ?? (settings?.insistsOnFiles === false ? undefined : byStem.get(parse(row).name)),
  }));
  const isLocked = rowsOf(db, lock, ['is_locked'], 'is_locked')?.some((row) => Number(row.is_locked) === 1) ?? false;
  const unlock = lineOf('migrate:unlock', settings?.config ?? undefined);
  return {
    rows: known.map(({ row, file }) => file?.revision ?? row),
    revisions: known.slice(-1).map(({ row, file }) => file?.revision ?? row),
    halfApplied: isLocked
      ? [said`A migration of Knex is running or was interrupted: its lock is set. When none is running, "${unlock}" takes it away.`]
      : [],
    problems: known.flatMap(({ row, file }) => (file === undefined || file.revision === row ? [] : [renamed(row, file, project)])),
    tables: [name, lock],
  };
}

function renamed(row: string, { file }: Migration, { root }: ProjectFolder): SchemaProblem {
  return {
    message: said`The database knows ${relative(root, file)} as ${row}: Knex says that the migration directory is corrupt. Run it from the files with the ending ${extname(row)}.`,
    file,
  };
}

/** Without a knexfile only the application itself can apply them. */
function commands({ history: { watch } }: Situation): MigrationCommands {
  if (watch[0] === undefined || !isConfig(watch[0])) {
    return {};
  }
  return { show: lineOf('migrate:status', watch[0]), apply: lineOf('migrate:latest', watch[0]) };
}

function lineOf(verb: string, config?: string): string {
  return `npx knex ${verb}${config === undefined ? '' : knexfileOption(config)}`;
}
