// Prisma Migrate: `prisma migrate deploy` (https://www.prisma.io/docs/orm/prisma-migrate).
import { basename, dirname, join, resolve } from 'node:path';
import type { Connection } from '../sqlite/connection';
import { hasChecksum } from './checksum';
import { entriesOf, filesOf, isFile, textOf } from './folder-search';
import { rowsOf } from './rows';
import type { MigrationCommands, SchemaProblem } from './schema';
import type { AppliedMigrations, Migration, MigrationHistory, MigrationTool, ProjectFolder, Situation } from './tool';

const CONFIG = /^prisma\.config\.(?:js|cjs|mjs|ts|cts|mts)$/;
const DATASOURCE = /^\s*datasource\s+\w+\s*\{/m;
const PROVIDER = /^\s*datasource\s+\w+\s*\{[^}]*?\bprovider\s*=\s*"(\w+)"/ms;

export const prisma = { name: 'prisma', history, applied, commands } satisfies MigrationTool;

interface Place {
  /** Where commands run: the folder that holds `prisma/`. */
  readonly folder: string;
  readonly sources: readonly string[];
  readonly scripts: string;
}

/** null: no Prisma, or it keeps another kind of database. */
function placeOf(project: ProjectFolder): Place | null {
  const files = filesOf(project);
  const config = files.find((file) => CONFIG.test(basename(file)));
  const schema = files.find((file) => file.endsWith('.prisma') && DATASOURCE.test(textOf(file) ?? ''));
  const provider = schema === undefined ? undefined : PROVIDER.exec(textOf(schema) ?? '')?.[1];
  if ((config === undefined && schema === undefined) || !['sqlite', undefined].includes(provider)) {
    return null;
  }
  const named =
    config === undefined ? undefined : /migrations\s*:\s*\{[^}]*?path\s*:\s*['"`]([^'"`]+)['"`]/s.exec(textOf(config) ?? '')?.[1];
  if (config !== undefined && (named !== undefined || schema === undefined)) {
    return {
      folder: dirname(config),
      sources: [config, ...(schema === undefined ? [] : [schema])],
      scripts: resolve(dirname(config), named ?? 'prisma/migrations'),
    };
  }
  const above = dirname(schema ?? '');
  const folder = basename(above) === 'prisma' ? dirname(above) : basename(dirname(above)) === 'prisma' ? dirname(dirname(above)) : above;
  const sources = [schema, config].filter((file) => file !== undefined);
  return { folder: config === undefined ? folder : dirname(config), sources, scripts: join(above, 'migrations') };
}

function history(project: ProjectFolder): MigrationHistory | null {
  const place = placeOf(project);
  if (place === null) {
    return null;
  }
  const names = entriesOf(place.scripts)
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  const problems: SchemaProblem[] = [];
  const usable = names.filter((name) => {
    const file = join(place.scripts, name, 'migration.sql');
    const isThere = isFile(file);
    if (!isThere) {
      problems.push({ message: `The migration ${name} has no migration.sql: Prisma refuses to go on.`, file });
    }
    return isThere;
  });
  const migrations = usable.map((name, index): Migration => {
    const before = usable[index - 1];
    const title = name.replace(/^\d+_/, '').replaceAll('_', ' ');
    return { revision: name, title, file: join(place.scripts, name, 'migration.sql'), parents: before === undefined ? [] : [before] };
  });
  const { folder, sources, scripts } = place;
  return { folder, migrations, heads: usable.slice(-1), rowsImplyAncestors: false, conflict: null, problems, watch: [...sources, scripts] };
}

function applied(db: Connection, project: ProjectFolder): AppliedMigrations | null {
  const table = rowsOf(
    db,
    '_prisma_migrations',
    ['migration_name', 'checksum', 'started_at', 'finished_at', 'rolled_back_at'],
    'started_at',
  );
  if (table === null) {
    return null;
  }
  const done = table.filter((row) => row.finished_at !== null && row.rolled_back_at === null);
  const failed = table.filter((row) => row.finished_at === null && row.rolled_back_at === null);
  const rows = done.map((row) => String(row.migration_name));
  const files = new Map((history(project)?.migrations ?? []).map((migration) => [migration.revision, migration.file]));
  const edited = done.filter((row) => {
    const file = files.get(String(row.migration_name));
    return file !== undefined && !hasChecksum(file, String(row.checksum));
  });
  return {
    rows,
    revisions: [...rows].sort().slice(-1),
    halfApplied: failed.map(
      (row) =>
        `The migration ${String(row.migration_name)} failed: Prisma applies nothing more until it is resolved ("prisma migrate resolve").`,
    ),
    problems: edited.map((row) => ({
      message: 'This migration was edited after it was applied to the database.',
      file: files.get(String(row.migration_name)) ?? '',
    })),
    tables: ['_prisma_migrations'],
  };
}

function commands({ state, hasTables }: Situation): MigrationCommands {
  const [first] = state.pending;
  const mark = hasTables === true && first !== undefined ? { mark: `npx prisma migrate resolve --applied ${first.revision}` } : {};
  return { show: 'npx prisma migrate status', apply: 'npx prisma migrate deploy', ...mark };
}
