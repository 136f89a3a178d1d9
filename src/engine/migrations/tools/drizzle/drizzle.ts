// Drizzle Kit: `drizzle-kit migrate` (https://orm.drizzle.team/docs/kit-overview).
import type { Connection } from '../../../sqlite/connection';
import { Checksums } from '../../reading/checksum';
import { DEFAULT_TABLE, kit, placeOf, type Place } from './config';
import { databases } from './databases';
import { scriptsIn, type Script, type Scripts } from './scripts';
import { leftovers } from '../../reading/leftovers';
import { rowsOf } from '../../reading/rows';
import type { MigrationCommands } from '../../schema';
import type { AppliedMigrations, MigrationHistory, MigrationTool, ProjectFolder, Situation } from '../../tool';
import { said } from '../../../said';

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
  const checksums = new Checksums();
  const found = scripts?.byTime === true ? foundByTime(rows, scripts.list, checksums) : foundByName(rows, scripts?.list ?? [], checksums);
  const tags = found.map(({ row, script }) => script?.tag ?? labelOf(row, scripts));
  const skipped = scripts?.byTime === true ? skippedAmong(scripts.list, rows, new Set(tags)) : [];
  const edited = found.flatMap(({ row, script }) => (script !== undefined && isEdited(script, row, checksums) ? [script] : []));
  return {
    rows: tags,
    revisions: tags.slice(-1),
    halfApplied,
    problems: [
      ...edited.map(({ file }) => ({ message: 'This migration was edited after it was applied to the database.', file })),
      ...skipped.map(({ tag, file }) => ({
        message: said`${tag} is older than what the database has applied: Drizzle skips it without a word. Generate it again, so that it gets a new time.`,
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
function foundByTime(rows: readonly Row[], scripts: readonly Script[], checksums: Checksums): Found[] {
  const newest = newestOf(rows);
  const times = new Set(rows.map((row) => Number(row.created_at)));
  const taken = new Set<Script>();
  const choiceOf = (among: readonly Script[]): Choice => new Choice(among, taken, checksums);
  const byTime = new Map([...inGroups(scripts)].map(([when, each]) => [when, choiceOf(each)]));
  const moved = choiceOf(scripts.filter(({ when }) => !(when > newest) && !times.has(when)));
  return rows.map((row) => {
    const sameTime = byTime.get(Number(row.created_at));
    const script = sameTime === undefined ? moved.withHash(row) : (sameTime.withHash(row) ?? sameTime.first() ?? sameTime.scripts[0]);
    if (script !== undefined) {
      taken.add(script);
    }
    return { row, script };
  });
}

/** Since 1.0. A table from before has no names: Drizzle first gives it those of the migrations of the same second. */
function foundByName(rows: readonly Row[], scripts: readonly Script[], checksums: Checksums): Found[] {
  const byTag = new Map(scripts.toReversed().map((script) => [script.tag, script]));
  const bySecond = inGroups(scripts);
  const lastByHash = (among: readonly Script[]): Map<unknown, Script> =>
    new Map(among.map((script) => [checksums.of(script.file), script] as const).filter(([hash]) => hash !== null));
  const known = new Map<readonly Script[], Map<unknown, Script>>();
  return rows.map((row) => {
    if ('name' in row) {
      return { row, script: typeof row.name === 'string' ? byTag.get(row.name) : undefined };
    }
    const choices = bySecond.get(Math.floor(Number(row.created_at) / 1000) * 1000) ?? scripts;
    if (choices !== scripts && choices.length === 1) {
      return { row, script: choices[0] };
    }
    const byHash = known.get(choices) ?? lastByHash(choices);
    known.set(choices, byHash);
    return { row, script: byHash.get(row.hash) };
  });
}

/** Those of each moment; without those whose moment nobody knows. */
function inGroups(scripts: readonly Script[]): Map<number, Script[]> {
  const groups = new Map<number, Script[]>();
  for (const script of scripts.filter(({ when }) => !Number.isNaN(when))) {
    const others = groups.get(script.when);
    if (others === undefined) {
      groups.set(script.when, [script]);
    } else {
      others.push(script);
    }
  }
  return groups;
}

/** Some scripts, each of which is given to one row; asked as often as there are rows, it looks at each script a few times at most. */
class Choice {
  #byHash: Map<string, Script[]> | undefined;
  #next = 0;

  constructor(
    readonly scripts: readonly Script[],
    private readonly taken: ReadonlySet<Script>,
    private readonly checksums: Checksums,
  ) {}

  /** The first one that is free. */
  first(): Script | undefined {
    for (let script = this.scripts[this.#next]; script !== undefined && this.taken.has(script); script = this.scripts[this.#next]) {
      this.#next++;
    }
    return this.scripts[this.#next];
  }

  /** The first one that is free and has the row's hash. */
  withHash({ hash }: Row): Script | undefined {
    this.#byHash ??= this.hashes();
    const left = (typeof hash === 'string' ? this.#byHash.get(hash) : undefined) ?? [];
    for (let script = left.at(-1); script !== undefined && this.taken.has(script); script = left.at(-1)) {
      left.pop();
    }
    return left.at(-1);
  }

  private hashes(): Map<string, Script[]> {
    const byHash = new Map<string, Script[]>();
    // The last one first: what is taken is removed from the end.
    for (const script of this.scripts.toReversed()) {
      for (const hash of new Set(this.checksums.all(script.file))) {
        const others = byHash.get(hash);
        if (others === undefined) {
          byHash.set(hash, [script]);
        } else {
          others.push(script);
        }
      }
    }
    return byHash;
  }
}

function isEdited({ file }: Script, { hash }: Row, checksums: Checksums): boolean {
  const all = checksums.all(file);
  return all.length > 0 && !all.some((each) => each === hash);
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
  const isSkipped = new Set(skipped);
  const list = scripts.list.filter((script) => !isSkipped.has(script));
  const conflict =
    'Migrations of two branches have come together, and the database has the newer ones: it lacks older ones that Drizzle will not apply to it.';
  return { ...historyOf(place, { ...scripts, list }), conflict };
}

function commands({ history: { migrations, watch } }: Situation): MigrationCommands {
  const apply = migrations.length === 0 ? null : kit('migrate', watch);
  return apply === null ? {} : { apply };
}
