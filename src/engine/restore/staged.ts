// Staged uploads are compared with the manifest, so that what is put in place is what was verified, and nothing else.
import { join } from 'node:path';
import pMap from 'p-map';
import { errnoOf } from '../files/disk';
import { throwIfCancelled, type OperationOptions } from '../operation';
import type { Environment } from '../store/environment';
import type { GoodBackup } from '../store/list';
import type { FileEntry } from '../store/manifest';
import { readFileList } from '../store/manifest-file';
import { chosenOf } from './chosen';
import { stagedOtherwise } from './database';
import type { RestoreJournal } from './journal';
import { uploadsStage } from './stage';
import { isTaken, type StagedTree } from './staged-tree';
import type { UploadsTarget } from './target';

const AT_ONCE = 4;

/**
 * Fails with BACKUP_DAMAGED when a staged file has not the content that the backup's manifest says, or is missing, and when
 * a file of the backup has not that nothing of it was staged from. Files with `hashes` are not read again.
 */
export async function requireStagedUploads(
  env: Environment,
  journal: Pick<RestoreJournal, 'id'>,
  { live, folder, keep, only }: UploadsTarget,
  backup: GoodBackup,
  { hashes, unread }: Pick<StagedTree, 'hashes' | 'unread'>,
  options: OperationOptions,
): Promise<void> {
  const { incoming } = uploadsStage(journal, live);
  const files = (await readFileList(env.disk, backup.path, backup.manifest)) ?? [];
  const chosen = chosenOf(only);
  const isWanted = (path: string): boolean => !isTaken(keep, path) && (chosen?.has(path) ?? true);
  const below = (file: FileEntry): string => file.path.slice(folder.length + 1);
  const wanted = files.filter((file) => file.path.startsWith(`${folder}/`) && isWanted(below(file)));
  const compare = (file: FileEntry, sha256: string | null | undefined): void => {
    if (sha256 !== file.sha256) {
      throw stagedOtherwise(backup.name, file.path);
    }
  };
  for (const file of wanted.filter((each) => hashes.has(below(each)))) {
    compare(file, hashes.get(below(file)));
  }
  await pMap(
    wanted.filter((file) => !hashes.has(below(file))),
    async (file) => {
      throwIfCancelled(options.signal);
      compare(file, await hashOf(env, join(incoming, below(file))));
      const place = unread.get(below(file));
      compare(file, place === undefined ? file.sha256 : await hashOf(env, place));
    },
    { concurrency: AT_ONCE },
  );
}

/** A file that its owner may not read is readable for that moment; null: there is none. */
async function hashOf({ disk }: Environment, path: string): Promise<string | null> {
  try {
    return await disk.hash(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') {
      return null;
    }
    if (errnoOf(error) !== 'EACCES') {
      throw error;
    }
    const mode = Number((await disk.stat(path)).mode) & 0o7777;
    await disk.setMode(path, mode | 0o400);
    const sha256 = await disk.hash(path);
    await disk.setMode(path, mode);
    return sha256;
  }
}
