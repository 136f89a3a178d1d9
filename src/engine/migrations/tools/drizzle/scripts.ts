// The migration files of Drizzle: a journal beside SQL files until 1.0, a folder for each migration since.
import { basename, join } from 'node:path';
import { parseTree, findNodeAtLocation, getNodeValue, type Node, type ParseError } from 'jsonc-parser';
import * as z from 'zod';
import { isTooDeep } from '../../../limits/nesting';
import { entriesOf, isFile, textOf } from '../../reading/look';
import type { SchemaProblem } from '../../schema';
import { said } from '../../../said';

export interface Script {
  readonly tag: string;
  readonly file: string;
  /** Milliseconds since 1970, what the database keeps as created_at; NaN: the journal that says so is missing. */
  readonly when: number;
}

export interface Scripts {
  /** In the order in which Drizzle applies them. */
  readonly list: readonly Script[];
  readonly problems: readonly SchemaProblem[];
  /** Not all could be read. */
  readonly incomplete: boolean;
  /** Until 1.0 the time alone decides what is applied; since then it is the name. */
  readonly byTime: boolean;
}

/** As Drizzle Kit names them, unless told otherwise. */
const NUMBERED = /^\d{4,}_.+\.sql$/;

/** What the folder holds. A journal that is broken hides only the entries that are. */
export function scriptsIn(folder: string): Scripts {
  const journal = join(folder, 'meta', '_journal.json');
  if (isFile(journal)) {
    return journaled(folder, journal);
  }
  const folders = foldered(folder);
  const loose = folders.length > 0 ? [] : numberedIn(folder);
  const message = said`The journal "${join('meta', '_journal.json')}" is missing: Drizzle cannot apply any migration. Take it back from git.`;
  return loose.length > 0
    ? {
        list: loose.map((name) => ({ tag: name.slice(0, -'.sql'.length), file: join(folder, name), when: NaN })),
        problems: [{ message, file: join(folder, loose[0] ?? '') }],
        incomplete: true,
        byTime: true,
      }
    : { list: folders, problems: [], incomplete: false, byTime: false };
}

function numberedIn(folder: string): string[] {
  return entriesOf(folder).flatMap(({ name }) => (NUMBERED.test(name) && isFile(join(folder, name)) ? [name] : []));
}

function journaled(folder: string, journal: string): Scripts {
  const { entries, problem } = readJournal(journal);
  const list = entries.map(({ tag, when }) => ({ tag, when, file: join(folder, `${tag}.sql`) }));
  const missing = entries.filter(({ tag }) => !isFile(join(folder, `${tag}.sql`)));
  const named = new Set(list.map(({ file }) => basename(file)));
  const unnamed = problem === null ? numberedIn(folder).filter((name) => !named.has(name)) : [];
  return {
    list,
    problems: [
      ...(problem === null ? [] : [problem]),
      ...missing.map(({ tag, line }) => ({
        message: said`The journal names ${tag}, whose file is missing: Drizzle cannot apply any migration. Take ${tag}.sql back from git.`,
        file: journal,
        line,
      })),
      ...unnamed.map((name) => ({
        message: said`The journal does not name ${name}: Drizzle will not apply it.`,
        file: join(folder, name),
      })),
    ],
    incomplete: problem !== null,
    byTime: true,
  };
}

interface Entry {
  readonly tag: string;
  readonly when: number;
  /** 1-based. */
  readonly line: number;
}

function readJournal(file: string): { readonly entries: readonly Entry[]; readonly problem: SchemaProblem | null } {
  const text = textOf(file) ?? '';
  const errors: ParseError[] = [];
  // What is deeper is no journal, and the parser would run out of stack.
  const tree = parseTree(isTooDeep(text) ? '' : text, errors, { disallowComments: true });
  const lineAt = linesOf(text);
  const list = tree && findNodeAtLocation(tree, ['entries']);
  const nodes: readonly Node[] = list?.type === 'array' ? (list.children ?? []) : [];
  const entry = z.looseObject({ when: z.number(), tag: z.string().min(1) });
  const read = nodes.map((node) => ({ node, parsed: entry.safeParse(getNodeValue(node)) }));
  const entries = read.flatMap(({ node, parsed }) => (parsed.success ? [{ ...parsed.data, line: lineAt(node.offset) }] : []));
  const unreadable = read.find(({ parsed }) => !parsed.success)?.node.offset;
  const offset = errors[0]?.offset ?? unreadable ?? (list?.type === 'array' ? null : (list?.offset ?? tree?.offset ?? 0));
  const message = /^(?:<{7}|>{7}) /m.test(text)
    ? 'The journal of the migrations has a merge conflict: Drizzle cannot apply any. Keep the entries of both sides, the newer ones last.'
    : 'The journal of the migrations is not valid: Drizzle cannot apply any. Mend it, or take it back from git.';
  return { entries, problem: offset === null ? null : { message, file, line: lineAt(offset) } };
}

/** Tells the line (1-based) of offsets that only grow. */
function linesOf(text: string): (offset: number) => number {
  let line = 1;
  let seen = 0;
  return (offset) => {
    if (offset < seen) {
      line = 1;
      seen = 0;
    }
    for (let at = text.indexOf('\n', seen); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
      line++;
      seen = at + 1;
    }
    return line;
  };
}

function foldered(scripts: string): Script[] {
  return entriesOf(scripts)
    .map(({ name }) => ({ tag: name, file: join(scripts, name, 'migration.sql'), when: timeOf(name) }))
    .filter((script) => isFile(script.file))
    .sort((a, b) => a.tag.localeCompare(b.tag));
}

/** The first 14 digits, `20240131235959`. */
function timeOf(name: string): number {
  const [, year, month, day, hour, minute, second] = (/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(name) ?? []).map(Number);
  return Date.UTC(year ?? NaN, (month ?? NaN) - 1, day, hour, minute, second);
}
