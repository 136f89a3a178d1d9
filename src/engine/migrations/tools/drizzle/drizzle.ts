// Drizzle Kit: `drizzle-kit migrate` (https://orm.drizzle.team/docs/kit-overview).
import type { Connection } from '../../../sqlite/connection';
import { checksumOf, hasChecksum } from '../../reading/checksum';
import { DEFAULT_TABLE, kit, placeOf, type Place } from './config';
import { databases } from './databases';
import { scriptsIn, type Script, type Scripts } from './scripts';
import { leftovers } from '../../reading/leftovers';
import { rowsOf } from '../../reading/rows';
import type { MigrationCommands } from '../../schema';
import type { AppliedMigrations, MigrationHistory, MigrationTool, ProjectFolder, Situation } from '../../tool';

/** What Drizzle Kit calls the changed copy of a table. */
const COPY = '__new_';

export const drizzle = { name: 'drizzle', history, applied, commands, databases } satisfies MigrationTool;

interface Row {
  readonly hash: unknown;
  readonly created_at: unknown;
  /** Since 1.0. */
  readonly name?: unknown;
}

function history(project: ProjectFolder): MigrationHistory | null {
  const place = placeOf(project);
  return place === null ? null : historyOf(place, scriptsIn(place.scripts));
}

function historyOf({ config, folder, scripts }: Place, { list, problems, incomplete }: Scripts): MigrationHistory {
  // Whatever the order of the list, to have one means to be done with all that are older.
  const byAge = list.toSorted((a, b) => (a.when < b.when ? -1 : a.when > b.when ? 1 : 0)).map(({ tag }) => tag);
  const places = new Map(byAge.map((tag, index) => [tag, index]));
  return {
    folder,
    migrations: list.map(({ tag, file }) => ({
      revision: tag,
      title: tag.replace(/^\d+_/, '').replaceAll('_', ' '),
      file,
      parents: byAge.slice(Math.max(0, (places.get(tag) ?? 0) - 1), places.get(tag)),
    })),
    heads: byAge.slice(-1),
    rowsImplyAncestors: false,
    conflict: null,
    problems,
    incomplete,
    watch: [...(config === null ? [] : [config]), scripts],
  };
}

function applied(db: Connection, project: ProjectFolder): AppliedMigrations | null {
  const place = placeOf(project);
  const name = place?.table ?? DEFAULT_TABLE;
  const table = rowsOf(db, name, ['hash', 'created_at'], 'created_at');
  // "drizzle-kit push" fails half way just as well, but keeps no table.
  const halfApplied = place === null && table === null ? [] : leftovers(db, COPY);
  if (table === null) {
    return halfApplied.length === 0 ? null : { rows: [], revisions: [], halfApplied, tables: [] };
  }
  const scripts = place === null ? null : scriptsIn(place.scripts);
  const rows: readonly Row[] = rowsOf(db, name, ['hash', 'created_at', 'name'], 'created_at') ?? table;
  const found = scripts?.byTime === true ? foundByTime(rows, scripts.list) : foundByName(rows, scripts?.list ?? []);
  const tags = found.map(({ row, script }) => script?.tag ?? labelOf(row, scripts));
  const skipped = scripts?.byTime === true ? skippedAmong(scripts.list, rows, new Set(tags)) : [];
  const edited = found.flatMap(({ row, script }) => (script !== undefined && isEdited(script, row) ? [script] : []));
  return {
    rows: tags,
    revisions: tags.slice(-1),
    halfApplied,
    problems: [
      ...edited.map(({ file }) => ({ message: 'This migration was edited after it was applied to the database.', file })),
      ...skipped.map(({ tag, file }) => ({
        message: `${tag} is older than what the database has applied: Drizzle skips it without a word. Generate it again, so that it gets a new time.`,
        file,
      })),
    ],
    tables: [name],
    ...(place === null || scripts === null || skipped.length === 0 ? {} : { history: without(skipped, place, scripts) }),
  };
}

interface Found {
  readonly row: Row;
  readonly script: Script | undefined;
}

/** Until 1.0. What is newer than the newest row will be applied, whatever its content. */
function foundByTime(rows: readonly Row[], scripts: readonly Script[]): Found[] {
  const newest = newestOf(rows);
  const times = new Set(rows.map((row) => Number(row.created_at)));
  const taken = new Set<Script>();
  return rows.map((row) => {
    const sameTime = scripts.filter(({ when }) => when === Number(row.created_at));
    const free = sameTime.filter((script) => !taken.has(script));
    const moved = (): Script | undefined =>
      scripts.find((script) => !(script.when > newest) && !times.has(script.when) && !taken.has(script) && hasHash(script, row));
    const script = sameTime.length === 0 ? moved() : (free.find((each) => hasHash(each, row)) ?? free[0] ?? sameTime[0]);
    if (script !== undefined) {
      taken.add(script);
    }
    return { row, script };
  });
}

/** Since 1.0. A table from before has no names: Drizzle first gives it those of the migrations of the same second. */
function foundByName(rows: readonly Row[], scripts: readonly Script[]): Found[] {
  return rows.map((row) => {
    if ('name' in row) {
      return { row, script: scripts.find(({ tag }) => tag === row.name) };
    }
    const second = Math.floor(Number(row.created_at) / 1000) * 1000;
    const [only, ...others] = scripts.filter(({ when }) => when === second);
    const choices = only === undefined ? scripts : [only, ...others];
    return {
      row,
      script: only !== undefined && others.length === 0 ? only : choices.findLast((script) => checksumOf(script.file) === row.hash),
    };
  });
}

function hasHash({ file }: Script, { hash }: Row): boolean {
  return typeof hash === 'string' && hasChecksum(file, hash);
}

function isEdited(script: Script, row: Row): boolean {
  return checksumOf(script.file) !== null && !hasHash(script, row);
}

function labelOf({ name, created_at: time }: Row, scripts: Scripts | null): string {
  return typeof name === 'string' && scripts?.byTime !== true ? name : `created_at ${String(time)}`;
}

function newestOf(rows: readonly Row[]): number {
  return rows.length === 0 ? -Infinity : Number(rows.at(-1)?.created_at);
}

function skippedAmong(list: readonly Script[], rows: readonly Row[], tags: ReadonlySet<string>): Script[] {
  const newest = newestOf(rows);
  return list.filter(({ when, tag }) => when <= newest && !tags.has(tag));
}

/** For this database, Drizzle has only the others. */
function without(skipped: readonly Script[], place: Place, scripts: Scripts): MigrationHistory {
  const list = scripts.list.filter((script) => !skipped.includes(script));
  const conflict =
    'Migrations of two branches have come together, and the database has the newer ones: it lacks older ones that Drizzle will not apply to it.';
  return { ...historyOf(place, { ...scripts, list }), conflict };
}

function commands({ history: { migrations, watch } }: Situation): MigrationCommands {
  const apply = migrations.length === 0 ? null : kit('migrate', watch);
  return apply === null ? {} : { apply };
}
