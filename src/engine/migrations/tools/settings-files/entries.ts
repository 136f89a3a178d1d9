// The names and values in an application's own settings files: YAML, TOML, JSON, INI and properties that code reads in ways of its own.
import { basename, dirname } from 'node:path';
import { parse } from 'jsonc-parser';
import { isTooDeep } from '../../../limits/nesting';
import { lookOf } from '../../reading/look';
import type { ProjectFolder } from '../../tool';

const FILES =
  /^\.?(?:.*[-_.])?(?:config|configs|configuration|settings|secrets|application|appsettings|app|database|db|yoyo|flyway|liquibase|sqitch|atlas)(?:[-_.].*)?\.(?:ya?ml|toml|jsonc?|ini|cfg|conf|properties|hcl)$/i;
const FOLDERS = /^(?:conf|config|configs|settings|packages)$/i;
const KINDS = /\.(?:ya?ml|toml|jsonc?|ini|cfg|conf|properties)$/i;
/** What other readers know better: Alembic's, Compose's, and what only describes packages. */
const OTHERS = /^(?:alembic|package|tsconfig|composer|pyproject|.*lock)\b|^(?:docker-)?compose\b/i;
const OTHER_TEXTS = /sqlalchemy\.url|^\[settings\]|^\s*adapter\s*:|<%|^services\s*:/m;
const MOST_FILES = 100;
const MOST_LINES = 3000;
const LONGEST_LINE = 1000;
const LINE = /^\s*(?:-\s+)?(["']?)([\w.-]+)\1\s*[:=]\s*(.*)$/;

/** The files, the nearest to the root first. */
export function settingsFiles(project: ProjectFolder): readonly string[] {
  return lookOf(project)
    .files.filter(
      (file) => (FILES.test(basename(file)) || (FOLDERS.test(basename(dirname(file))) && KINDS.test(file))) && !OTHERS.test(basename(file)),
    )
    .slice(0, MOST_FILES);
}

/** What stands in one of them, if it says this word; read once for a look. */
export function entriesIn(file: string, word: RegExp, project: ProjectFolder): readonly Entry[] {
  const look = lookOf(project);
  const text = look.text(file) ?? '';
  return !word.test(text) || OTHER_TEXTS.test(text)
    ? []
    : look.once('settings', file, () => entriesOf(/\.jsonc?$/i.test(file) ? inLines(text) : text));
}

/** JSON with one name on each line. */
function inLines(text: string): string {
  return isTooDeep(text) ? '' : JSON.stringify(parse(text), null, 1);
}

export interface Entry {
  /** As it is written, and below the name of its section: `PATH` and `DATABASE_PATH` of `path` below `database`. */
  readonly names: readonly string[];
  readonly value: string;
}

function entriesOf(text: string): Entry[] {
  const found: Entry[] = [];
  let section = '';
  for (const whole of text.split(/\r?\n/, MOST_LINES)) {
    const line = whole.slice(0, LONGEST_LINE);
    const header = /^\s*\[+\s*["']?([\w.-]+)["']?\s*\]+/.exec(line)?.[1];
    const [, , key = '', written = ''] = LINE.exec(line) ?? [];
    const value = plain(written);
    if (header !== undefined) {
      section = header;
    } else if (key !== '' && /^[{[]?$/.test(value)) {
      section = key;
    } else if (key !== '') {
      found.push({ names: [key, ...(section === '' ? [] : [`${section}_${key}`])].map(variable), value });
    }
  }
  return found;
}

/** Without its quotes, and without a comment behind it. */
function plain(written: string): string {
  const quoted = /^(["'])(.*?)\1/.exec(written)?.[2];
  return (quoted ?? written.replace(/\s[#;].*$/, '').replace(/,\s*$/, '')).trim();
}

/** `databasePath`, `database-path` and `database.path` as variables are called. */
function variable(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
}
