// What staged uploads are besides their bytes: owner, group, times, modes, links' own, and what is said when some were refused.
import pMap from 'p-map';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { FEW, inBatches } from '../files/many';
import type { Attributes } from '../files/tree';
import { here } from '../platform/platform';
import { restoredMode } from '../platform/recorded';
import { Wishes } from '../files/wish';
import type { Environment } from '../store/environment';
import type { StagedTree, UploadsRecord } from './staged-tree';
import { NO_PERMISSIONS } from './unfit';
import { said } from '../said';

/** For what an older manifest does not say: the live folder's owner (null: they cannot be given away) and mode. */
interface Fallback {
  readonly owner: Pick<Attributes, 'uid' | 'gid'> | null;
  readonly folderMode: number;
}

/** What one staged entry is to have. Without a time: whatever it has. */
interface Wanted {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  readonly mode: number;
  readonly mtime?: bigint | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

const SET_ID = 0o6000;
const AT_ONCE = 16;
/** Looked at before others get their turn. */
const AT_ONCE_HERE = 500;

/**
 * Gives everything staged its owner, group, time and extended attributes; modes come later, with `giveModes`: what is not
 * readable any more cannot be synced. `links` are the paths of the links that were made. Returns warnings.
 */
export async function giveAttributes(
  env: Environment,
  staged: StagedTree,
  links: readonly string[],
  record: UploadsRecord,
  fallback: Fallback,
): Promise<string[]> {
  const { source, incoming, tree } = staged;
  const wishes = new Wishes();
  const unkept = await env.disk.carryAttributes(
    source,
    incoming,
    tree.files.map(({ path }) => path),
    tree.folders,
  );
  const inexact: { path: string; mtime: bigint }[] = [];
  const give = async (wanted: Wanted): Promise<void> => {
    const path = join(incoming, wanted.path);
    await giveOwner(env, path, wanted, wanted.path, wishes);
    const { mtime } = wanted;
    const has = async (): Promise<bigint> => (await env.disk.stat(path)).mtimeNs;
    if (mtime !== undefined && (await has()) !== mtime) {
      const isSet = await wishes.try('times', wanted.path, () => env.disk.setTimes(path, mtime));
      if (isSet && (await has()) !== mtime) {
        inexact.push({ path, mtime });
      }
    }
  };
  const { files, folders } = wantedOf(staged, record, fallback);
  const isAsWanted = ({ path, uid, gid, mtime }: Wanted): boolean => {
    const now = env.disk.statNow(join(incoming, path));
    const isOwners = uid === undefined || gid === undefined || (Number(now?.uid) === uid && Number(now?.gid) === gid);
    return isOwners && (mtime === undefined || now?.mtimeNs === mtime);
  };
  const others: Wanted[] = [];
  for (const [index, file] of files.entries()) {
    others.push(...(isAsWanted(file) ? [] : [file]));
    await (index % AT_ONCE_HERE === 0 ? setImmediate() : undefined);
  }
  await pMap([...others, ...wantedLinks(links, record)], give, { concurrency: AT_ONCE });
  // From within, because a folder's time is that of its last entry.
  for (const folder of folders) {
    await give(folder);
  }
  // Where this fails, microseconds (before 1970: milliseconds) are what this system can keep.
  await env.disk.setExactTimes(inexact);
  return [...wishes.warnings(), ...unkept];
}

/** Gives everything staged its mode, folders last and from within. Returns warnings. */
export async function giveModes(env: Environment, staged: StagedTree, record: UploadsRecord, fallback: Fallback): Promise<string[]> {
  const wishes = new Wishes();
  const dropped: string[] = [];
  const { files, folders } = wantedOf(staged, record, fallback);
  const give = async ({ path, kind, mode }: Wanted): Promise<void> => {
    const isDropped = kind === 'file' && !record.isOwn && (mode & SET_ID) !== 0;
    if (isDropped) {
      dropped.push(path);
    }
    const wanted = isDropped ? mode & ~SET_ID : mode;
    const place = join(staged.incoming, path);
    const isSet = await wishes.try('mode', path, () => env.disk.setMode(place, wanted));
    // The system takes setgid away without a word where this user is not in the group.
    if (isSet && (wanted & SET_ID) !== 0 && ((await env.disk.stat(place)).mode & 0o7777n) !== BigInt(wanted)) {
      wishes.miss('mode', path);
    }
  };
  const done = await setTogether(
    env,
    files.filter(({ mode }) => (mode & SET_ID) === 0),
    staged.incoming,
  );
  await pMap(
    files.filter((file) => !done.has(file)),
    give,
    { concurrency: AT_ONCE },
  );
  for (const folder of folders) {
    await give(folder);
  }
  const [sample] = files;
  const isKept =
    sample === undefined || ((await env.disk.stat(join(staged.incoming, sample.path))).mode & 0o777n) === BigInt(sample.mode & 0o777);
  const [first] = dropped;
  const more = dropped.length > 1 ? said` and ${dropped.length - 1} more` : '';
  return [
    ...(first === undefined
      ? []
      : [said`The setuid and setgid bits of ${first}${more} were not restored, because it is not known that you made this backup here.`]),
    ...wishes.warnings(),
    // Some take every mode without a word, and have none.
    ...(isKept || wishes.warnings().length > 0 || here.isWindows ? [] : [NO_PERMISSIONS]),
  ];
}

/** Sets the modes of many files at once. Gives those that went smoothly. */
async function setTogether({ disk: { many } }: Environment, files: readonly Wanted[], incoming: string): Promise<ReadonlySet<Wanted>> {
  const done = new Set<Wanted>();
  if (many === null || files.length < FEW) {
    return done;
  }
  for (const mode of new Set(files.map((file) => file.mode))) {
    const same = files.filter((file) => file.mode === mode);
    for (const batch of inBatches(same, () => 0)) {
      const isSet = many.setMode(
        batch.map(({ path }) => join(incoming, path)),
        mode,
      );
      batch.filter((_file, index) => isSet[index]).forEach((file) => done.add(file));
      await setImmediate();
    }
  }
  return done;
}

/** Root gives the recorded owner and group; others the group, if it is one of theirs. What is refused is counted. */
export async function giveOwner(
  env: Environment,
  path: string,
  { uid, gid }: { readonly uid?: number | undefined; readonly gid?: number | undefined },
  name: string,
  wishes: Wishes,
): Promise<void> {
  const user = process.getuid?.();
  if (user === undefined || uid === undefined || gid === undefined) {
    return;
  }
  const now = await env.disk.stat(path);
  const owner = user === 0 ? uid : Number(now.uid);
  const isWanted = owner === Number(now.uid) && gid === Number(now.gid);
  const isGiven = isWanted || (await wishes.try('owner', name, () => env.disk.setOwner(path, owner, gid)));
  if (isGiven && owner !== uid) {
    wishes.miss('owner', name);
  }
}

/** Files as in the backup; folders from within. */
function wantedOf(
  { tree, folders }: StagedTree,
  record: UploadsRecord,
  { owner, folderMode }: Fallback,
): { readonly files: Wanted[]; readonly folders: Wanted[] } {
  const ownerOf = (
    entry: { readonly uid?: number | undefined; readonly gid?: number | undefined } | undefined,
  ): Pick<Wanted, 'uid' | 'gid'> => (entry?.uid === undefined ? { uid: owner?.uid, gid: owner?.gid } : { uid: entry.uid, gid: entry.gid });
  return {
    files: tree.files.map(({ path, mode, mtime }) => {
      const entry = record.files.get(path);
      return {
        path,
        kind: 'file',
        mode: entry === undefined ? mode : restoredMode(entry, folderMode),
        mtime: entry === undefined ? mtime : BigInt(entry.mtime),
        ...ownerOf(entry),
      };
    }),
    folders: [...folders].reverse().map((path) => {
      const entry = record.folders.get(path);
      const mtime = entry === undefined ? undefined : BigInt(entry.mtime);
      return { path, kind: 'folder', mode: entry?.mode ?? folderMode, mtime, ...ownerOf(entry) };
    }),
  };
}

function wantedLinks(links: readonly string[], record: UploadsRecord): Wanted[] {
  return links.flatMap((path) => {
    const { mtime, uid, gid } = record.links.get(path) ?? {};
    return mtime === undefined ? [] : [{ path, kind: 'link', mode: 0, mtime: BigInt(mtime), uid, gid }];
  });
}
