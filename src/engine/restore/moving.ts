// Moves uploads out and in, and back again: renames only, so that the way back needs no space and can be begun anywhere.
//
// What lies in the stage tells how far it came. Forward: all that is live goes to "old"; when it is out, "old" is renamed
// to "replaced"; then "new" goes to live. Back: all that is live goes aside, and "new" is renamed to "rest"; "replaced"
// goes to live and is called "old" again; what somebody saved meanwhile follows; the rest is "new" again.
import { statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { BackupError } from '../errors';
import { errnoOf } from '../files/disk';
import { isInside } from '../files/paths';
import { walkTree, type Tree } from '../files/tree';
import type { Environment } from '../store/environment';
import type { JournaledUploads, RestoreJournal } from './journal';
import { chosenOf, type Chosen } from './chosen';
import { savedIn } from './contents';
import { isTakenMeanwhile, moveEntry, moveIn } from './entry';
import { isStageName, uploadsStage } from './stage';
import { said } from '../said';

/** All that is live goes out. May be run again. */
export async function clearUploads(env: Environment, journal: RestoreJournal, uploads: JournaledUploads): Promise<void> {
  const { outgoing, replaced } = uploadsStage(journal, uploads.live);
  await moveAll(env, uploads.live, outgoing, { ...boundsOf(uploads), onTaken: replaceTaken });
  await env.disk.rename(outgoing, replaced);
  await env.disk.syncFolder(dirname(replaced));
  await env.disk.syncFolder(uploads.live);
}

/** The new files go in. A file that somebody saved in this very moment goes where the old ones are. */
export async function placeUploads(env: Environment, journal: RestoreJournal, uploads: JournaledUploads): Promise<void> {
  const { incoming, replaced } = uploadsStage(journal, uploads.live);
  const giveWay = async (source: string, goal: string): Promise<void> => {
    const old = join(replaced, goal.slice(uploads.live.length + 1));
    await env.disk.ensureFolder(dirname(old));
    await ((await exists(env, old)) ? replaceTaken(env, goal, old) : moveEntry(env, goal, old));
    await moveOne(env, source, goal, placing);
  };
  const placing: MoveRules = { kept: [], isIntoLive: true, onTaken: (_env, source, goal) => giveWay(source, goal) };
  await moveAll(env, incoming, uploads.live, placing);
  await env.disk.syncFolder(uploads.live);
}

/**
 * Everything as it was; what somebody saved meanwhile stays live. May be run again, also after a crash at any moment.
 * Fails with RESTORE_INTERRUPTED when something is in the way of an entry; all others are back then.
 */
export async function revertUploads(env: Environment, journal: RestoreJournal, uploads: JournaledUploads): Promise<void> {
  const { live } = uploads;
  const { root, incoming, outgoing, replaced, aside, rest } = uploadsStage(journal, live);
  const stays = (): Promise<void> => Promise.resolve();
  if ((await exists(env, replaced)) && (await exists(env, incoming))) {
    await ((await exists(env, aside)) ? Promise.resolve() : env.disk.makeFolder(aside));
    await moveEach(env, live, aside, { ...boundsOf(uploads), onTaken: replaceTaken });
    await env.disk.rename(incoming, rest);
  }
  if (await exists(env, replaced)) {
    // Where somebody has saved a file of the same name by now, that is the newer one.
    await moveEach(env, replaced, live, { kept: [], isIntoLive: true, onTaken: stays });
    await env.disk.rename(replaced, outgoing);
  } else if ((await exists(env, outgoing)) && (await exists(env, incoming))) {
    await moveEach(env, outgoing, live, { kept: [], isIntoLive: true, onTaken: stays });
  }
  if (await exists(env, rest)) {
    await moveSaved(env, journal, uploads);
    await moveAll(env, aside, rest, { kept: [], onTaken: stays });
    await env.disk.rename(rest, incoming);
  }
  await env.disk.syncFolder(live);
  if (await exists(env, root)) {
    await env.disk.syncFolder(root);
  }
}

/** Files aside that the restore did not put there were saved while it ran, or after it died: they are live again. */
async function moveSaved(env: Environment, journal: RestoreJournal, { live }: JournaledUploads): Promise<void> {
  const { aside } = uploadsStage(journal, live);
  const tree = await walkTree(env.disk, aside);
  const { files, links } = await savedIn(env, journal, live, tree);
  const saved = [...files, ...links, ...tree.special].map(({ path }) => path);
  for (const path of saved) {
    const goal = join(live, path);
    await env.disk.ensureFolder(dirname(goal));
    // What was saved there last is the newer one.
    await moveOne(env, join(aside, path), goal, { kept: [], isIntoLive: true, onTaken: replaceTaken });
  }
}

/**
 * Sockets, FIFOs and devices that were made while the restore ran, and moved out with the rest (`tree`, at `movedOut`): no
 * backup can hold them. May be run again.
 */
export async function returnSpecial(env: Environment, { live }: JournaledUploads, movedOut: string, { special }: Tree): Promise<void> {
  for (const { path } of special) {
    const goal = join(live, path);
    await env.disk.ensureFolder(dirname(goal));
    await ((await exists(env, goal)) ? beside(env, join(movedOut, path), goal) : moveEntry(env, join(movedOut, path), goal));
  }
}

interface MoveRules {
  /** Absolute paths that stay. */
  readonly kept: readonly string[];
  /** Only these move, by their path below the folder `root`. */
  readonly chosen?: { readonly root: string; readonly paths: Chosen };
  /** Others save where the goal is. */
  readonly isIntoLive?: true;
  /** The goal is there already, and not both are folders. */
  readonly onTaken: (env: Environment, source: string, goal: string) => Promise<void>;
  /** Goes on after an entry that cannot be moved, and hears of it. */
  readonly onStuck?: (source: string, error: unknown) => void;
}

/** As `moveAll`, but one entry that is stuck keeps no other one. */
async function moveEach(env: Environment, from: string, to: string, rules: MoveRules): Promise<void> {
  const stuck: { readonly source: string; readonly error: unknown }[] = [];
  await moveAll(env, from, to, { ...rules, onStuck: (source, error) => stuck.push({ source, error }) });
  const [first] = stuck;
  if (first !== undefined) {
    const more = stuck.length > 1 ? said` (and ${stuck.length - 1} more)` : '';
    const why = first.error instanceof Error ? first.error.message : String(first.error);
    throw new BackupError(
      'RESTORE_INTERRUPTED',
      said`${basename(first.source)}${more} could not be put back to ${to}. It is safe in ${first.source}. (${why})`,
      'Remove what is in the way, then run "pats-backup recover".',
      { cause: first.error },
    );
  }
}

/** Moves every entry of a folder into another one; folders that are in both are gone through, so that nothing is replaced unseen. */
async function moveAll(env: Environment, from: string, to: string, rules: MoveRules): Promise<void> {
  for (const name of await namesIn(env, from)) {
    const source = join(from, name);
    const goal = join(to, name);
    if (isStageName(source) || rules.kept.includes(source) || isLeftOut(rules, source)) {
      continue;
    }
    if (rules.kept.some((path) => isInside(source, path)) || (isAboveChosen(rules, source) && (await isFolder(env, source)))) {
      await ((await exists(env, goal)) ? Promise.resolve() : env.disk.ensureFolder(goal));
      await moveAll(env, source, goal, rules);
    } else {
      await moveOne(env, source, goal, rules);
    }
  }
}

async function moveOne(env: Environment, source: string, goal: string, rules: MoveRules): Promise<void> {
  if (!(await exists(env, goal))) {
    try {
      await moveWhole(env, source, goal, rules);
      return;
    } catch (error) {
      if (rules.isIntoLive !== true || !isTakenMeanwhile(error)) {
        throw error;
      }
    }
  }
  if ((await isFolder(env, source)) && (await isFolder(env, goal))) {
    await moveAll(env, source, goal, rules);
    // Where an entry stays, so does its folder.
    await env.disk.removeEmpty(source).catch(() => undefined);
  } else if (isOneFile(env, source, goal)) {
    await env.disk.remove(source);
  } else {
    await rules.onTaken(env, source, goal);
  }
}

/** Neither chosen nor above what was. */
function isLeftOut({ chosen }: MoveRules, source: string): boolean {
  const path =
    chosen === undefined
      ? ''
      : source
          .slice(chosen.root.length + 1)
          .split(sep)
          .join('/');
  return chosen !== undefined && !chosen.paths.has(path) && !chosen.paths.isAbove(path);
}

/** A folder that stays, though something in it moves. */
function isAboveChosen({ chosen }: MoveRules, source: string): boolean {
  return (
    chosen?.paths.isAbove(
      source
        .slice(chosen.root.length + 1)
        .split(sep)
        .join('/'),
    ) ?? false
  );
}

/** Windows renames no folder while something in it is open: then entry by entry, so that only what is open stays. */
async function moveWhole(env: Environment, source: string, goal: string, rules: MoveRules): Promise<void> {
  try {
    await (rules.isIntoLive === true ? moveIn : moveEntry)(env, source, goal);
  } catch (error) {
    if (rules.isIntoLive === true && isTakenMeanwhile(error)) {
      throw error;
    }
    if (error instanceof BackupError && error.code === 'FILE_IN_USE' && (await isFolder(env, source))) {
      await env.disk.ensureFolder(goal);
      await moveAll(env, source, goal, rules);
      await env.disk.removeEmpty(source).catch(() => undefined);
    } else if (rules.onStuck === undefined) {
      throw error;
    } else {
      rules.onStuck(source, error);
    }
  }
}

/** The later file replaces the earlier one, as the application would have done; what is no file gets a name beside it. */
async function replaceTaken(env: Environment, source: string, goal: string): Promise<void> {
  if ((await isFolder(env, source)) || (await isFolder(env, goal))) {
    await beside(env, source, goal);
  } else {
    await env.disk.rename(source, goal);
  }
}

/** Under the name that is taken, with a number. */
async function beside(env: Environment, source: string, goal: string): Promise<void> {
  let number = 1;
  while (await exists(env, `${goal}.${number}`)) {
    number++;
  }
  await moveEntry(env, source, `${goal}.${number}`);
}

/** A move that was ended in between. */
function isOneFile({ disk }: Environment, source: string, goal: string): boolean {
  const [one, other] = [disk.statNow(source), disk.statNow(goal)];
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}

/** What of the live folder moves. */
function boundsOf({ live, keep, only }: JournaledUploads): Pick<MoveRules, 'kept' | 'chosen'> {
  const paths = chosenOf(only);
  return { kept: keep.map((path) => join(live, path)), ...(paths && { chosen: { root: live, paths } }) };
}

async function namesIn(env: Environment, folder: string): Promise<string[]> {
  try {
    return await env.disk.list(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') {
      return [];
    }
    throw error;
  }
}

async function exists(env: Environment, path: string): Promise<boolean> {
  return env.disk.stat(path).then(
    () => true,
    (error: unknown) => {
      if (errnoOf(error) === 'ENOENT') {
        return false;
      }
      throw error;
    },
  );
}

async function isFolder(env: Environment, path: string): Promise<boolean> {
  return (await env.disk.stat(path)).isDirectory();
}

/** Whether a folder is there that holds nothing. */
export async function isEmptyFolder(env: Environment, path: string): Promise<boolean> {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true && (await namesIn(env, path)).length === 0;
}
