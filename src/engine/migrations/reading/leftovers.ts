// Tables that a migration leaves when it fails while it builds a changed copy of a table, which SQLite cannot alter in place.
import { ORDINARY } from '../reading/rows';
import type { Connection } from '../../sqlite/connection';
import { said } from '../../said';

const MOST_TABLES = 20_000;
const MOST_LEFTOVERS = 100;

/** A sentence for each; `cutAt`: the length at which the tool cuts the name of such a copy. */
export function leftovers(db: Connection, prefix: string, cutAt = Infinity): string[] {
  const tables = db
    .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE ${ORDINARY} ORDER BY name LIMIT ${MOST_TABLES}`)
    .pluck()
    .all();
  const isCopy = (name: string): boolean => name.startsWith(prefix);
  const names = new Set(tables);
  const found = tables.filter(isCopy).slice(0, MOST_LEFTOVERS);
  return found.map((copy) => {
    const original = copy.slice(prefix.length);
    const isCut = (name: string): boolean => copy.length === cutAt && !isCopy(name) && name.startsWith(original);
    const table = names.has(original) ? original : tables.find(isCut);
    return table === undefined ? aboutLostTable(copy, original, db) : aboutCopy(copy, table);
  });
}

function aboutCopy(copy: string, table: string): string {
  return said`A migration of the table "${table}" stopped half way and left "${copy}". Go back to the backup from before it; running it again fails on what is left.`;
}

function aboutLostTable(copy: string, original: string, db: Connection): string {
  const hasRows = db.prepare(`SELECT 1 FROM "${copy.replaceAll('"', '""')}" LIMIT 1`).get() !== undefined;
  return hasRows
    ? said`A migration stopped after it had removed the table "${original}": "${copy}" may be the only copy of its rows. Do not drop it. Go back to the backup from before the migration, or rename it to "${original}".`
    : said`A migration stopped half way: the table "${original}" is missing, and "${copy}" is empty. Go back to the backup from before it.`;
}
