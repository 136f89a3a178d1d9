// The links of a backup: made last, each in a real folder of the stage, and none that leads out of it, alone or through others.
import { lstatSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { isSafeRelative } from '../files/paths';
import { Wishes } from '../files/wish';
import type { Environment } from '../store/environment';
import type { LinkEntry } from '../store/manifest';
import { warning, type Warning } from '../warnings';

/** The kernel follows no more links on one way. */
const MOST_LINKS_ON_A_WAY = 40;
/** Nobody reads more of them. */
const MOST_WARNINGS = 100;

export interface LinksToMake {
  /** Absolute path of the stage: where the uploads folder's content is prepared; everything but the links is there already. */
  readonly stage: string;
  /** Paths relative to the stage. */
  readonly links: readonly LinkEntry[];
  /** Links that the user's own folder has, by path: they may lead anywhere, as they do now. */
  readonly own: ReadonlyMap<string, string>;
}

/** Makes the links that stay inside the stage, and the user's own. Returns a warning for each that was left out. */
export async function makeLinks(env: Environment, { stage, links, own }: LinksToMake): Promise<Warning[]> {
  const fitting = new Map<string, string>();
  const refused: Warning[] = [];
  for (const { path, target } of links) {
    if (isSafeRelative(path) && isFree(stage, path) && !fitting.has(path) && target !== '' && !target.includes('\0')) {
      fitting.set(path, target);
    } else {
      refused.push(warning('LINKS_LEFT_OUT', `The link ${path} was not restored: something else is in its place.`));
    }
  }
  const outward = new Set([...fitting].filter(([path, target]) => own.get(path) === target).map(([path]) => path));
  const ways = new Ways(stage, fitting, outward);
  for (const [path, target] of fitting) {
    if (outward.has(path) || ways.endOf(path) !== null) {
      const isMade = await new Wishes().try('mode', path, () => env.disk.symbolicLink(target, join(stage, path)));
      if (!isMade) {
        refused.push(warning('LINKS_LEFT_OUT', `The link ${path} was not restored: this file system takes no links.`));
      }
    } else {
      refused.push(warning('LINKS_LEFT_OUT', `The link ${path} was not restored: it points to ${target}, outside the uploads.`));
    }
  }
  const more = refused.length - MOST_WARNINGS;
  return more <= 0 ? refused : [...refused.slice(0, MOST_WARNINGS), warning('LINKS_LEFT_OUT', `${more} more links were not restored.`)];
}

/** Nothing has this name, and its folder is a real one in the stage: no link is made behind a link. */
function isFree(stage: string, path: string): boolean {
  const root = realpathSync(stage);
  const folder = dirname(path);
  try {
    if (realpathSync(join(stage, folder)) !== join(root, folder)) {
      return false;
    }
  } catch {
    return false;
  }
  return isMissing(join(stage, path));
}

function isMissing(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) === undefined;
}

/**
 * Follows links before they are made, as the kernel will. A way may go up as long as it has come through real folders only:
 * so where a link leads does not depend on which others are made, in which order, or are changed later.
 */
class Ways {
  private readonly folders = new Map<string, boolean>();

  constructor(
    private readonly stage: string,
    private readonly links: ReadonlyMap<string, string>,
    private readonly outward: ReadonlySet<string>,
  ) {}

  /** The names from the stage to where a link leads; null: out of the stage, round in circles, or nobody can tell. */
  endOf(path: string, walk = { links: 0 }): readonly string[] | null {
    const target = this.links.get(path) ?? '';
    walk.links++;
    if (walk.links > MOST_LINKS_ON_A_WAY || this.outward.has(path) || isAbsolute(target) || /^[A-Za-z]:|\\/.test(target)) {
      return null;
    }
    let place: string[] = path.split('/').slice(0, -1);
    let isReal = true;
    for (const part of target.split('/')) {
      if (part === '' || part === '.') {
        continue;
      }
      if (part === '..') {
        if (!isReal || place.length === 0) {
          return null;
        }
        place.pop();
        continue;
      }
      place.push(part);
      const here = place.join('/');
      if (this.links.has(here)) {
        const end = this.endOf(here, walk);
        if (end === null) {
          return null;
        }
        place = [...end];
        isReal = false;
      } else {
        isReal &&= this.isRealFolder(here);
      }
    }
    return place.length === 0 ? null : place;
  }

  private isRealFolder(path: string): boolean {
    const known = this.folders.get(path) ?? lstatSync(join(this.stage, path), { throwIfNoEntry: false })?.isDirectory() ?? false;
    this.folders.set(path, known);
    return known;
  }
}
