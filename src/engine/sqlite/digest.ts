// Per table its number of rows and a digest of what it holds, from the pages of a file that nobody writes to.
import { openSync } from 'node:fs';
import { readAtRest } from './at-rest';
import { closeDescriptor, type Connection } from './connection';
import { digestRows, unlessOdd, type Root, type Roots, type TableDigest } from './digest-rows';
import { isVirtual } from './dump/tables';
import { folded } from './same-name';
import { shadowTables } from './shadow-tables';

export type { TableDigest } from './digest-rows';

/** More tables than that are not recorded: whoever has them does without. */
const MOST_TABLES = 1000;
const LONGEST_NAME = 1000;
/** What JavaScript makes of bytes that are no UTF-8: two names that differ in them would be one, and two statements too. */
const LOST = '\ufffd';

/**
 * The digests of all tables that keep rows of their own, in the order of their creation: virtual tables and their shadows
 * are not among them. Rows count as they are stored, in the order of their keys; it does not matter on which page, so that
 * VACUUM changes no digest. An odd or damaged file gives fewer of them, or none, and no failure; `turn` may throw to stop.
 */
export async function digestTables(file: string, turn: () => void = () => undefined): Promise<TableDigest[]> {
  const schema = tableRoots(file);
  const handle = schema === null ? null : unlessOdd(() => openSync(file, 'r'));
  if (schema === null || handle === null) {
    return [];
  }
  try {
    return await digestRows(handle, schema, turn);
  } finally {
    closeDescriptor(handle);
  }
}

/** Where the rows of these tables begin; null: there is nothing to be said of them. */
export function tableRoots(file: string): Roots | null {
  const schema = unlessOdd(() => readAtRest(file, rootsIn));
  return schema === null || schema.roots.length > MOST_TABLES ? null : schema;
}

function rootsIn(db: Connection): Roots {
  const shadows = shadowTables(db);
  const entries = db
    .prepare<[], Root>(
      `SELECT CAST(name AS TEXT) AS name, rootpage AS page, CAST(sql AS TEXT) AS sql FROM sqlite_schema
       WHERE type = 'table' AND rootpage > 0 AND name IS NOT NULL AND sql IS NOT NULL ORDER BY rowid LIMIT ${2 * MOST_TABLES}`,
    )
    .all();
  const isOwn = ({ name, sql }: Root): boolean =>
    !/^sqlite_/i.test(name) &&
    !`${name}${sql}`.includes(LOST) &&
    name.length <= LONGEST_NAME &&
    !shadows.has(folded(name)) &&
    !isVirtual({ type: 'table', name, sql });
  return { roots: entries.filter(isOwn), encoding: String(db.pragma('encoding', { simple: true })) };
}
