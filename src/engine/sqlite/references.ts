// Rows that refer to rows which are not there: those that a change of a private copy has brought.
import type { Connection } from './connection';
import { codeOf } from './explain';
import { readSchema } from './dump/tables';

/** Rows of one table that refer to missing rows of another one. */
export interface BrokenReference {
  readonly table: string;
  readonly parent: string;
  readonly rows: number;
}

/** What was broken before, to be told from what is broken afterwards. */
export interface ReferencesBefore {
  readonly rows: ReadonlySet<string>;
  /** Of rows without a rowid only the number is known. */
  readonly counts: ReadonlyMap<string, number>;
}

interface Violation {
  readonly table: string;
  readonly rowid: bigint | null;
  readonly parent: string;
  readonly fkid: bigint;
}

export function readReferences(db: Connection): ReferencesBefore {
  const rows = new Set<string>();
  const counts = new Map<string, number>();
  for (const each of violations(db)) {
    if (each.rowid === null) {
      counts.set(kindOf(each), (counts.get(kindOf(each)) ?? 0) + 1);
    } else {
      rows.add(keyOf(each));
    }
  }
  return { rows, counts };
}

/** The references that are broken now and were not before. */
export function newlyBroken(db: Connection, before: ReferencesBefore): BrokenReference[] {
  const known = new Map(before.counts);
  const found = new Map<string, BrokenReference>();
  for (const each of violations(db)) {
    const kind = kindOf(each);
    const left = known.get(kind) ?? 0;
    const isKnown = each.rowid === null ? left > 0 : before.rows.has(keyOf(each));
    if (each.rowid === null && left > 0) {
      known.set(kind, left - 1);
    }
    if (!isKnown) {
      const { table, parent } = each;
      found.set(kind, { table, parent, rows: (found.get(kind)?.rows ?? 0) + 1 });
    }
  }
  return [...found.values()];
}

/** A table whose foreign keys SQLite cannot check, e.g. because the parent has no such key, has nothing to compare. */
function* violations(db: Connection): Generator<Violation> {
  for (const { name } of readSchema(db).tables) {
    try {
      const check = db.prepare<[string], Violation>('SELECT "table", rowid, parent, fkid FROM pragma_foreign_key_check(?)');
      yield* check.safeIntegers().all(name);
    } catch (error) {
      if (!codeOf(error).startsWith('SQLITE_ERROR')) {
        throw error;
      }
    }
  }
}

function kindOf({ table, parent, fkid }: Violation): string {
  return `${table}\0${parent}\0${fkid}`;
}

function keyOf(violation: Violation): string {
  return `${kindOf(violation)}\0${violation.rowid}`;
}
