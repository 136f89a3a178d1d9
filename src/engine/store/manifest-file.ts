// Reads and writes the manifest of one backup folder; what it reads may have been written by anybody.
import { createHash, randomBytes } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { basename, join } from 'node:path';
import { BackupError } from '../errors';
import { errnoOf, type Disk } from '../files/disk';
import { fileInUse } from '../files/explain';
import { isTooDeep } from '../limits/nesting';
import type * as z from 'zod';
import { fileList, folderList, manifestSchema, type FileEntry, type FolderEntry, type Manifest } from './manifest';
import { isPlainFileList, isPlainFolderList, isPlainManifest } from './plain';
import { FILES_FILE, FOLDERS_FILE, MANIFEST_FILE } from './terms';
import { said } from '../said';

/** Bytes; a manifest beyond this is nothing that we or the old scripts wrote. */
const LARGEST_MANIFEST = 32 * 1024 * 1024;
const LARGEST_LIST = 1024 * 1024 * 1024;
/** From here on a list has a file of its own, so that the manifest stays readable. */
const MANY = 1000;

/** `inUse`: another program has it open, which says nothing about what is in it. */
export type ManifestReading = { readonly manifest: Manifest } | { readonly reason: string; readonly inUse?: true };

/** Reads a backup's manifest; whatever is wrong with it comes back as a reason, in a sentence. */
export function readManifest(disk: Disk, folder: string): ManifestReading {
  const file = join(folder, MANIFEST_FILE);
  const text = explained(file, () => refusal(file, disk.statNow(file), LARGEST_MANIFEST) ?? { text: disk.readTextNow(file) });
  if ('reason' in text) {
    return text;
  }
  return parseManifest(text.text);
}

function parseManifest(text: string): ManifestReading {
  if (isTooDeep(text)) {
    return { reason: said`${MANIFEST_FILE} has brackets too deep in one another.` };
  }
  const parsed = parseJson(text);
  if (parsed === undefined) {
    return { reason: said`${MANIFEST_FILE} is not valid JSON.` };
  }
  const version = versionOf(parsed);
  if (version !== null && Number(version.split('.')[0]) > 1) {
    return { reason: said`${MANIFEST_FILE} has the format version ${version}, which a newer release of this extension writes. Update it.` };
  }
  if (isPlainManifest(parsed)) {
    return { manifest: parsed as Manifest };
  }
  const result = manifestSchema.safeParse(parsed);
  if (!result.success) {
    const issue = result.error.issues[0];
    const where = issue === undefined || issue.path.length === 0 ? '' : said` at "${issue.path.join('.')}"`;
    return { reason: said`${MANIFEST_FILE} does not have the format of a backup${where}: ${issue?.message ?? 'unknown'}.` };
  }
  // The schema only checks. What was read keeps the order of the file, so that a change of one entry changes nothing else.
  return { manifest: parsed as Manifest };
}

/** The files of a backup; null: the manifest has no list (format 1.0). Fails with MANIFEST_INVALID. */
export async function readFileList(disk: Disk, folder: string, { files }: Manifest): Promise<readonly FileEntry[] | null> {
  if (files === undefined) {
    return null;
  }
  return Array.isArray(files) ? files : readList(disk, join(folder, FILES_FILE), files.sha256, FILES);
}

/** The folders of a backup; null: the manifest has no list (before format 1.2). Fails with MANIFEST_INVALID. */
export async function readFolderList(disk: Disk, folder: string, { folders }: Manifest): Promise<readonly FolderEntry[] | null> {
  if (folders === undefined) {
    return null;
  }
  return Array.isArray(folders) ? folders : readList(disk, join(folder, FOLDERS_FILE), folders.sha256, FOLDERS);
}

/** The lists that were read last, by the hash of their text: one operation reads the same one several times. Nobody changes them. */
const lastLists = new Map<string, { readonly sha256: string; readonly list: WeakRef<object> }>();

interface List<T> {
  readonly isPlain: (value: unknown) => boolean;
  /** Loaded only for what is not plain. */
  readonly schema: () => z.ZodType<T>;
}

const FILES: List<FileEntry[]> = { isPlain: isPlainFileList, schema: () => fileList };
const FOLDERS: List<FolderEntry[]> = { isPlain: isPlainFolderList, schema: () => folderList };

async function readList<T extends object>(disk: Disk, file: string, sha256: string, { isPlain, schema }: List<T>): Promise<T> {
  const text = await readSmall(disk, file, LARGEST_LIST);
  if ('reason' in text) {
    throw text.inUse === true ? fileInUse(file) : listInvalid(text.reason);
  }
  if (sha256Of(text.text) !== sha256) {
    throw listInvalid(said`${basename(file)} was changed after the backup was made.`);
  }
  const last = lastLists.get(basename(file));
  const known = last?.sha256 === sha256 ? last.list.deref() : undefined;
  if (known !== undefined) {
    // A list of files and one of folders have different names, so that it was read by this schema.
    return known as T;
  }
  const parsed = isTooDeep(text.text) ? undefined : parseJson(text.text);
  const result = isPlain(parsed) ? { success: true as const, data: parsed as T } : schema().safeParse(parsed);
  if (!result.success) {
    throw listInvalid(said`${basename(file)} does not have the format of such a list.`);
  }
  lastLists.set(basename(file), { sha256, list: new WeakRef(result.data) });
  return result.data;
}

/** Writes the list of files into a new backup and returns what the manifest says about it. Fails with WRITE_FAILED. */
export async function writeFileList(disk: Disk, folder: string, files: readonly FileEntry[]): Promise<Manifest['files']> {
  if (files.length < MANY) {
    return [...files];
  }
  const size = files.reduce((sum, file) => sum + file.size, 0);
  return { file: FILES_FILE, count: files.length, size, sha256: await writeList(disk, join(folder, FILES_FILE), files, FILES) };
}

/** The next list of files, until the manifest names it. */
const nextOf = (folder: string): string => join(folder, `${FILES_FILE}.next`);

/** A new list for a backup that has one. `record` is for the manifest; when that is written, `publish` ends the change. */
export async function replaceFileList(
  disk: Disk,
  folder: string,
  files: readonly FileEntry[],
): Promise<{ readonly record: Manifest['files']; readonly publish: () => Promise<void> }> {
  if (files.length < MANY) {
    return { record: [...files], publish: () => disk.remove(join(folder, FILES_FILE)) };
  }
  const next = nextOf(folder);
  await disk.remove(next);
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const record = { file: FILES_FILE, count: files.length, size, sha256: await writeList(disk, next, files, FILES) } as const;
  return { record, publish: () => disk.rename(next, join(folder, FILES_FILE)) };
}

/** Ends a change of the list that was interrupted after the manifest had been written. */
export async function completeFileList(disk: Disk, folder: string, { files }: Manifest): Promise<void> {
  if (files === undefined || Array.isArray(files)) {
    return;
  }
  const next = await readSmall(disk, nextOf(folder), LARGEST_LIST);
  if ('text' in next && sha256Of(next.text) === files.sha256) {
    await disk.rename(nextOf(folder), join(folder, FILES_FILE));
  }
}

/** As `writeFileList`. */
export async function writeFolderList(disk: Disk, folder: string, folders: readonly FolderEntry[]): Promise<Manifest['folders']> {
  if (folders.length < MANY) {
    return [...folders];
  }
  return { file: FOLDERS_FILE, count: folders.length, sha256: await writeList(disk, join(folder, FOLDERS_FILE), folders, FOLDERS) };
}

/** Entries that are written in one piece. */
const PIECE = 1000;

/** Writes a list and reads it back as it will be read later. Returns its sha256. Piece by piece: of many files it is long. */
async function writeList<T>(disk: Disk, file: string, entries: readonly T[], kind: List<T[]>): Promise<string> {
  const hash = createHash('sha256');
  function* pieces(): Generator<string> {
    for (let from = 0; from < entries.length; from += PIECE) {
      const lines = entries.slice(from, from + PIECE).map((entry) => JSON.stringify(entry));
      const piece = `${from === 0 ? '[\n' : ',\n'}${lines.join(',\n')}${from + PIECE < entries.length ? '' : '\n]\n'}`;
      hash.update(piece);
      yield piece;
    }
  }
  await disk.writeText(file, pieces());
  const sha256 = hash.digest('hex');
  if (kind.isPlain(entries) && (await disk.hash(file)) === sha256 && (await isReadable(disk, file))) {
    // The same text of entries that are as they should be is read as these again.
    return sha256;
  }
  await readList(disk, file, sha256, kind).catch((error: unknown) => {
    throw unreadable(basename(file), error instanceof Error ? error.message : String(error), error);
  });
  return sha256;
}

/** Whether a list is no longer than what is read. */
async function isReadable(disk: Disk, file: string): Promise<boolean> {
  return refusal(file, await disk.stat(file), LARGEST_LIST) === null;
}

/**
 * Writes or replaces a manifest so that a reader sees the old one or the new one, never a part. What was written is read
 * back as it will be read later: what could not be read then fails now, with WRITE_FAILED.
 */
export async function writeManifest(disk: Disk, folder: string, manifest: Manifest): Promise<void> {
  await replaceManifest(disk, folder, manifest);
  await disk.syncFolder(folder);
}

/** The same where it stands as soon as it is written: that it lasts is for the caller to see to. */
export async function replaceManifest(disk: Disk, folder: string, manifest: Manifest): Promise<void> {
  const temporary = join(folder, `.tmp-${MANIFEST_FILE}-${randomBytes(4).toString('hex')}`);
  try {
    await disk.writeText(temporary, manifestText(manifest));
    const text = await readSmall(disk, temporary, LARGEST_MANIFEST);
    const reading = 'reason' in text ? text : parseManifest(text.text);
    if ('reason' in reading) {
      throw unreadable(MANIFEST_FILE, reading.reason);
    }
    await disk.rename(temporary, join(folder, MANIFEST_FILE));
  } catch (error) {
    await disk.remove(temporary).catch(() => undefined);
    throw error;
  }
}

type Text = { readonly text: string } | { readonly reason: string; readonly inUse?: true };

/** As it stands in the file. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

async function readSmall(disk: Disk, file: string, limit: number): Promise<Text> {
  try {
    return refusal(file, await disk.stat(file), limit) ?? { text: await disk.readText(file) };
  } catch (error) {
    return whyUnread(file, error);
  }
}

function explained(file: string, read: () => Text): Text {
  try {
    return read();
  } catch (error) {
    return whyUnread(file, error);
  }
}

function refusal(file: string, stats: BigIntStats | undefined, limit: number): Text | null {
  const name = nameOf(file);
  if (stats === undefined) {
    return { reason: said`There is no ${name} in it.` };
  }
  if (!stats.isFile()) {
    return { reason: said`${name} is not a file.` };
  }
  return stats.size > limit ? { reason: said`${name} is larger than ${limit / 1024 / 1024} MB.` } : null;
}

function whyUnread(file: string, error: unknown): { readonly reason: string; readonly inUse?: true } {
  const name = nameOf(file);
  switch (errnoOf(error)) {
    case 'ENOENT':
      return { reason: said`There is no ${name} in it.` };
    case 'EACCES':
    case 'EPERM':
      return { reason: said`This user may not read its ${name}.` };
    case 'EBUSY':
    case 'ETXTBSY':
      return { reason: said`Another program has its ${name} open.`, inUse: true };
    default:
      return { reason: said`Its ${name} cannot be read (${errnoOf(error) || String(error)}).` };
  }
}

function nameOf(file: string): string {
  return [FILES_FILE, FOLDERS_FILE].find((list) => file.endsWith(list)) ?? MANIFEST_FILE;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\u{feff}/u, ''));
  } catch {
    return undefined;
  }
}

function versionOf(value: unknown): string | null {
  if (typeof value === 'object' && value !== null && 'backup_version' in value && typeof value.backup_version === 'string') {
    return /^\d+(\.\d+)*$/.test(value.backup_version) ? value.backup_version : null;
  }
  return null;
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function unreadable(file: string, reason: string, cause?: unknown): BackupError {
  return new BackupError(
    'WRITE_FAILED',
    said`The backup's ${file} could not be read back: ${reason}`,
    'Nothing was changed. If this happens again, please report it.',
    { cause },
  );
}

function listInvalid(reason: string): BackupError {
  return new BackupError(
    'MANIFEST_INVALID',
    said`The backup's list of files or folders cannot be used. ${reason}`,
    'Choose another backup.',
  );
}
