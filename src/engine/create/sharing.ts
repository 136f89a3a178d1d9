// From which earlier backup a new one may share files, and whether they are read before: rot must not be passed on.
import { isGood, type BackupEntry, type GoodBackup } from '../store/list';
import { uploadFolders } from '../store/parts';

export interface Sharing {
  readonly from: GoodBackup;
  /** Each file is read and compared with its hash before it is shared. */
  readonly reads: boolean;
  /** ISO 8601: since when the content of some of its files was not read; absent: unknown. */
  readonly readAt?: string;
}

/** Days after which the content of a backup counts as unknown (setting patsBackup.verifyEvery). */
const DEFAULT_VERIFY_EVERY = 7;
const DAY = 24 * 60 * 60 * 1000;

/**
 * The newest backup whose last verification did not fail. Its files are taken on trust only when all of them were read
 * within `verifyEvery` days (0: however long ago) and no backup here is known to have a rotten upload, which others may
 * share. null: everything is copied.
 */
export function decideSharing(newestFirst: readonly BackupEntry[], verifyEvery: number, now: Date): Sharing | null {
  const from = newestFirst.find(
    (entry): entry is GoodBackup =>
      isGood(entry) && entry.manifest.files !== undefined && entry.manifest.uploads_included && entry.verification?.ok !== false,
  );
  if (from === undefined) {
    return null;
  }
  const readAt = readAtOf(from);
  const reads = newestFirst.some(hasRottenUpload) || (verifyEvery > 0 && !isWithin(readAt, verifyEvery, now));
  return { from, reads, ...(readAt === undefined ? {} : { readAt }) };
}

/** The setting as written; what is no number of days is the default. */
export function verifyEveryOf(setting: unknown): number {
  return typeof setting === 'number' && Number.isFinite(setting) && setting >= 0 ? setting : DEFAULT_VERIFY_EVERY;
}

/** The later one of its last whole verification and its making, as far as they are known. */
function readAtOf({ manifest, verification }: GoodBackup): string | undefined {
  const [latest] = [verification?.readAt, manifest.content_read_at]
    .filter((time) => time !== undefined)
    .sort((a, b) => Date.parse(b) - Date.parse(a));
  return latest;
}

/** A time in the future says nothing: a clock was set back, or the manifest is a stranger's. */
function isWithin(time: string | undefined, days: number, now: Date): boolean {
  const age = now.getTime() - Date.parse(time ?? '');
  return age >= 0 && age <= days * DAY;
}

/** Records of older releases do not say which files they mean. */
function hasRottenUpload(entry: BackupEntry): boolean {
  const { verification, manifest } = entry;
  if (verification?.ok !== false) {
    return false;
  }
  const folders = manifest === undefined ? [] : uploadFolders(manifest);
  return verification.damaged === undefined || verification.damaged.some((path) => folders.includes(path.split('/', 1)[0] ?? ''));
}
