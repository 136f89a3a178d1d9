// What a Drizzle project consists of before 1.0: its config, its table, its journal and a script for each entry.
import { createHash } from 'node:crypto';
import type { MigrationsProject } from './migrations-project';

export const CONFIG = "export default { dialect: 'sqlite', out: './drizzle', dbCredentials: { url: 'app.db' } };\n";
/** The same settings with the database: a command is only offered where the file says which one it is for. */
export const naming = (text: string): string =>
  text.replace(/export default \{|module\.exports = \{|^\{/, (start) => `${start} "dbCredentials": { "url": "app.db" },`);
export const TABLE = 'CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric);';

export const sqlOf = (tag: string): string => `CREATE TABLE \`${tag}\` (\`id\` integer);\n`;
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
/** What Drizzle notes of an applied script. */
export const row = (tag: string, when: number, table = '__drizzle_migrations'): string =>
  `INSERT INTO "${table}" (hash, created_at) VALUES ('${hashOf(sqlOf(tag))}', ${when});`;
export const journalOf = (entries: Readonly<Record<string, number>>, dialect = 'sqlite'): string =>
  JSON.stringify({ version: '7', dialect, entries: Object.entries(entries).map(([tag, when], idx) => ({ idx, when, tag })) }, null, 2);

/** Writes a journal of these times, and their scripts. */
export function writeJournal(project: MigrationsProject, entries: Readonly<Record<string, number>>, out = 'drizzle'): void {
  project.write(`${out}/meta/_journal.json`, journalOf(entries));
  for (const tag of Object.keys(entries)) {
    project.write(`${out}/${tag}.sql`, sqlOf(tag));
  }
}
