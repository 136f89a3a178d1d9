// Prisma Migrate: `prisma migrate deploy` (https://www.prisma.io/docs/orm/prisma-migrate).
import { join, relative } from 'node:path';
import type { Connection } from '../../../sqlite/connection';
import { Checksums } from '../../reading/checksum';
import { entriesOf, isFile, textOf } from '../../reading/look';
import { databases } from './databases';
import { prismaProject, schemaOption, type PrismaProject } from './project';
import { rowsOf } from '../../reading/rows';
import type { MigrationCommands, SchemaProblem } from '../../schema';
import type { AppliedMigrations, Migration, MigrationHistory, MigrationTool, ProjectFolder, Situation } from '../../tool';
import { said } from '../../../said';

const TABLE = '_prisma_migrations';
const LOCKFILE = 'migration_lock.toml';

export const prisma = { name: 'prisma', history, applied, commands, databases } satisfies MigrationTool;

function history(project: ProjectFolder): MigrationHistory | null {
  const place = prismaProject(project);
  if (place === null) {
    return null;
  }
  const { folder, scripts, sources, isComputed } = place;
  const names = entriesOf(scripts)
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort(inOrder);
  const fileOf = (name: string): string => join(scripts, name, 'migration.sql');
  const usable = names.filter((name) => isFile(fileOf(name)));
  const isUsable = new Set(usable);
  const empty = names.filter((name) => !isUsable.has(name));
  const migrations = usable.map((name, index): Migration => {
    const before = usable[index - 1];
    const title = name.replace(/^\d+_/, '').replaceAll('_', ' ');
    return { revision: name, title, file: fileOf(name), parents: before === undefined ? [] : [before] };
  });
  const problems = [...computedProblem(place, project), ...lockProblem(place, project), ...empty.map((name) => emptyProblem(name, place))];
  return {
    folder,
    migrations,
    heads: usable.slice(-1),
    rowsImplyAncestors: false,
    conflict: null,
    problems,
    ...(isComputed ? { incomplete: true } : {}),
    watch: [...sources, scripts],
  };
}

/** As Prisma sorts them: not by bytes. */
function inOrder(a: string, b: string): number {
  return a.localeCompare(b);
}

function computedProblem({ config, isComputed }: PrismaProject, { root }: ProjectFolder): SchemaProblem[] {
  const message = said`${relative(root, config ?? '')} computes where its migrations are, which cannot be known without running it. Nothing was changed. Ask Prisma itself with "${lineOf('status')}", or write the folder there as a string.`;
  return isComputed && config !== null ? [{ message, file: config }] : [];
}

/** Prisma takes a history that was written for another kind of database for none of its own. */
function lockProblem({ scripts }: PrismaProject, { root }: ProjectFolder): SchemaProblem[] {
  const file = join(scripts, LOCKFILE);
  const text = textOf(file);
  const provider = /^[ \t]*provider\s*=\s*"([^"]*)"/m.exec(text ?? '')?.[1];
  if (text === null || provider === 'sqlite') {
    return [];
  }
  const found = provider === undefined ? 'names no kind of database' : said`says that the migrations are for ${provider}`;
  return [
    {
      message: said`Prisma refuses to migrate because ${relative(root, file)} ${found}. The database is as it was. Bring back the file that says "sqlite".`,
      file,
    },
  ];
}

function emptyProblem(name: string, { scripts }: PrismaProject): SchemaProblem {
  return {
    message: said`The folder of the migration ${name} has no migration.sql: Prisma refuses to go on. The database is as it was. Bring the file back or delete the folder.`,
    file: join(scripts, name, 'migration.sql'),
  };
}

function applied(db: Connection, project: ProjectFolder): AppliedMigrations | null {
  const columns = ['migration_name', 'checksum', 'started_at', 'finished_at', 'rolled_back_at'] as const;
  const table = rowsOf(db, TABLE, columns, 'started_at');
  if (table === null) {
    return null;
  }
  const place = prismaProject(project);
  // One name may have several rows: what was rolled back stays beside what was applied later.
  const standing = table.filter((row) => row.rolled_back_at === null);
  const done = standing.filter((row) => row.finished_at !== null);
  const rows = [...new Set(done.map((row) => String(row.migration_name)))];
  const failed = new Set(standing.filter((row) => row.finished_at === null).map((row) => String(row.migration_name)));
  const recorded = new Map<string, Set<string>>();
  for (const { migration_name: name, checksum } of done) {
    recorded.set(String(name), (recorded.get(String(name)) ?? new Set()).add(String(checksum)));
  }
  const checksums = new Checksums();
  const files = new Map((history(project)?.migrations ?? []).map((migration) => [migration.revision, migration.file]));
  return {
    rows,
    revisions: [...rows].sort(inOrder).slice(-1),
    halfApplied: [...failed].map((name) => failure(name, place === null ? '' : schemaOption(place.folder, place.sources[0] ?? ''))),
    problems: rows.flatMap((name) => {
      const file = files.get(name);
      const isEdited = file !== undefined && !checksums.all(file).some((checksum) => recorded.get(name)?.has(checksum));
      return isEdited ? [{ message: 'This migration was edited after it was applied to the database.', file }] : [];
    }),
    tables: [TABLE],
  };
}

function failure(name: string, option: string): string {
  const line = lineOf(`resolve --rolled-back ${name}`, option);
  return said`The migration ${name} is running or failed part way. What it did before it failed stays, and Prisma applies nothing more. Restore a backup from before it, or undo by hand what it did and run "${line}".`;
}

function commands({ state, history: { watch, folder }, hasTables }: Situation): MigrationCommands {
  const option = schemaOption(folder, watch[0] ?? '');
  const [first] = state.pending;
  const mark = hasTables === true && first !== undefined ? { mark: lineOf(`resolve --applied ${first.revision}`, option) } : {};
  return { show: lineOf('status', option), apply: lineOf('deploy', option), ...mark };
}

function lineOf(verb: string, option = ''): string {
  return `npx prisma migrate ${verb}${option}`;
}
