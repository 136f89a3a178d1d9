// What code names where the program is started with other variables: a path made of DATA_DIR, which only the service sets.
import { posix } from 'node:path';
import { isFile, lookOf, shareLook } from '../../migrations/reading/look';
import { isAbsolutePath } from '../../migrations/reading/sqlite-url';
import { FRAMEWORKS } from '../../migrations/tools/frameworks';
import type { ProjectFolder } from '../../migrations/tool';
import { contains } from '../paths';
import { hostPathOf, placesInService, type ComposeService } from './compose';
import type { NamedDatabase, NamedFolder } from '../../migrations/reading/named';
import { startsOf, type Start } from './starts';
import { said } from '../../said';

/** A path that only a container reaches. */
export interface InContainer {
  readonly from: string;
  readonly service: ComposeService;
  /** Absolute, there. */
  readonly path: string;
}

export interface Started {
  readonly named: readonly (NamedDatabase & { readonly isMounted?: boolean })[];
  readonly inContainers: readonly InContainer[];
}

const MOST_SHOWN = 2;

/** Beside `known`, which is what code names without these variables. */
export function namedWhereStarted(project: ProjectFolder, services: readonly ComposeService[], known: readonly NamedDatabase[]): Started {
  const named: Started['named'][number][] = [];
  const inContainers: InContainer[] = [];
  const seen = new Set(known.map(keyOf));
  for (const start of startsOf(project, services)) {
    for (const each of FRAMEWORKS.flatMap((tool) => tool.databases?.(startedWith(start, project)).named ?? [])) {
      if (seen.has(keyOf(each)) || each.rank > 1) {
        continue;
      }
      const from =
        start.onlyNamed === true ? said`${each.from} without .env` : said`${each.from} with ${shownVariables(start)} of ${start.from}`;
      const { service } = start;
      const places = service === null ? each.places : placesThere(each, service, project.root);
      const folder = service?.workingFolder ?? null;
      if (service !== null && places.length === 0 && (isAbsolutePath(each.written) || folder !== null)) {
        inContainers.push({ from, service, path: posix.resolve(folder ?? '/', each.written) });
      } else if (places.some((place) => contains(project.root, place) || isFile(place))) {
        named.push({ ...each, from, places, ...(service !== null && { isMounted: true }) });
      }
    }
  }
  return { named, inContainers };
}

/** The folders with uploads, likewise. */
export function uploadsWhereStarted(project: ProjectFolder, services: readonly ComposeService[]): NamedFolder[] {
  return startsOf(project, services).flatMap((start) =>
    FRAMEWORKS.flatMap((tool) => tool.uploads?.(startedWith(start, project)) ?? []).map(({ from, path }) => ({
      from,
      path: start.service === null || contains(project.root, path) ? path : (hostPathOf(path, start.service) ?? path),
    })),
  );
}

function startedWith({ variables, onlyNamed = false }: Start, project: ProjectFolder): ProjectFolder {
  return shareLook({ ...project, variables, onlyNamed }, lookOf(project));
}

/** A path that follows from where the code lies is one of this machine. */
function placesThere({ written, places }: NamedDatabase, service: ComposeService, root: string): readonly string[] {
  return isAbsolutePath(written) && contains(root, written) ? places : placesInService(written, service, root);
}

function keyOf({ from, written }: NamedDatabase): string {
  return `${from}\0${written}`;
}

function shownVariables({ variables }: Start): string {
  return variables.size > MOST_SHOWN ? 'the variables' : [...variables.keys()].join(', ');
}
