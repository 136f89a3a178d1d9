// Sequelize: `sequelize-cli db:migrate` (https://sequelize.org/docs/v6/other-topics/migrations/).
import { join, parse } from 'node:path';
import type { Connection } from '../../../sqlite/connection';
import { entriesOf } from '../../reading/look';
import { rowsOf } from '../../reading/rows';
import type { MigrationCommands } from '../../schema';
import type { AppliedMigrations, Migration, MigrationHistory, MigrationTool, ProjectFolder } from '../../tool';
import { placeOf, tableOf } from './config';
import { databases } from './databases';

/** The files that it takes for migrations. */
const SCRIPT = /^(?!.*\.d\.ts$).*\.(?:cjs|js|cts|ts)$/;

export const sequelize = { name: 'sequelize', history, applied, commands, databases } satisfies MigrationTool;

function history(project: ProjectFolder): MigrationHistory | null {
  const place = placeOf(project);
  if (place === null) {
    return null;
  }
  const names = entriesOf(place.migrations)
    .map(({ name }) => name)
    .filter((name) => SCRIPT.test(name))
    .sort();
  const migrations = names.map((name, index): Migration => {
    const before = names[index - 1];
    const title = parse(name).name.replace(/^\d+[_-]/, '');
    return {
      revision: name,
      title: title.replaceAll(/[_-]/g, ' '),
      file: join(place.migrations, name),
      parents: before === undefined ? [] : [before],
    };
  });
  return {
    folder: place.folder,
    migrations,
    heads: names.slice(-1),
    rowsImplyAncestors: false,
    conflict: null,
    problems: [],
    watch: place.watch,
  };
}

function applied(db: Connection, project: ProjectFolder): AppliedMigrations | null {
  const table = tableOf(project);
  const rows = rowsOf(db, table, ['name'], 'name')?.map(({ name }) => String(name));
  return rows === undefined ? null : { rows, revisions: rows.slice(-1), halfApplied: [], tables: [table] };
}

function commands(): MigrationCommands {
  return { show: 'npx sequelize-cli db:migrate:status', apply: 'npx sequelize-cli db:migrate' };
}
