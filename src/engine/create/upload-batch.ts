// Uploads of a new backup that go smoothly, in batches: linked where they are unchanged, else read once, copied and hashed.
import { setImmediate } from 'node:timers/promises';
import { join } from 'node:path';
import { copyTogether, FEW, inBatches, type FileToCompare, type FileToLink } from '../files/many';
import type { TreeFile } from '../files/tree';
import type { FileEntry } from '../store/manifest';
import { entryOf, touched, unchanged, type Staged, type Work } from './upload-file';

interface Linkable {
  readonly file: TreeFile;
  readonly before: FileEntry;
}

/**
 * Stages what can be staged together, and gives it by path. What is not among that is still to be staged, by itself: it has
 * changed, is large or has holes, has rotted in the backup before, or something refused it. `onFile` as for the folder.
 */
export async function stageTogether(
  work: Work,
  files: readonly TreeFile[],
  onFile: (bytes: number) => void,
): Promise<ReadonlyMap<string, Staged>> {
  const { many } = work.env.disk;
  if (many === null || files.length < FEW) {
    return new Map();
  }
  const staged = new Map<string, Staged>();
  const linkable: Linkable[] = [];
  const alike: Linkable[] = [];
  const small: TreeFile[] = [];
  const { reads } = work.reusable;
  for (const file of files) {
    const before = unchanged(work.reusable, inBackup(work, file), file);
    const like = before === undefined && work.comparable.has(file.path) ? touched(work.reusable, inBackup(work, file), file) : undefined;
    if (before !== undefined) {
      linkable.push({ file, before });
    } else if (like !== undefined) {
      alike.push({ file, before: like });
    } else if (!file.sparse) {
      small.push(file);
    }
  }
  const isDone = (file: TreeFile, sha256: string, isCopied: boolean): void => {
    onFile(file.size);
    staged.set(file.path, { entry: entryOf(work.env, inBackup(work, file), file, sha256), isCopied });
  };
  const share = async (files: readonly Linkable[], link: (batch: readonly Linkable[]) => readonly boolean[]): Promise<void> => {
    for (const batch of inBatches(files, ({ file }) => file.size)) {
      const isLinked = link(batch);
      for (const { file, before } of batch.filter((_each, index) => isLinked[index] === true)) {
        isDone(file, before.sha256, false);
      }
      await setImmediate();
    }
  };
  await share(linkable, (batch) =>
    reads ? many.linkEqual(batch.map((each) => readOf(work, each, []))) : many.link(batch.map((each) => linkOf(work, each))),
  );
  await share(alike, (batch) =>
    many.linkEqual(batch.map((each) => readOf(work, each, [{ ...each.file, from: join(work.scan.root, each.file.path) }]))),
  );
  await copyTogether(
    many,
    small,
    (file) => ({ from: join(work.scan.root, file.path), to: join(work.stage, inBackup(work, file)) }),
    (file, sha256) => {
      isDone(file, sha256, true);
    },
  );
  return staged;
}

function readOf(work: Work, each: Linkable, read: FileToCompare['read']): FileToCompare {
  return { ...linkOf(work, each), read, sha256: each.before.sha256 };
}

function linkOf(work: Work, { file, before }: Linkable): FileToLink {
  return {
    from: join(work.reusable.from, before.path),
    to: join(work.stage, inBackup(work, file)),
    size: before.size,
    mtime: BigInt(before.mtime),
  };
}

function inBackup({ scan }: Work, { path }: TreeFile): string {
  return `${scan.folder}/${path}`;
}
