// What a restore has staged of the uploads, and until when somebody saved others: what is whose is told by that.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { walkTree, type Tree } from '../files/tree';
import type { Environment } from '../store/environment';
import type { JournaledUploads, RestoreJournal } from './journal';
import { uploadsStage } from './stage';

const contentsSchema = () => z.object({ files: z.record(z.string(), z.string()), links: z.record(z.string(), z.string()) });

/** Records what is staged. */
export async function recordContents(env: Environment, journal: RestoreJournal, uploads: JournaledUploads): Promise<void> {
  const { incoming, contents } = uploadsStage(journal, uploads.live);
  const { files, links } = await walkTree(env.disk, incoming);
  const staged: z.infer<ReturnType<typeof contentsSchema>> = {
    files: Object.fromEntries(files.map((file) => [file.path, stateOf(file)])),
    links: Object.fromEntries(links.map((link) => [link.path, link.target])),
  };
  await env.disk.writeText(contents, JSON.stringify(staged));
}

/** The files and links of a tree that the restore did not put there: they were saved while it ran, or after it died. */
export async function savedIn(
  env: Environment,
  journal: RestoreJournal,
  live: string,
  { files, links }: Tree,
): Promise<Pick<Tree, 'files' | 'links'>> {
  const staged = contentsSchema().parse(JSON.parse(await env.disk.readText(uploadsStage(journal, live).contents)));
  return {
    files: files.filter((file) => staged.files[file.path] !== stateOf(file)),
    links: links.filter((link) => staged.links[link.path] !== link.target),
  };
}

/** Notes when nobody could commit any more, by the clock of the file system. Until then rows came with their files. */
export async function noteLockedOut(env: Environment, journal: RestoreJournal): Promise<void> {
  for (const { live } of journal.uploads) {
    const { lockedOut } = uploadsStage(journal, live);
    await env.disk.remove(lockedOut);
    await env.disk.writeText(lockedOut, '');
  }
}

/** What somebody saved in the place of the old files until nobody could commit any more; null: that never came. */
export async function savedUntilLockedOut(
  env: Environment,
  journal: RestoreJournal,
  { live, keep }: JournaledUploads,
): Promise<Tree | null> {
  const { lockedOut } = uploadsStage(journal, live);
  if (!existsSync(lockedOut)) {
    return null;
  }
  const until = (await env.disk.stat(lockedOut)).ctimeNs;
  const isBefore = ({ path }: { readonly path: string }): boolean => (env.disk.statNow(join(live, path))?.ctimeNs ?? until + 1n) <= until;
  const tree = await walkTree(
    env.disk,
    live,
    keep.map((path) => join(live, path)),
  );
  const { files, links } = await savedIn(env, journal, live, tree);
  return { ...tree, files: files.filter(isBefore), links: links.filter(isBefore), special: [] };
}

function stateOf({ size, mtime }: Tree['files'][number]): string {
  return `${size} ${mtime}`;
}
