// What is to be replaced in containers, and its new and old bytes beside it there: all of it before anything is touched.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { dirname, join, posix } from 'node:path';
import { promisify } from 'node:util';
import type { ContainerPlace } from '../compose/place';
import { BackupError } from '../errors';
import { here } from '../platform/platform';
import { changesOf, indexOf, isChanged, thereIn, type Index } from './difference';
import type { Inside } from './inside';
import type { DeliveredPlace } from './record';
import { belongsTo, keepOld, stageOf, stateOf } from './swap';
import type { NewEntry } from './tar-writer';
import type { Home } from './home';

const SYNC_MS = 60_000;

/** A place and its copy: a folder, or a database in one. */
export interface CopiedPlace {
  readonly place: ContainerPlace;
  readonly target: string;
  readonly isDatabase: boolean;
}

/** With the way into the container, and what the copy was when all stood still. */
export interface OpenPlace {
  readonly copied: CopiedPlace;
  readonly home: Home;
  readonly inside: Inside;
  readonly before: Index;
}

/** What is to be done, for the record, and where, in the same order. Places without a change are left out. */
export async function planFor(all: readonly OpenPlace[]): Promise<readonly { readonly place: DeliveredPlace; readonly open: OpenPlace }[]> {
  const planned: { place: DeliveredPlace; open: OpenPlace }[] = [];
  const databases = all.filter(({ copied }) => copied.isDatabase);
  for (const open of all) {
    const { copied, home, inside, before } = open;
    const after = await indexOfCopy(copied);
    if (!isChanged(before, after)) {
      continue;
    }
    const database = copied.isDatabase ? posix.basename(home.path) : null;
    const isKept = (path: string): boolean =>
      !copied.isDatabase &&
      databases.some(
        (other) =>
          other.home.volume === home.volume &&
          posix.dirname(posix.join(inside.root, path)) === other.inside.root &&
          belongsTo(posix.basename(other.home.path), posix.basename(path)),
      );
    const made = !(await inside.isFolder(''));
    const there = made ? new Map<string, never>() : await thereIn(inside, database);
    const place = {
      ...{ volume: home.volume, container: home.container, image: home.image, root: inside.root, database, made },
      seen: database === null ? '' : stateOf(await inside.stat(database)),
      ...changesOf(before, after, there, database, isKept),
    };
    planned.push({ place, open });
  }
  return planned;
}

/** New bytes beside the live ones, read back; and other names for the old ones. */
export async function stageAt(id: string, place: DeliveredPlace, { inside, copied }: OpenPlace): Promise<void> {
  const stage = stageOf(id, place);
  const folder = copied.isDatabase ? dirname(copied.target) : copied.target;
  if (place.made) {
    await inside.makeRoot();
  }
  const files = place.puts.filter(({ kind }) => kind === 'file');
  const now = { mode: 0o700, uid: 0, gid: 0, mtime: BigInt(Date.now()) * 1_000_000n };
  const entries: NewEntry[] = [
    { kind: 'folder', path: stage.root, ...now },
    { kind: 'empty', path: `${stage.root}/tried`, ...now },
    ...files.map(({ path, size, mode, uid, gid, mtime }, index) => ({
      ...{ kind: 'file' as const, path: stage.freshOf(files[index] ?? raise()), from: join(folder, path), size },
      ...{ mode, uid, gid, mtime: BigInt(mtime) },
    })),
  ];
  await inside.write(entries);
  // Whether this Docker, and the volume's file system, can do what the live data will need.
  await inside.put([{ kind: 'hard link', path: `${stage.root}/tried-too`, target: `${stage.root}/tried`, ...now }]);
  await inside.remove(`${stage.root}/tried`);
  await requireStaged(inside, stage.root, new Map(files.map((put) => [posix.basename(stage.freshOf(put)), put.target])));
  await keepOld(inside, place, stage);
}

function raise(): never {
  throw new Error('There is no such file.');
}

export async function indexOfCopy({ target, isDatabase }: CopiedPlace): Promise<Index> {
  return isDatabase ? indexOf(dirname(target), target.slice(dirname(target).length + 1)) : indexOf(target, null);
}

/** Read back from the volume: what is there is what is here. */
async function requireStaged(inside: Inside, stage: string, hashes: ReadonlyMap<string, string>): Promise<void> {
  let same = 0;
  for await (const entry of inside.entries(stage)) {
    const expected = hashes.get(entry.path);
    if (expected !== undefined && entry.kind !== 'folder') {
      const hash = createHash('sha256');
      for await (const chunk of entry.content) {
        hash.update(chunk);
      }
      same += hash.digest('hex') === expected ? 1 : 0;
    }
  }
  if (same !== hashes.size) {
    throw new BackupError(
      'READ_FAILED',
      'What was written into the volume is not what was to be written.',
      'Check its disk, then try again.',
    );
  }
}

/** What was written is on the disk before what it replaces goes: of a Docker in a virtual machine nobody can ask that. */
export async function syncAll(): Promise<void> {
  if (!here.isWindows) {
    await promisify(execFile)('sync', [], { timeout: SYNC_MS }).catch(() => undefined);
  }
}
