// Files that only look changed: a restore, a move or a new mode gives them another time, and their content may be what a backup holds.
import { join } from 'node:path';
import { FEW } from '../files/many';
import type { Environment } from '../store/environment';
import { touched, type Reusable, type UploadsScan } from './upload-file';

/** Bytes from which on fewer files are looked at too: to read them takes less time and room than to copy them. */
const WORTH_READING = 4 * 1024 * 1024;

/**
 * The files of a folder whose content is to be compared with that of the backup before, by path below the folder. What has
 * an ACL or extended attributes, live or there, is not among them: those may be what has changed, and would be shared too.
 */
export async function comparableFiles(
  { disk }: Environment,
  { root, folder, tree }: UploadsScan,
  reusable: Reusable,
): Promise<ReadonlySet<string>> {
  const paths: string[] = [];
  let bytes = 0;
  for (const file of tree.files) {
    if (touched(reusable, `${folder}/${file.path}`, file) !== undefined) {
      paths.push(file.path);
      bytes += file.size;
    }
  }
  if (paths.length === 0 || (paths.length < FEW && bytes < WORTH_READING)) {
    return new Set();
  }
  const [live, kept] = await Promise.all([disk.plainAmong(root, paths), disk.plainAmong(join(reusable.from, folder), paths)]);
  return new Set(paths.filter((path) => live.has(path) && kept.has(path)));
}
