// Random Drizzle projects: their settings in many ways of writing, and migrations as they come together in a team.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Chance } from './random';

export interface Step {
  readonly tag: string;
  readonly when: number;
  readonly sql: string;
}

/** What happened to the files between two runs of the real tool. */
export const CHANGES = ['none', 'edited', 'removed', 'missing', 'broken', 'late', 'twin', 'renamed', 'again', 'failing'] as const;
export type Change = (typeof CHANGES)[number];

export interface GeneratedDrizzle {
  readonly root: string;
  readonly database: string;
  readonly out: string;
  readonly table: string;
  readonly config: string;
}

export function writeConfig(chance: Chance, root: string, database: string): GeneratedDrizzle {
  const out = chance.of(['drizzle', 'migrations', 'db/migrations', 'src/db/out']);
  const table = chance.of(['__drizzle_migrations', '__drizzle_migrations', 'journal', 'my migrations']);
  const url = `${chance.of(['', 'file:', 'file:./'])}${database}`;
  const config = chance.of(['drizzle.config.ts', 'drizzle.config.js', 'drizzle.config.json', 'drizzle-dev.config.ts']);
  const quote = chance.of(["'", '"', '`']);
  const quoted = (text: string): string => `${quote}${text}${quote}`;
  const named = chance.is(0.3);
  const folder = named ? 'OUT' : chance.of([quoted(out), quoted(`./${out}`), `process.env.NOWHERE ?? ${quoted(`./${out}`)}`]);
  const lines = [
    `dialect: ${quoted('sqlite')}`,
    `schema: ${quoted('./schema/*')}, // out: './wrong'`,
    ...(out === 'drizzle' && !named && chance.is(0.5) ? [] : [`out: ${folder}`]),
    ...(table === '__drizzle_migrations' ? [] : [`migrations: { prefix: 'index', table: ${quoted(table)} }`]),
    `dbCredentials: { url: ${quoted(url)} } /* out: "wrong" */`,
  ];
  const body = `{\n  ${lines.map((line) => (/,( \/\/.*)?$/.test(line) ? line : `${line},`)).join('\n  ')}\n}`;
  const constant = named ? `const OUT = ${quoted(out)};\n` : '';
  const esm = chance.is(0.5)
    ? `import { defineConfig } from 'drizzle-kit';\n${constant}export default defineConfig(${body});\n`
    : `import type { Config } from 'drizzle-kit';\n${constant}export default ${body} satisfies Config;\n`;
  const settings = { dialect: 'sqlite', schema: './schema/*', out: `./${out}`, dbCredentials: { url }, migrations: { table } };
  const text = config.endsWith('.json')
    ? JSON.stringify(settings, null, 2)
    : config.endsWith('.js')
      ? `${constant}module.exports = ${body};\n`
      : esm;
  write(join(root, config), text);
  return { root, database: join(root, database), out: join(root, out), table, config };
}

/** Times rise, except where two people worked at once. */
export function steps(chance: Chance, size: number, isFoldered: boolean): Step[] {
  let time = Date.UTC(2025, 0, 1);
  return Array.from({ length: size }, (_, index) => {
    time += 1000 * (1 + chance.below(100_000)) + (isFoldered ? 0 : chance.below(1000));
    return step(chance, index, time, isFoldered);
  });
}

function step(chance: Chance, index: number, when: number, isFoldered: boolean): Step {
  const name = chance.of(['first', 'add_items', 'noisy_wolverine', 'x']);
  const stamp = new Date(when).toISOString().replace(/\D/g, '').slice(0, 14);
  const tag = isFoldered ? `${stamp}_${name}_${index}` : `${String(index).padStart(4, '0')}_${name}`;
  const more = chance.is(0.4) ? `--> statement-breakpoint\nINSERT INTO t${index} VALUES (${index});` : '';
  return { tag, when, sql: `CREATE TABLE t${index} (\`id\` integer);\n${more}` };
}

export function writeSteps(out: string, list: readonly Step[], isFoldered: boolean): void {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  for (const { tag, sql } of list) {
    write(isFoldered ? join(out, tag, 'migration.sql') : join(out, `${tag}.sql`), sql);
  }
  if (!isFoldered) {
    const entries = list.map(({ tag, when }, idx) => ({ idx, version: '6', when, tag, breakpoints: true }));
    write(join(out, 'meta/_journal.json'), JSON.stringify({ version: '7', dialect: 'sqlite', entries }, null, 2));
  }
}

/** The files as they are when the tool runs again, of which it has applied the first `done`. */
export function changed(chance: Chance, change: Change, list: readonly Step[], done: number, isFoldered: boolean): Step[] {
  const at = chance.below(Math.max(done, 1));
  const chosen = list[at];
  if (chosen === undefined) {
    return [...list];
  }
  const replaced = (step: Partial<Step>): Step[] => list.with(at, { ...chosen, ...step });
  switch (change) {
    case 'edited':
      return replaced({ sql: `${chosen.sql}\n-- edited` });
    case 'removed':
      return list.toSpliced(at, 1);
    case 'late':
      return list.toSpliced(chance.is(0.5) ? at : list.length, 0, step(chance, 90, chosen.when - 1000, isFoldered));
    case 'twin':
      return list.toSpliced(chance.is(0.5) ? at + 1 : list.length, 0, step(chance, 91, chosen.when, isFoldered));
    case 'renamed':
      return replaced({ tag: `${chosen.tag}_renamed` });
    case 'again':
      return replaced({ when: chosen.when + (chance.is(0.5) ? 1 : 1_000_000_000_000) });
    case 'failing':
      return [
        ...list,
        {
          ...step(chance, 92, (list.at(-1)?.when ?? 0) + 5000, isFoldered),
          sql: 'CREATE TABLE t92 (x);--> statement-breakpoint\nNOT SQL;',
        },
      ];
    case 'none':
    case 'missing':
    case 'broken':
      return [...list];
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
