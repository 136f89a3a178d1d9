// Where a project keeps its Drizzle migrations and what it calls their table, read from drizzle.config.* without running it.
import { basename, dirname, resolve, sep } from 'node:path';
import { withoutComments } from '../../../limits/code';
import { entriesOf, filesOf } from '../../reading/folder-search';
import { lookOf } from '../../reading/look';
import type { ProjectFolder } from '../../tool';

const CONFIG = /^drizzle(?:[.-]\w+)*\.config(?:[.-]\w+)*\.(?:[cm]?[jt]s|json)$/;
/** What Drizzle Kit reads when no file is named, in this order. */
const STANDARD = ['drizzle.config.ts', 'drizzle.config.js', 'drizzle.config.json'];
const JOURNAL = `${sep}meta${sep}_journal.json`;
const SQLITE = ['sqlite', 'turso', 'd1-http', 'd1', 'durable-sqlite', 'expo', 'better-sqlite', 'libsql', 'op-sqlite'];

export interface Place {
  /** null: only the application itself applies the migrations, with `migrate()`. */
  readonly config: string | null;
  /** Where Drizzle Kit runs. */
  readonly folder: string;
  /** The folder of the migrations, which need not be there yet. */
  readonly scripts: string;
  readonly table: string;
}

/** null: no Drizzle, or it keeps another kind of database. */
export function placeOf(project: ProjectFolder): Place | null {
  const configs = configsOf(project);
  for (const config of configs) {
    const place = placeFrom(config, project);
    if (place !== null) {
      return place;
    }
  }
  const [journal] = configs.length === 0 ? journalsOf(project) : [];
  return journal === undefined ? null : { config: null, folder: project.root, scripts: dirname(dirname(journal)), table: DEFAULT_TABLE };
}

export const DEFAULT_TABLE = '__drizzle_migrations';

/** The command line of Drizzle Kit in the folder of this configuration file. */
export function kit(verb: string, watched: readonly string[]): string | null {
  const config = watched.map((file) => basename(file)).find((name) => CONFIG.test(name));
  if (config === undefined) {
    return null;
  }
  return `npx drizzle-kit ${verb}${STANDARD.includes(config) ? '' : ` --config=${config}`}`;
}

/** Nearest first; of one folder, the one that Drizzle Kit takes. */
export function configsOf(project: ProjectFolder): string[] {
  const rank = (file: string): number => (STANDARD.includes(basename(file)) ? STANDARD.indexOf(basename(file)) : STANDARD.length);
  const depth = (file: string): number => file.split(sep).length;
  return filesOf(project)
    .filter((file) => CONFIG.test(basename(file)))
    .sort((a, b) => depth(a) - depth(b) || rank(a) - rank(b));
}

function placeFrom(config: string, project: ProjectFolder): Place | null {
  const text = withoutComments(lookOf(project).text(config) ?? '');
  const dialect = stringAfter('dialect', text) ?? stringAfter('driver', text);
  if (dialect !== undefined && !SQLITE.includes(dialect)) {
    return null;
  }
  const folder = dirname(config);
  const section = /\bmigrations["']?\s*:\s*(\{[^}]{0,2000}\})/s.exec(text)?.[1] ?? '';
  // The name may be a constant that is written elsewhere in the file.
  const table = stringAfter('table', section, text) ?? DEFAULT_TABLE;
  return { config, folder, scripts: scriptsOf(text, folder, project), table };
}

function scriptsOf(text: string, folder: string, project: ProjectFolder): string {
  const out = stringAfter('out', text);
  if (out === undefined && /(?<![\w.$])["']?out["']?\s*[:,}]/.test(text)) {
    const [journal] = journalsOf(project);
    return journal === undefined ? resolve(folder, 'drizzle') : dirname(dirname(journal));
  }
  // Drizzle Kit takes the path from where it runs, which in a monorepo may be the root.
  const choices = [folder, project.root].map((base) => resolve(base, out ?? 'drizzle'));
  return choices.find((choice) => entriesOf(choice).length > 0) ?? resolve(folder, out ?? 'drizzle');
}

function journalsOf(project: ProjectFolder): string[] {
  return filesOf(project).filter((file) => file.endsWith(JOURNAL) && /"dialect"\s*:\s*"sqlite"/.test(lookOf(project).text(file) ?? ''));
}

/** The first string of the value, be it in a call, after `??`, or in a constant of `whole`; undefined where a part of it is computed. */
function stringAfter(key: string, text: string, whole = text): string | undefined {
  const before = `(?<![\\w.$])["']?${key}["']?`;
  const value = `[^'"\`,\\n{}]{0,80}?(?:\\([^'"\`\\n{}]{0,80}?)?(['"\`])([^'"\`]*)\\1`;
  const literal = new RegExp(`${before}\\s*:\\s*${value}`).exec(text)?.[2];
  if (literal !== undefined) {
    return literal.includes('${') ? undefined : literal;
  }
  const named = new RegExp(`${before}\\s*:\\s*([A-Za-z_$][\\w$]{0,100})\\s*[,;\\n}]`).exec(text)?.[1];
  const constant = named ?? (new RegExp(`[{,]\\s*${key}\\s*[,}]`).test(text) ? key : null);
  const meaning =
    constant === null ? undefined : new RegExp(`\\b(?:const|let|var)\\s+${constant}\\b[^=;\\n]{0,200}=\\s*${value}`).exec(whole)?.[2];
  return meaning?.includes('${') === true ? undefined : meaning;
}
