// Databases that an application's own settings files name: YAML, TOML, JSON, INI and properties that code reads in ways of its own.
import { basename, dirname, relative } from 'node:path';
import { parse } from 'jsonc-parser';
import { isTooDeep } from '../../../limits/nesting';
import { MOST_NAMED } from '../../../limits/sizes';
import { isFile, lookOf } from '../../reading/look';
import type { NamedDatabase, SourceAnswer } from '../../reading/named';
import { parseSqlitePath, parseSqliteUrl, placesOf, type SqliteLocation } from '../../reading/sqlite-url';
import { databaseOfVariable, rankOfVariable } from '../../reading/variables';
import { isAside } from '../../reading/vendored';
import type { ProjectFolder } from '../../tool';

const FILES =
  /^\.?(?:.*[-_.])?(?:config|configs|configuration|settings|secrets|application|appsettings|app|database|db|yoyo)(?:[-_.].*)?\.(?:ya?ml|toml|jsonc?|ini|cfg|conf|properties)$/i;
const FOLDERS = /^(?:conf|config|configs|settings)$/i;
const KINDS = /\.(?:ya?ml|toml|jsonc?|ini|cfg|conf|properties)$/i;
/** What other readers know better: Alembic's, Rails', Compose's, and what only describes packages. */
const OTHERS = /^(?:alembic|package|tsconfig|composer|pyproject|.*lock)\b|^(?:docker-)?compose\b/i;
const OTHER_TEXTS = /sqlalchemy\.url|^\[settings\]|^\s*adapter\s*:|<%|^services\s*:/m;
const MOST_FILES = 100;
const MOST_LINES = 3000;
const LONGEST_LINE = 1000;
const LINE = /^\s*(?:-\s+)?(["']?)([\w.-]+)\1\s*[:=]\s*(.*)$/;
const CONNECTION = /(?:^|;)\s*(?:data ?source|filename)\s*=\s*([^;"']+)/i;

/** It is not known which of the names the code asks for: what is named so counts as an example does. */
export function databases(project: ProjectFolder): SourceAnswer {
  const look = lookOf(project);
  const files = look.files.filter(
    (file) => (FILES.test(basename(file)) || (FOLDERS.test(basename(dirname(file))) && KINDS.test(file))) && !OTHERS.test(basename(file)),
  );
  const named = files.slice(0, MOST_FILES).flatMap((file) => namedBy(file, project));
  return { named: named.slice(0, MOST_NAMED), remarks: [] };
}

function namedBy(file: string, project: ProjectFolder): NamedDatabase[] {
  const { root } = project;
  const text = lookOf(project).text(file) ?? '';
  if (!/sqlite|\.db\b/i.test(text) || OTHER_TEXTS.test(text)) {
    return [];
  }
  const path = relative(root, file).replaceAll('\\', '/');
  return entriesOf(/\.jsonc?$/i.test(file) ? inLines(text) : text).flatMap(({ names, value }): NamedDatabase[] => {
    const name = names.find((each) => databaseOf(each, value) !== null);
    const location = name === undefined ? null : databaseOf(name, value);
    const places = location?.kind === 'file' ? placesOf(location.path, dirname(file), root) : [];
    if (name === undefined || location?.kind !== 'file' || (location.isTemplate && !places.some(isFile))) {
      return [];
    }
    const rank = isAside(path) || /test/i.test(path) ? 2 : rankOfVariable(name) || 1;
    return [{ from: `${name.toLowerCase()} in ${path}`, written: location.path, places, rank }];
  });
}

function databaseOf(name: string, value: string): SqliteLocation | null {
  if (/^(?:jdbc:)?sqlite3?(?:\+\w+)?:/i.test(value)) {
    return parseSqliteUrl(value.replace(/^jdbc:/i, ''));
  }
  const source = CONNECTION.exec(value)?.[1];
  const isPath = /[\\/.]/.test(value) && !/\s/.test(value);
  return source !== undefined ? parseSqlitePath(source) : isPath ? databaseOfVariable(name, value) : null;
}

/** JSON with one name on each line. */
function inLines(text: string): string {
  return isTooDeep(text) ? '' : JSON.stringify(parse(text), null, 1);
}

interface Entry {
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
