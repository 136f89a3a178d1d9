// Reads and writes the manifest of one backup folder; what it reads may have been written by anybody.
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { BackupError } from '../errors';
import { errnoOf, type Disk } from '../files/disk';
import { FILES_FILE, MANIFEST_FILE, fileList, manifestSchema, type FileEntry, type Manifest } from './manifest';

/** Bytes; a manifest beyond this is nothing that we or the old scripts wrote. */
const LARGEST_MANIFEST = 32 * 1024 * 1024;
const LARGEST_FILE_LIST = 1024 * 1024 * 1024;
/** From here on the list of files has a file of its own, so that the manifest stays readable. */
const MANY_FILES = 1000;

export type ManifestReading = { readonly manifest: Manifest } | { readonly reason: string };

/** Reads a backup's manifest; whatever is wrong with it comes back as a reason, in a sentence. */
export async function readManifest(disk: Disk, folder: string): Promise<ManifestReading> {
  const text = await readSmall(disk, join(folder, MANIFEST_FILE), LARGEST_MANIFEST);
  if ('reason' in text) {
    return text;
  }
  const parsed = parseJson(text.text);
  if (parsed === undefined) {
    return { reason: `${MANIFEST_FILE} is not valid JSON.` };
  }
  const version = versionOf(parsed);
  if (version !== null && Number(version.split('.')[0]) > 1) {
    return { reason: `${MANIFEST_FILE} has the format version ${version}, which a newer release of this extension writes. Update it.` };
  }
  const result = manifestSchema.safeParse(parsed);
  if (!result.success) {
    const issue = result.error.issues[0];
    const where = issue === undefined || issue.path.length === 0 ? '' : ` at "${issue.path.join('.')}"`;
    return { reason: `${MANIFEST_FILE} does not have the format of a backup${where}: ${issue?.message ?? 'unknown'}.` };
  }
  return { manifest: result.data };
}

/** The files of a backup; null: the manifest has no list (format 1.0). Fails with MANIFEST_INVALID. */
export async function readFileList(disk: Disk, folder: string, manifest: Manifest): Promise<readonly FileEntry[] | null> {
  const { files } = manifest;
  if (files === undefined) {
    return null;
  }
  if (Array.isArray(files)) {
    return files;
  }
  const text = await readSmall(disk, join(folder, FILES_FILE), LARGEST_FILE_LIST);
  if ('reason' in text) {
    throw listInvalid(text.reason);
  }
  if (createHash('sha256').update(text.text).digest('hex') !== files.sha256) {
    throw listInvalid(`${FILES_FILE} was changed after the backup was made.`);
  }
  const result = fileList.safeParse(parseJson(text.text));
  if (!result.success) {
    throw listInvalid(`${FILES_FILE} does not have the format of a file list.`);
  }
  return result.data;
}

/** Writes the list of files into a new backup and returns what the manifest says about it. */
export async function writeFileList(disk: Disk, folder: string, files: readonly FileEntry[]): Promise<Manifest['files']> {
  if (files.length < MANY_FILES) {
    return [...files];
  }
  const { text, record } = listText(files);
  await disk.writeText(join(folder, FILES_FILE), text);
  return record;
}

function listText(files: readonly FileEntry[]): { readonly text: string; readonly record: Manifest['files'] } {
  const text = `[\n${files.map((file) => JSON.stringify(file)).join(',\n')}\n]\n`;
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { text, record: { file: FILES_FILE, count: files.length, size, sha256 } };
}

/** The next list of files, until the manifest names it. */
const NEXT_FILES = `${FILES_FILE}.next`;

/** A new list for a backup that has one. `record` is for the manifest; when that is written, `publish` ends the change. */
export async function replaceFileList(
  disk: Disk,
  folder: string,
  files: readonly FileEntry[],
): Promise<{ readonly record: Manifest['files']; readonly publish: () => Promise<void> }> {
  if (files.length < MANY_FILES) {
    return { record: [...files], publish: () => disk.remove(join(folder, FILES_FILE)) };
  }
  await disk.remove(join(folder, NEXT_FILES));
  const { text, record } = listText(files);
  await disk.writeText(join(folder, NEXT_FILES), text);
  return { record, publish: () => disk.rename(join(folder, NEXT_FILES), join(folder, FILES_FILE)) };
}

/** Ends a change of the list that was interrupted after the manifest had been written. */
export async function completeFileList(disk: Disk, folder: string, { files }: Manifest): Promise<void> {
  if (files === undefined || Array.isArray(files)) {
    return;
  }
  const next = await readSmall(disk, join(folder, NEXT_FILES), LARGEST_FILE_LIST);
  if ('text' in next && createHash('sha256').update(next.text).digest('hex') === files.sha256) {
    await disk.rename(join(folder, NEXT_FILES), join(folder, FILES_FILE));
  }
}

/** Writes or replaces a manifest so that a reader sees the old one or the new one, never a part. */
export async function writeManifest(disk: Disk, folder: string, manifest: Manifest): Promise<void> {
  const temporary = join(folder, `.tmp-${MANIFEST_FILE}-${randomBytes(4).toString('hex')}`);
  try {
    await disk.writeText(temporary, `${JSON.stringify(manifest, null, 2)}\n`);
    await disk.rename(temporary, join(folder, MANIFEST_FILE));
  } catch (error) {
    await disk.remove(temporary);
    throw error;
  }
  await disk.syncFolder(folder);
}

async function readSmall(disk: Disk, file: string, limit: number): Promise<{ readonly text: string } | { readonly reason: string }> {
  const name = file.endsWith(FILES_FILE) ? FILES_FILE : MANIFEST_FILE;
  try {
    const stats = await disk.stat(file);
    if (!stats.isFile()) {
      return { reason: `${name} is not a file.` };
    }
    if (stats.size > limit) {
      return { reason: `${name} is larger than ${limit / 1024 / 1024} MB.` };
    }
    return { text: await disk.readText(file) };
  } catch (error) {
    switch (errnoOf(error)) {
      case 'ENOENT':
        return { reason: `There is no ${name} in it.` };
      case 'EACCES':
      case 'EPERM':
        return { reason: `This user may not read its ${name}.` };
      default:
        return { reason: `Its ${name} cannot be read: ${error instanceof Error ? error.message : String(error)}.` };
    }
  }
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

function listInvalid(reason: string): BackupError {
  return new BackupError('MANIFEST_INVALID', `The backup's list of files cannot be used. ${reason}`, 'Choose another backup.');
}
