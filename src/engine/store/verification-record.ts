// The last verification of a backup, kept in its folder: when, how deep, and what was found.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import { errnoOf, type Disk } from '../files/disk';
import { hearFromFile, wordsOf } from '../words';
import { isPlainVerification } from './plain';

const RECORD_FILE = '.verification.json';
const LARGEST = 1024 * 1024;
/** A wrecked backup has thousands. */
const MOST_PROBLEMS = 100;
const MOST_DAMAGED = 1000;

const describeRecord = () =>
  z.object({
    /** ISO 8601. */
    at: z.string(),
    depth: z.enum(['normal', 'full', 'deep']),
    ok: z.boolean(),
    problems: z.array(z.string()),
    /** What the problems were made of, for who says them in another language. */
    words: z.record(z.string(), z.object({ id: z.string(), parameters: z.array(z.union([z.string(), z.number()])).max(100) })).optional(),
    /** Paths in the backup of files that are not what its manifest says; absent: not known, or too many to name. */
    damaged: z.array(z.string()).optional(),
    /** ISO 8601: when all of its files were last read and were good. */
    readAt: z.string().optional(),
  });
let recordSchema: ReturnType<typeof describeRecord> | undefined;
export type VerificationRecord = Omit<z.infer<ReturnType<typeof describeRecord>>, 'words'>;

/** The record of a backup; null: it was never verified, or the record cannot be read. */
export function readVerification(disk: Disk, folder: string): VerificationRecord | null {
  try {
    const file = join(folder, RECORD_FILE);
    const stats = disk.statNow(file);
    if (stats?.isFile() !== true || stats.size > LARGEST) {
      return null;
    }
    const parsed: unknown = JSON.parse(disk.readTextNow(file));
    if (isPlainVerification(parsed)) {
      return parsed as VerificationRecord;
    }
    recordSchema ??= describeRecord();
    const { words, ...record } = recordSchema.parse(parsed);
    hearFromFile(words ?? {});
    return record;
  } catch {
    // A record is a convenience: without one the backup counts as never verified.
    return null;
  }
}

const LEFT = /^\.tmp-verification-[0-9a-f]{8}$/;

/** Keeps a record; false: it cannot be written there, and the verification stands all the same. */
export async function writeVerification(disk: Disk, folder: string, record: VerificationRecord): Promise<boolean> {
  const temporary = join(folder, `.tmp-verification-${randomBytes(4).toString('hex')}`);
  const { damaged = [], ...rest } = record;
  const isNamed = record.damaged !== undefined && damaged.length <= MOST_DAMAGED;
  const problems = record.problems.slice(0, MOST_PROBLEMS);
  const words = wordsOf({ problems });
  const short = { ...rest, problems, ...(Object.keys(words).length === 0 ? {} : { words }), ...(isNamed ? { damaged } : {}) };
  try {
    await disk.writeText(temporary, `${JSON.stringify(short, null, 2)}\n`);
    await disk.rename(temporary, join(folder, RECORD_FILE));
    await removeLeft(disk, folder).catch(() => undefined);
    return true;
  } catch (error) {
    await disk.remove(temporary).catch(() => undefined);
    if (errnoOf(error) === '') {
      throw error;
    }
    return false;
  }
}

/** What a disk that failed, or a kill, has left of a record before. */
async function removeLeft(disk: Disk, folder: string): Promise<void> {
  for (const name of (await disk.list(folder)).filter((each) => LEFT.test(each))) {
    const path = join(folder, name);
    await ((await disk.stat(path)).isFile() ? disk.remove(path) : undefined);
  }
}
