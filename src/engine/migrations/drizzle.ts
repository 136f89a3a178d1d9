// Drizzle Kit: `drizzle-kit migrate` (https://orm.drizzle.team/docs/kit-overview).
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { Connection } from '../sqlite/connection';
import { checksumOf } from './checksum';
import { entriesOf, filesOf, isFile, textOf } from './folder-search';
import { rowsOf } from './rows';
import type { MigrationCommands, SchemaProblem } from './schema';
import type { AppliedMigrations, MigrationHistory, MigrationTool, ProjectFolder } from './tool';

const CONFIG = /^drizzle\.config\.(?:js|cjs|mjs|ts|cts|mts|json)$/;
const SQLITE_DIALECTS = ['sqlite', 'turso', 'd1-http', 'durable-sqlite', 'expo'];

const journal = z.looseObject({ entries: z.array(z.looseObject({ when: z.number(), tag: z.string() })) });

interface Script {
  readonly tag: string;
  readonly file: string;
  /** Milliseconds since 1970, what the database keeps as created_at. */
  readonly when: number;
}

interface Place {
  readonly config: string;
  readonly folder: string;
  readonly scripts: string;
  readonly table: string;
}

interface Listed {
  readonly list: readonly Script[];
  readonly problems: readonly SchemaProblem[];
  /** Until 1.0 a journal tells the order, and only what is newer than the newest row is applied. */
  readonly hasJournal: boolean;
}

export const drizzle = { name: 'drizzle', history, applied, commands } satisfies MigrationTool;

/** null: no Drizzle, or it keeps another kind of database. */
function placeOf(project: ProjectFolder): Place | null {
  const config = filesOf(project).find((file) => CONFIG.test(basename(file)));
  if (config === undefined) {
    return null;
  }
  const text = textOf(config) ?? '';
  const dialect = stringAfter('dialect', text);
  if (dialect !== undefined && !SQLITE_DIALECTS.includes(dialect)) {
    return null;
  }
  const folder = dirname(config);
  const table = /\bmigrations["']?\s*:\s*(\{[^}]*\})/s.exec(text)?.[1] ?? '';
  return {
    config,
    folder,
    scripts: resolve(folder, stringAfter('out', text) ?? 'drizzle'),
    table: stringAfter('table', table) ?? '__drizzle_migrations',
  };
}

function stringAfter(key: string, text: string): string | undefined {
  return new RegExp(`["']?\\b${key}["']?\\s*:\\s*['"\`]([^'"\`]+)['"\`]`).exec(text)?.[1];
}

function scriptsIn(folder: string): Listed {
  const file = join(folder, 'meta/_journal.json');
  if (!isFile(file)) {
    return { list: foldered(folder), problems: [], hasJournal: false };
  }
  const parsed = journal.safeParse(parseJson(textOf(file)));
  if (!parsed.success) {
    const message = 'The journal of the migrations is not valid: Drizzle cannot apply any.';
    return { list: [], problems: [{ message, file }], hasJournal: true };
  }
  const list = parsed.data.entries.map(({ tag, when }) => ({ tag, when, file: join(folder, `${tag}.sql`) }));
  const missing = list.filter((script) => !isFile(script.file));
  const problems = missing.map((script) => ({
    message: `The journal names ${script.tag}, whose file is missing: Drizzle cannot apply any.`,
    file: script.file,
  }));
  return { list, problems, hasJournal: true };
}

/** Since 1.0 every migration is a folder that begins with its time, and there is no journal. */
function foldered(scripts: string): Script[] {
  return entriesOf(scripts)
    .map(({ name }) => ({ tag: name, file: join(scripts, name, 'migration.sql'), when: timeOf(name) }))
    .filter((script) => isFile(script.file))
    .sort((a, b) => a.tag.localeCompare(b.tag));
}

/** The first 14 digits, `20240131235959`. */
function timeOf(name: string): number {
  const [year = NaN, month = NaN, day = NaN, hour = NaN, minute = NaN, second = NaN] = [4, 6, 8, 10, 12, 14].map((end) =>
    Number(name.slice(end === 4 ? 0 : end - 2, end)),
  );
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function history(project: ProjectFolder): MigrationHistory | null {
  const place = placeOf(project);
  if (place === null) {
    return null;
  }
  const { list, problems } = scriptsIn(place.scripts);
  const migrations = list.map(({ tag, file }, index) => {
    const before = list[index - 1];
    return { revision: tag, title: tag.replace(/^\d+_/, '').replaceAll('_', ' '), file, parents: before === undefined ? [] : [before.tag] };
  });
  const { config, folder, scripts } = place;
  return {
    folder,
    migrations,
    heads: list.slice(-1).map(({ tag }) => tag),
    rowsImplyAncestors: false,
    conflict: null,
    problems,
    incomplete: problems.length > 0,
    watch: [config, scripts],
  };
}

function applied(db: Connection, project: ProjectFolder): AppliedMigrations | null {
  const place = placeOf(project);
  const name = place?.table ?? '__drizzle_migrations';
  const table = rowsOf(db, name, ['hash', 'created_at'], 'created_at');
  if (table === null) {
    return null;
  }
  const named = rowsOf(db, name, ['hash', 'created_at', 'name'], 'created_at');
  const { list, hasJournal } = place === null ? { list: [], hasJournal: false } : scriptsIn(place.scripts);
  const rows = (named ?? table).map((row) => tagOf(row, list, hasJournal));
  const newest = Math.max(-Infinity, ...table.map((row) => Number(row.created_at)));
  const skipped = hasJournal ? list.filter((script) => script.when <= newest && !rows.includes(script.tag)) : [];
  return {
    rows,
    revisions: rows.slice(-1),
    halfApplied: [],
    problems: skipped.map(({ tag, file }) => ({
      message: `${tag} is older than what the database has applied: Drizzle will skip it without a word. Generate it again, so that it gets a new time.`,
      file,
    })),
    tables: [name],
  };
}

/** By its name, which Drizzle notes since 1.0; otherwise by its time, and among several of one time by its content. */
function tagOf(
  { hash, created_at: time, name }: { readonly hash: unknown; readonly created_at: unknown; readonly name?: unknown },
  scripts: readonly Script[],
  hasJournal: boolean,
): string {
  if (typeof name === 'string') {
    return name;
  }
  // The folders that "drizzle-kit up" makes of a journal have names to the second.
  const when = hasJournal ? Number(time) : Math.floor(Number(time) / 1000) * 1000;
  const sameTime = scripts.filter((script) => script.when === when);
  const [only, another] = sameTime;
  const found =
    only !== undefined && another === undefined
      ? only
      : (sameTime.length > 0 ? sameTime : scripts).find((script) => checksumOf(script.file) === hash);
  return found?.tag ?? `created_at ${String(time)}`;
}

function commands(): MigrationCommands {
  return { apply: 'npx drizzle-kit migrate' };
}

function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
