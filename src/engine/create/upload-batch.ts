// Uploads of a new backup that go smoothly, in batches: linked where they are unchanged, else read once, copied and hashed.
import { setImmediate } from 'node:timers/promises';
import { join } from 'node:path';
import { copyTogether, FEW, inBatches, type FileToLink, type Many } from '../files/many';
import type { TreeFile } from '../files/tree';
import type { FileEntry } from '../store/manifest';
import { entryOf, touched, unchanged, type Staged, type Work } from './upload-file';

interface Linkable {
  readonly file: TreeFile;
  readonly before: FileEntry;
}

/**
 * Stages what can be staged together, and gives it by path. What is not among that is still to be staged, by itself: it has
 * changed, is large or has holes, must be read before it is shared, or something refused it. `onFile` as for the folder.
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
  const isTrusted = work.reusable.rotten === null;
  for (const file of files) {
    const before = unchanged(work.reusable, inBackup(work, file), file);
    const like = before === undefined && work.comparable.has(file.path) ? touched(work.reusable, inBackup(work, file), file) : undefined;
    if (before === undefined && like === undefined) {
      small.push(...(file.sparse ? [] : [file]));
    } else if (isTrusted && before !== undefined) {
      linkable.push({ file, before });
    } else if (isTrusted && like !== undefined) {
      alike.push({ file, before: like });
    }
  }
  const isDone = (file: TreeFile, sha256: string, isCopied: boolean): void => {
    onFile(file.size);
    staged.set(file.path, { entry: entryOf(work.env, inBackup(work, file), file, sha256), isCopied });
  };
  for (const batch of inBatches(linkable, () => 0)) {
    for (const { file, before } of linked(work, many, batch)) {
      isDone(file, before.sha256, false);
    }
    await setImmediate();
  }
  for (const batch of inBatches(alike, ({ file }) => file.size)) {
    const equal = new Set(linkedEqual(work, many, batch));
    for (const { file, before } of equal) {
      isDone(file, before.sha256, false);
    }
    small.push(...batch.filter((each) => !equal.has(each) && !each.file.sparse).map(({ file }) => file));
    await setImmediate();
  }
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

function linked(work: Work, many: Many, batch: readonly Linkable[]): Linkable[] {
  const isLinked = many.link(batch.map((each) => linkOf(work, each)));
  return batch.filter((_each, index) => isLinked[index] === true);
}

/** Those whose content is what the backup before says, and that share its file now. */
function linkedEqual(work: Work, many: Many, batch: readonly Linkable[]): Linkable[] {
  const isLinked = many.linkEqual(
    batch.map((each) => ({
      ...linkOf(work, each),
      read: { ...each.file, from: join(work.scan.root, each.file.path) },
      sha256: each.before.sha256,
    })),
  );
  return batch.filter((_each, index) => isLinked[index] === true);
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
