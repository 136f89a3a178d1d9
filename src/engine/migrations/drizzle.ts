// Drizzle Kit: `drizzle-kit migrate` (https://orm.drizzle.team/docs/kit-overview).
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { Connection } from '../sqlite/connection';
import { entriesOf, filesOf, textOf } from './folder-search';
import { rowsOf } from './rows';
import type { MigrationCommands, SchemaProblem } from './schema';
import type { AppliedMigrations, MigrationHistory, MigrationTool, ProjectFolder } from './tool';

const CONFIG = /^drizzle\.config\.(?:js|cjs|mjs|ts|cts|mts|json)$/;
const TABLE = '__drizzle_migrations';

const journal = z.looseObject({ entries: z.array(z.looseObject({ idx: z.number(), when: z.number(), tag: z.string() })) });

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
}

export const drizzle = { name: 'drizzle', history, applied, commands } satisfies MigrationTool;

function placeOf(project: ProjectFolder): Place | null {
  const config = filesOf(project).find((file) => CONFIG.test(basename(file)));
  if (config === undefined) {
    return null;
  }
  const folder = dirname(config);
  const out = /["']?\bout["']?\s*:\s*['"`]([^'"`]+)['"`]/.exec(textOf(config) ?? '')?.[1] ?? 'drizzle';
  return { config, folder, scripts: resolve(folder, out) };
}

function scriptsIn(scripts: string): { readonly list: Script[]; readonly problems: SchemaProblem[] } {
  const file = join(scripts, 'meta/_journal.json');
  return existsSync(file) ? journalled(scripts, file) : { list: foldered(scripts), problems: [] };
}

function journalled(scripts: string, file: string): { readonly list: Script[]; readonly problems: SchemaProblem[] } {
  const parsed = journal.safeParse(parseJson(textOf(file)));
  if (!parsed.success) {
    return { list: [], problems: [{ message: 'The journal of the migrations is not valid: Drizzle cannot apply any.', file }] };
  }
  const entries = [...parsed.data.entries].sort((a, b) => a.idx - b.idx);
  const list = entries.map(({ tag, when }) => ({ tag, when, file: join(scripts, `${tag}.sql`) }));
  const problems = list
    .filter((script) => textOf(script.file) === null)
    .map((script) => ({ message: `The journal names ${script.tag}, whose file is missing.`, file: script.file }));
  return { list, problems };
}

/** Since 1.0 every migration is a folder that begins with its time, and there is no journal. */
function foldered(scripts: string): Script[] {
  return entriesOf(scripts)
    .filter((entry) => entry.isDirectory() && /^\d{14}_/.test(entry.name))
    .map(({ name }) => ({ tag: name, file: join(scripts, name, 'migration.sql'), when: timeOf(name) }))
    .filter((script) => textOf(script.file) !== null);
}

function timeOf(name: string): number {
  const [year, month, day, hour, minute, second] = [0, 4, 6, 8, 10, 12].map((at) => Number(name.slice(at, at === 0 ? 4 : at + 2)));
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
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
  const incomplete = problems.length > 0;
  return {
    folder,
    migrations,
    heads: list.slice(-1).map(({ tag }) => tag),
    rowsImplyAncestors: false,
    conflict: null,
    problems,
    incomplete,
    watch: [config, scripts],
  };
}

function applied(db: Connection, project: ProjectFolder): AppliedMigrations | null {
  const table = rowsOf(db, TABLE, ['hash', 'created_at'], 'created_at');
  if (table === null) {
    return null;
  }
  const place = placeOf(project);
  const scripts = place === null ? [] : scriptsIn(place.scripts).list;
  const hashes = new Map(
    scripts.map((script) => [
      createHash('sha256')
        .update(textOf(script.file) ?? '')
        .digest('hex'),
      script.tag,
    ]),
  );
  const times = new Map(scripts.map((script) => [script.when, script.tag]));
  const rows = table.map(
    (row) => times.get(Number(row.created_at)) ?? hashes.get(String(row.hash)) ?? `created_at ${String(row.created_at)}`,
  );
  const newest = Math.max(-Infinity, ...table.map((row) => Number(row.created_at)));
  const skipped = scripts.filter((script) => script.when < newest && !rows.includes(script.tag));
  return {
    rows,
    revisions: rows.slice(-1),
    halfApplied: [],
    problems: skipped.map(({ tag, file }) => ({
      message: `${tag} is older than what the database has applied: Drizzle will skip it without a word. Generate it again, so that it gets a new time.`,
      file,
    })),
    tables: [TABLE],
  };
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
