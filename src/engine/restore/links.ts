// The links of a backup: made last, each in a real folder of the stage, and none that leads out of it, alone or through others.
import { lstatSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { isSafeRelative } from '../files/paths';
import { Wishes } from '../files/wish';
import type { Environment } from '../store/environment';
import type { LinkEntry } from '../store/manifest';
import { warning, type Warning } from '../warnings';
import { said } from '../said';

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
  const folders = new RealFolders(stage);
  for (const { path, target } of links) {
    if (
      isSafeRelative(path) &&
      folders.has(dirname(path)) &&
      isMissing(join(stage, path)) &&
      !fitting.has(path) &&
      target !== '' &&
      !target.includes('\0')
    ) {
      fitting.set(path, target);
    } else {
      refused.push(warning('LINKS_LEFT_OUT', said`The link ${path} was not restored: something else is in its place.`));
    }
  }
  const outward = new Set([...fitting].filter(([path, target]) => own.get(path) === target).map(([path]) => path));
  const ways = new Ways(stage, fitting, outward);
  for (const [path, target] of fitting) {
    if (outward.has(path) || ways.staysInside(path)) {
      const isMade = await new Wishes().try('mode', path, () => env.disk.symbolicLink(target, join(stage, path)));
      if (!isMade) {
        refused.push(warning('LINKS_LEFT_OUT', said`The link ${path} was not restored: this file system takes no links.`));
      }
    } else {
      refused.push(warning('LINKS_LEFT_OUT', said`The link ${path} was not restored: it points to ${target}, outside the uploads.`));
    }
  }
  const more = refused.length - MOST_WARNINGS;
  return more <= 0 ? refused : [...refused.slice(0, MOST_WARNINGS), warning('LINKS_LEFT_OUT', said`${more} more links were not restored.`)];
}

function isMissing(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) === undefined;
}

/** Which folders are real ones in the stage: no link is made behind a link. Each is looked at once. */
class RealFolders {
  readonly #root: string;
  readonly #known = new Map<string, boolean>();

  constructor(private readonly stage: string) {
    this.#root = realpathSync.native(stage);
  }

  has(folder: string): boolean {
    const known = this.#known.get(folder) ?? this.#look(folder);
    this.#known.set(folder, known);
    return known;
  }

  #look(folder: string): boolean {
    try {
      return realpathSync.native(join(this.stage, folder)) === join(this.#root, folder);
    } catch {
      return false;
    }
  }
}

/** A name in the stage, whether something has it or not. */
class Place {
  #below: Map<string, Place> | undefined;
  /** Of a link: where it points to, as written. */
  target: string | undefined;
  isFolder: boolean | undefined;

  constructor(
    readonly name = '',
    readonly above: Place | null = null,
  ) {}

  child(name: string): Place {
    this.#below ??= new Map();
    const place = this.#below.get(name) ?? new Place(name, this);
    this.#below.set(name, place);
    return place;
  }
}

function pathOf(place: Place): string {
  const names: string[] = [];
  let at = place;
  while (at.above !== null) {
    names.push(at.name);
    at = at.above;
  }
  return names.reverse().join('/');
}

/**
 * Follows links before they are made, as the kernel will. A way may go up as long as it has come through real folders only:
 * so where a link leads does not depend on which others are made, in which order, or are changed later. A step costs the
 * same however deep it is.
 */
class Ways {
  private readonly root = new Place();

  constructor(
    private readonly stage: string,
    links: ReadonlyMap<string, string>,
    outward: ReadonlySet<string>,
  ) {
    this.root.isFolder = true;
    for (const [path, target] of links) {
      // Who follows one that leads outside is outside, too.
      this.placeOf(path).target = outward.has(path) ? '/' : target;
    }
  }

  /** Whether following the link ends in the stage: not outside, not round in circles, and not where nobody can tell. */
  staysInside(path: string): boolean {
    return this.endOf(this.placeOf(path), { links: 0 }) !== null;
  }

  private placeOf(path: string): Place {
    return path.split('/').reduce((place, name) => place.child(name), this.root);
  }

  private endOf(link: Place, walk: { links: number }): Place | null {
    const target = link.target ?? '';
    walk.links++;
    if (walk.links > MOST_LINKS_ON_A_WAY || isAbsolute(target) || /^[A-Za-z]:|\\/.test(target)) {
      return null;
    }
    let place = link.above ?? this.root;
    let isReal = true;
    for (const part of target.split('/')) {
      if (part === '' || part === '.') {
        continue;
      }
      if (part === '..') {
        if (!isReal || place.above === null) {
          return null;
        }
        place = place.above;
        continue;
      }
      place = place.child(part);
      if (place.target !== undefined) {
        const end = this.endOf(place, walk);
        if (end === null) {
          return null;
        }
        place = end;
        isReal = false;
      } else {
        isReal &&= this.isRealFolder(place);
      }
    }
    return place.above === null ? null : place;
  }

  private isRealFolder(place: Place): boolean {
    place.isFolder ??=
      place.above?.isFolder !== false && lstatSync(join(this.stage, pathOf(place)), { throwIfNoEntry: false })?.isDirectory() === true;
    return place.isFolder;
  }
}
