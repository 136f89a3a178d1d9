// What a copy on this machine has become since it was made: what has to be written into the container, and what to be removed there.
import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readdirSync, readlinkSync, type BigIntStats } from 'node:fs';
import { join } from 'node:path';
import type { Inside } from './inside';
import type { DeliveredPlace } from './record';
import type { TarEntry } from './tar';
import type { Attributes } from './tar-writer';
import { isStage } from './uploads';

export type Kind = 'file' | 'folder' | 'link';

interface Local extends Attributes {
  readonly kind: Kind;
  readonly size: number;
  /** Of a link; of a file its sha256. */
  readonly content: string;
}

/** By path below the copy, parents first. */
export type Index = ReadonlyMap<string, Local>;

/** What SQLite keeps beside a database, and the database itself: it comes last. */
export const SIDES = ['-wal', '-journal', '-shm'] as const;

/** A folder, or what belongs to the database of this name in it. */
export async function indexOf(folder: string, database: string | null): Promise<Index> {
  const found = new Map<string, Local>();
  const names = (database === null ? [...namesIn(folder)] : ['-wal', '-journal', ''].map((side) => database + side)).filter(
    (name) => !isStage(name),
  );
  for (const name of names) {
    await addTo(found, folder, name);
  }
  return found;
}

async function addTo(found: Map<string, Local>, folder: string, path: string): Promise<void> {
  const place = join(folder, path);
  const stats = lstatSync(place, { throwIfNoEntry: false, bigint: true });
  if (stats?.isDirectory() === true) {
    found.set(path, local(stats, 'folder', ''));
    for (const name of namesIn(place)) {
      await addTo(found, folder, `${path}/${name}`);
    }
  } else if (stats?.isSymbolicLink() === true) {
    found.set(path, local(stats, 'link', readlinkSync(place)));
  } else if (stats?.isFile() === true) {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(place, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
    }
    found.set(path, local(stats, 'file', hash.digest('hex')));
  }
}

function local(stats: BigIntStats, kind: Kind, content: string): Local {
  const [uid, gid, mode] = [stats.uid, stats.gid, stats.mode].map(Number);
  return {
    kind,
    size: Number(stats.size),
    content,
    mode: (mode ?? 0) & 0o7777,
    uid: uid ?? 0,
    gid: gid ?? 0,
    mtime: stats.mtimeNs,
  };
}

function namesIn(folder: string): string[] {
  return lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder).sort() : [];
}

/** Whether anything is to be done for it. A folder's own time is no reason. */
export function isChanged(before: Index, after: Index): boolean {
  return before.size !== after.size || [...after].some(([path, entry]) => isOther(before.get(path), entry));
}

function isOther(before: Local | undefined, after: Local): boolean {
  if (before === undefined || before.kind !== after.kind || before.content !== after.content || before.mode !== after.mode) {
    return true;
  }
  const isTimed = after.kind === 'file' && before.mtime !== after.mtime;
  return isTimed || (isRoot() && (before.uid !== after.uid || before.gid !== after.gid));
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** What is there, by path; null: of a kind that no backup holds. */
type There = ReadonlyMap<
  string,
  { readonly kind: Kind | null; readonly mode: number; readonly uid: number; readonly gid: number; readonly mtime: number }
>;

export async function thereIn(inside: Inside, database: string | null): Promise<There> {
  const found = new Map<string, { kind: Kind | null; mode: number; uid: number; gid: number; mtime: number }>();
  const add = (
    path: string,
    { kind, odd, mode, uid, gid, mtime }: Pick<TarEntry, 'kind' | 'odd' | 'mode' | 'uid' | 'gid' | 'mtime'>,
  ): void => {
    const known = odd !== null ? null : kind === 'folder' || kind === 'link' ? kind : kind === 'other' ? null : 'file';
    found.set(path, { kind: known, mode, uid, gid, mtime });
  };
  const top = await inside.entry('');
  if (top !== null) {
    add('', top);
  }
  if (database === null) {
    for await (const entry of inside.entries('')) {
      if (!isStage(entry.path)) {
        add(entry.path, entry);
      }
    }
  } else {
    for (const path of [...SIDES, ''].map((side) => database + side)) {
      const entry = await inside.entry(path);
      if (entry !== null) {
        add(path, entry);
      }
    }
  }
  return found;
}

/**
 * Owners are those that the files had. Where this process could not give them to the copies, new files get that of their
 * folder. `isKept`: paths that are another place's.
 */
export function changesOf(
  before: Index,
  after: Index,
  there: There,
  database: string | null,
  isKept: (path: string) => boolean,
): Pick<DeliveredPlace, 'puts' | 'removes'> {
  const ownerOf = (path: string): { uid: number; gid: number } => {
    const known = there.get(path);
    return known ?? (path === '' ? { uid: 0, gid: 0 } : ownerOf(path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''));
  };
  const puts = [...after]
    .filter(([path, entry]) => !isKept(path) && isOther(before.get(path), entry))
    .map(([path, entry]) => {
      const was = before.get(path);
      const known = there.get(path);
      const isAsBefore = database !== null || was?.mode === entry.mode;
      const { uid, gid } = isRoot() && database === null ? entry : ownerOf(database ?? path);
      const model = known ?? (database === null ? undefined : there.get(database));
      const mode = model !== undefined && isAsBefore ? model.mode : entry.mode;
      return {
        path,
        kind: entry.kind,
        size: entry.kind === 'file' ? entry.size : 0,
        target: entry.content,
        ...{ mode, uid, gid, mtime: String(entry.mtime) },
        had: known === undefined ? null : { kind: known.kind ?? ('file' as const), ...attributesOf(known) },
      };
    });
  const holdsOther = [...there].filter(([, { kind }]) => kind === null).map(([path]) => path);
  const removes = [...there]
    .filter(
      ([path]) =>
        path !== '' && !after.has(path) && !isKept(path) && !holdsOther.some((other) => other === path || other.startsWith(`${path}/`)),
    )
    .map(([path, entry]) => ({ path, kind: entry.kind ?? ('file' as const), ...attributesOf(entry) }));
  return { puts, removes };
}

function attributesOf({ mode, uid, gid, mtime }: { mode: number; uid: number; gid: number; mtime: number }): {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: string;
} {
  return { mode, uid, gid, mtime: String(BigInt(mtime) * 1_000_000_000n) };
}
