// The databases that a project may mean: what is named, what lies in its folders, and what speaks for each.
import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { trackedAmong } from '../../git/tracked';
import { isFile, lookOf } from '../../migrations/reading/look';
import { isAside } from '../../migrations/reading/vendored';
import { evidenceIn, type Evidence } from '../../migrations/tools/evidence';
import type { ProjectFolder } from '../../migrations/tool';
import { contains, realPathOf, shown } from '../paths';
import { isCopy } from './copies';
import { databasesByHeader } from './headers';
import type { Answers, Mention } from './sources';

/** A database with everything that was found out about it. */
export interface Found {
  /** Absolute; need not exist. */
  readonly path: string;
  readonly mentions: readonly Place[];
  /** What its tables say; it is opened when somebody asks. */
  readonly evidence: () => Evidence;
  readonly exists: boolean;
  /** Of no bytes: somebody connected to it, and nobody has written. */
  readonly isEmpty: boolean;
  /** Why a file that nothing names is none of the application's: it ships with the project, is a copy, a fixture. */
  readonly aside: string | null;
}

export interface Place {
  readonly mention: Mention;
  /** Which of the places that the mention may mean. */
  readonly index: number;
}

/** Files beyond these are not opened. */
const MOST_OPENED = 40;

export async function gather(project: ProjectFolder, { named, notUnderstood }: Answers): Promise<Found[]> {
  const { root } = project;
  const byHeader = await databasesByHeader(lookOf(project).files, root);
  const byPath = new Map<string, { path: string; mentions: Place[] }>();
  const add = async (path: string, place?: Place): Promise<void> => {
    const real = await realPathOf(path);
    const known = byPath.get(real) ?? { path, mentions: [] };
    known.mentions.push(...(place === undefined ? [] : [place]));
    byPath.set(real, known);
  };
  const whole = named.map((mention) => ({
    mention,
    existing: mention.places.map((path, index) => ({ path, index })).filter(({ path }) => isFile(path)),
  }));
  const inPlace = new Set(whole.filter(({ mention }) => mention.rank <= 1).flatMap(({ existing }) => existing.map(({ path }) => path)));
  for (const { mention, existing } of whole) {
    // The app may have been started in another folder: then the file has the name, but is elsewhere.
    const alike =
      existing.length > 0 || mention.isMounted === true
        ? []
        : byHeader.filter((path) => endsAlike(path, mention.written) && unnamedAside(path, root, byHeader) === null);
    // Something else names one of them where it lies.
    const moved = alike.some((path) => inPlace.has(path)) ? alike.filter((path) => inPlace.has(path)) : alike;
    const inside = mention.places.findIndex((path) => contains(root, path));
    const absent = inside < 0 ? [] : [{ path: mention.places[inside] ?? '', index: inside }];
    for (const { path, index } of existing.length > 0
      ? existing
      : moved.length > 0
        ? moved.map((path, index) => ({ path, index }))
        : absent) {
      await add(path, { mention, index });
    }
  }
  for (const { from, written, tail } of notUnderstood) {
    const alike = tail === '' ? [] : byHeader.filter((file) => endsAlike(file, tail));
    const whole = alike.filter((file) => file.replaceAll('\\', '/').endsWith(tail.startsWith('/') ? tail : `/${tail}`));
    for (const path of whole.length > 0 ? whole : alike) {
      await add(path, { mention: { from, written, places: [path], rank: 0, origin: 'migrations', byTool: false }, index: 0 });
    }
  }
  for (const path of byHeader) {
    await add(path);
  }
  return describe([...byPath.values()], project, byHeader);
}

async function describe(
  all: readonly { path: string; mentions: readonly Place[] }[],
  project: ProjectFolder,
  byHeader: readonly string[],
): Promise<Found[]> {
  const unnamed = all.filter(({ mentions }) => mentions.length === 0).map(({ path }) => path);
  const shipped = new Set(await trackedAmong(project.root, unnamed));
  let opened = 0;
  return all.map(({ path, mentions }) => {
    const exists = existsSync(path);
    const aside =
      mentions.length > 0
        ? null
        : shipped.has(path)
          ? 'git tracks it: it ships with the project'
          : unnamedAside(path, project.root, byHeader);
    const isOpened = exists && aside === null && opened++ < MOST_OPENED;
    return {
      path,
      mentions,
      exists,
      isEmpty: exists && statSync(path, { throwIfNoEntry: false })?.size === 0,
      evidence: once(() => (isOpened ? evidenceIn(path, project) : { tool: null, rows: 0, known: 0 })),
      aside,
    };
  });
}

function once<T>(work: () => T): () => T {
  let done: { readonly result: T } | undefined;
  return () => (done ??= { result: work() }).result;
}

function unnamedAside(path: string, root: string, others: readonly string[]): string | null {
  const way = shown(path, root);
  const beside = others
    .filter((other) => other !== path && other.startsWith(path.slice(0, path.length - basename(path).length)))
    .map((other) => basename(other));
  return isCopy(way, beside) ? 'it looks like a copy' : isAside(way) ? 'it lies among tests or examples' : null;
}

/** Whether a path ends as something is written, whole names compared. */
function endsAlike(path: string, written: string): boolean {
  const parts = (text: string): string[] => text.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
  const [name] = parts(written).slice(-1);
  return name !== undefined && basename(path) === name;
}
