// The one entry into the schema that dumps make: a virtual table whose shadow tables follow.

export interface SchemaRow {
  readonly name: string;
  readonly table: string;
  readonly sql: string;
}

const HEAD =
  /^INSERT\s+INTO\s+["'[`]?sqlite_(?:master|schema)["'\]`]?\s*\(\s*type\s*,\s*name\s*,\s*tbl_name\s*,\s*rootpage\s*,\s*sql\s*\)\s*VALUES\s*\(/i;
const TEXT = /\s*'((?:[^']|'')*)'\s*/y;
const CALL = /\s*(replace|char|unistr)\s*\(/iy;
const NUMBER = /\s*(\d{1,7})\s*/y;
const COMMA = /,/y;
const CLOSE = /\s*\)\s*/y;
const END = /\s*;\s*$/y;

/** What the statement enters; undefined: it is another statement, or its values are not plainly written down. */
export function virtualTableEntry(sql: string): SchemaRow | undefined {
  const head = HEAD.exec(sql);
  if (head === null) {
    return undefined;
  }
  const reader = new ValueReader(sql, head[0].length);
  const type = reader.value();
  const [name, table, rootpage, text] = [1, 2, 3, 4].map(() => (reader.take(COMMA) === undefined ? undefined : reader.value()));
  const isWhole = reader.take(CLOSE) !== undefined && reader.take(END) !== undefined;
  if (!isWhole || type !== 'table' || rootpage !== '0' || name === undefined || table === undefined || text === undefined) {
    return undefined;
  }
  return { name, table, sql: text };
}

/** Reads texts and numbers, and texts as dumps write those with control characters: replace('a\rb','\r',char(13)), unistr('a\u000db'). */
class ValueReader {
  constructor(
    private readonly sql: string,
    private at: number,
  ) {}

  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.sql);
    this.at += match?.[0].length ?? 0;
    return match ?? undefined;
  }

  value(depth = 0): string | undefined {
    const text = this.take(TEXT);
    if (text !== undefined) {
      return (text[1] ?? '').replaceAll("''", "'");
    }
    const call = depth > 4 ? undefined : this.take(CALL)?.[1]?.toLowerCase();
    if (call === undefined) {
      return this.take(NUMBER)?.[1];
    }
    const values: string[] = [];
    do {
      const next = this.value(depth + 1);
      if (next === undefined) {
        return undefined;
      }
      values.push(next);
    } while (this.take(COMMA) !== undefined);
    return this.take(CLOSE) === undefined ? undefined : evaluated(call, values);
  }
}

function evaluated(call: string, [first = '', from, to]: readonly string[]): string | undefined {
  switch (call) {
    case 'replace':
      return from === undefined || from === '' || to === undefined ? undefined : first.replaceAll(from, () => to);
    case 'char':
      return Number(first) <= 0x10ffff ? String.fromCodePoint(Number(first)) : undefined;
    default:
      return first.replace(
        /\\(?:\\|u?([0-9a-f]{4})|(?:\+([0-9a-f]{6})|U([0-9a-f]{8})))/gi,
        (_all, four?: string, six?: string, eight?: string) => {
          const digits = four ?? six ?? eight;
          return digits === undefined ? '\\' : String.fromCodePoint(Math.min(0x10ffff, parseInt(digits, 16)));
        },
      );
  }
}
