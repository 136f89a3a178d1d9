// The record of data that is brought back into a container: what was stopped for it, what is replaced, and how far it came.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const FILE = 'delivery.json';
const MOST_BYTES = 256 * 1024 * 1024;

const attributes = () => ({ mode: z.number().int(), uid: z.number().int(), gid: z.number().int(), mtime: z.string() });
const kind = () => z.enum(['file', 'folder', 'link']);

const recordSchema = () =>
  z.object({
    /** Of the restore. */
    id: z.string().regex(/^[0-9a-f]{8}$/),
    socket: z.string(),
    /**
     * held: what writes there was stopped. staged: new and old are in the stage. swapping: the live data is being
     * replaced. Ends: `delivered`, all of it; `back`, nothing; `lost`, what was to be replaced is gone or another one, and not by us.
     */
    state: z.enum(['held', 'staging', 'swapping', 'delivered', 'back', 'lost']),
    /** Those that were stopped, and what they did before; empty once they do it again. */
    containers: z.array(z.object({ id: z.string(), name: z.string(), was: z.enum(['running', 'paused']) })),
    /** What is written through. */
    homes: z.array(z.object({ volume: z.string().nullable(), container: z.string() })).default([]),
    /** The database's last. */
    places: z.array(
      z.object({
        /** What is written through: a volume, or a container's own files. */
        volume: z.string().nullable(),
        container: z.string(),
        image: z.string(),
        /** The folder there, and what of it: everything, or a database of this name. */
        root: z.string(),
        database: z.string().nullable(),
        /** What is there of the database before it is replaced, as `stateOf` says it; empty: nothing, or no database. */
        seen: z.string().default(''),
        /** The folder was made for it. */
        made: z.boolean(),
        puts: z.array(
          z.object({
            path: z.string(),
            kind: kind(),
            size: z.number().int(),
            target: z.string(),
            ...attributes(),
            /** What it replaces. */
            had: z.object({ kind: kind(), ...attributes() }).nullable(),
          }),
        ),
        removes: z.array(z.object({ path: z.string(), kind: kind(), ...attributes() })),
      }),
    ),
  });

export type DeliveryRecord = z.infer<ReturnType<typeof recordSchema>>;
export type DeliveredPlace = DeliveryRecord['places'][number];

/** Where the record lies, and what marks it as this user's own. */
export interface RecordKeeper {
  readonly folder: string;
  readonly sign: (text: string) => string;
}

/** null: there is none, or nobody of this user's runs wrote it. */
export function readRecord({ folder, sign }: RecordKeeper): DeliveryRecord | null {
  const file = join(folder, FILE);
  try {
    if (!existsSync(file)) {
      return null;
    }
    const text = readFileSync(file, 'utf8');
    const end = text.indexOf('\n');
    const body = text.slice(end + 1);
    return text.length > MOST_BYTES || text.slice(0, end) !== sign(body) ? null : recordSchema().parse(JSON.parse(body));
  } catch {
    return null;
  }
}

/** Whole or not at all, and on the disk when it returns. */
export function writeRecord({ folder, sign }: RecordKeeper, record: DeliveryRecord): void {
  const file = join(folder, FILE);
  const body = JSON.stringify(record);
  writeFileSync(`${file}.new`, `${sign(body)}\n${body}`, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}
