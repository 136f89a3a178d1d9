// What the disk of the live uploads cannot hold of a backup: names, links, permissions. Found by asking it, before anything is staged.
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { unfitOn } from '../files/fitting';
import { mayDiffer, takesLinks, takesModes, tried } from '../files/probe';
import { RESTORE_STAGE_PREFIX } from '../files/tree';
import { wish } from '../files/wish';
import type { UnfitName } from '../platform/names';
import { nameWithMark } from '../store/own-state';
import type { Environment } from '../store/environment';
import type { GoodBackup } from '../store/list';
import { readFileList, readFolderList } from '../store/manifest-file';
import { warning, type Warning } from '../warnings';
import { chosenOf } from './chosen';
import type { RestoreTarget, UploadsTarget } from './target';
import { said } from '../said';

/** Of restored files on a disk that has no permissions. */
export const NO_PERMISSIONS = 'This file system keeps no permissions: those of the uploads are lost.';

/** By their paths in the backup; empty: all fit, or the backup has no list of its files (format 1.0). */
export async function unfitNamesOf(env: Environment, target: RestoreTarget, { path, manifest }: GoodBackup): Promise<UnfitName[]> {
  // A list that cannot be used is a matter of verification.
  const files = (await readFileList(env.disk, path, manifest).catch(() => null)) ?? [];
  const folders = (await readFolderList(env.disk, path, manifest).catch(() => null)) ?? [];
  const links = manifest.links ?? [];
  const found: UnfitName[] = [];
  for (const uploads of target.uploads) {
    const names = [...files, ...folders, ...links].map((entry) => entry.path).filter(restoredTo(uploads));
    found.push(...(await beside(env, uploads.live, (place) => unfitOn(env.disk, place, names, env.platform))));
  }
  return found;
}

/** Links and permissions that a restore cannot bring back there. Nothing is tried where the backup has nothing that it could lose. */
export async function lossesOf(env: Environment, target: RestoreTarget, { manifest }: GoodBackup): Promise<Warning[]> {
  const found: Warning[] = [];
  for (const uploads of target.uploads) {
    const links = (manifest.links ?? []).map(({ path }) => path).filter(restoredTo(uploads));
    const mayLoseModes = differs(uploads.live) && manifest.uploads_included;
    if (links.length > 0 || mayLoseModes) {
      const held = await beside(env, uploads.live, (place) =>
        tried(env.disk, place, async (folder) => ({
          links: links.length === 0 || (await takesLinks(env.disk, folder)),
          modes: !mayLoseModes || (await takesModes(env.disk, folder)),
        })),
      );
      const [first = ''] = links;
      const more = links.length > 1 ? said` and ${links.length - 1} more` : '';
      found.push(
        ...(held?.links === false
          ? [warning('LINKS_LEFT_OUT', said`This file system takes no links: ${first}${more} will be left out.`)]
          : []),
        ...(held?.modes === false ? [warning('ATTRIBUTES_LOST', NO_PERMISSIONS)] : []),
      );
    }
  }
  return found;
}

function restoredTo({ folder, only }: UploadsTarget): (path: string) => boolean {
  const chosen = chosenOf(only);
  return (path) => {
    const below = path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : null;
    return below !== null && (chosen === null || chosen.has(below) || chosen.isAbove(below));
  };
}

/** Hands a place for a new folder where the uploads are or will be; what is there keeps its time. A later run sweeps what a killed one left. */
async function beside<T>(env: Environment, live: string, ask: (place: string) => Promise<T>): Promise<T> {
  const folder = existing(live);
  const before = (await env.disk.stat(folder)).mtimeNs;
  const stem = `${RESTORE_STAGE_PREFIX}${randomBytes(4).toString('hex')}-probe`;
  try {
    return await ask(join(folder, nameWithMark(folder, stem)));
  } finally {
    if ((await env.disk.stat(folder)).mtimeNs !== before) {
      await wish(() => env.disk.setTimes(folder, before)).catch(() => undefined);
    }
  }
}

function existing(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : existing(dirname(path));
}

function differs(live: string): boolean {
  try {
    return mayDiffer(existing(live));
  } catch {
    return false;
  }
}
