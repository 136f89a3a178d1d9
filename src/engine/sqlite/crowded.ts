// Databases of virtual tables that lack their own tables: each time SQLite opens one, it looks for them in the whole schema.
import { existsSync, openSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { BackupError } from '../errors';
import { said } from '../said';
import { BTreeFile, type RowSink } from './b-tree';

/** Bytes of a file beyond which nobody looks: there the schema can be as large as it is for a good reason. */
const LARGEST = 8 * 1024 * 1024;
/** Each virtual table is compared with each table: so many of that take some hundredths of a second. */
const MOST_LOOKS = 4_000_000;
/** The least that a virtual table of SQLite's own modules keeps (https://www.sqlite.org/fts3.html#shadow_tables). */
const PAGES_OF_ONE = 2;
const SCHEMA_PAGE = 1;

/**
 * Why SQLite is better not asked to open a file, which it would do many times: DATABASE_DAMAGED; null: it may. `close` closes
 * the descriptor. A database with a log is not judged by its pages.
 */
export function crowdedProblem(file: string, close: (handle: number) => void): BackupError | null {
  const { size } = statSync(file);
  if (size > LARGEST || existsSync(`${file}-wal`)) {
    return null;
  }
  const handle = openSync(file, 'r');
  try {
    const tree = new BTreeFile(handle);
    const schema = new Counting();
    Array.from(tree.rows(SCHEMA_PAGE, schema));
    schema.row();
    const { virtual, entries } = schema;
    return virtual * entries <= MOST_LOOKS || tree.pages >= PAGES_OF_ONE * virtual
      ? null
      : new BackupError(
          'DATABASE_DAMAGED',
          said`${basename(file)} is damaged: most of its ${virtual} virtual tables lack the tables that they need.`,
          'Restore a good backup. To keep the damaged file as it is first, run "pats-backup backup --allow-damaged".',
        );
  } catch {
    // SQLite says what is wrong with it.
    return null;
  } finally {
    close(handle);
  }
}

class Counting implements RowSink {
  entries = -1;
  virtual = 0;
  private text = '';

  row(): void {
    this.virtual += isOfOwnModule(this.text) ? 1 : 0;
    this.entries++;
    this.text = '';
  }

  bytes(source: Buffer, from: number, to: number): void {
    this.text += source.toString('latin1', from, to);
  }
}

/** Of a record of the schema in any encoding: what its statement begins with. In doubt it is none. */
function isOfOwnModule(record: string): boolean {
  const text = record.replaceAll('\0', '');
  const at = text.search(/CREATE\s/i);
  return at >= 0 && /^CREATE\s+VIRTUAL\s+TABLE\b.{1,400}?\bUSING\s+["'`[]?(?:fts[345]|rtree|rtree_i32|geopoly)\b/is.test(text.slice(at));
}
