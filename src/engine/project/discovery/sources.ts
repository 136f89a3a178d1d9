// Everybody who may name the project's database: the migration tools' own configuration, `.env` files, compose files.
import { MOST_NAMED } from '../../limits/sizes';
import { isFile } from '../../migrations/reading/look';
import { isUsual, namedEnvFiles } from '../../migrations/reading/named-env-files';
import type { NamedDatabase, NotUnderstood, SourceAnswer } from '../../migrations/reading/named';
import { isAbsolutePath } from '../../migrations/reading/sqlite-url';
import { FRAMEWORKS } from '../../migrations/tools/frameworks';
import type { ProjectFolder } from '../../migrations/tool';
import type { Origin } from '../project';
import { hostPathOf, mountedOutside, namedByCompose, type ComposeService } from './compose';
import { otherVariables } from './compose-variables';
import { dockerRuns } from './docker-runs';
import { namedByEnvFiles } from './env-files';
import { namedWhereStarted, type InContainer } from './started';
import { said } from '../../said';

export interface Mention extends NamedDatabase {
  readonly origin: Origin;
  /** The configuration of a migration tool: what its own commands work on. */
  readonly byTool: boolean;
  /** A service's mount says where the path is on this machine: a file of the same name is another one. */
  readonly isMounted?: boolean;
}

export interface Answers {
  readonly named: readonly Mention[];
  readonly notUnderstood: readonly NotUnderstood[];
  /** Where another engine than SQLite is named. */
  readonly otherEngines: readonly string[];
  /** In words, one entry a source. */
  readonly searched: readonly string[];
  /** What code names where a service starts it, and only a container reaches. */
  readonly inContainers: readonly InContainer[];
}

/** `.env` files, compose files and settings of strangers may name anything, any number of times. */
function bounded({ named, remarks, notUnderstood = [], otherEngines = [] }: SourceAnswer): Required<SourceAnswer> {
  return {
    named: named.slice(0, MOST_NAMED),
    remarks: remarks.slice(0, MOST_NAMED),
    notUnderstood: notUnderstood.slice(0, MOST_NAMED),
    otherEngines: otherEngines.slice(0, MOST_NAMED),
  };
}

export function askSources(project: ProjectFolder, services: readonly ComposeService[]): Answers {
  const containers = [...services, ...dockerRuns(project)];
  const sources = [
    ...FRAMEWORKS.map((tool) => ({
      origin: 'migrations' as const,
      label: said`${tool.name.charAt(0).toUpperCase()}${tool.name.slice(1)}'s configuration`,
      answer: tool.databases?.(project) ?? { named: [], remarks: [] },
    })),
    { origin: '.env' as const, label: '.env files', answer: namedByEnvFiles(project, services) },
    { origin: 'compose' as const, label: 'Compose files', answer: namedByCompose(containers, project.root) },
  ].map(({ origin, label, answer }) => ({ origin, label, answer: bounded(answer) }));
  const named = sources.flatMap(({ origin, answer }) => answer.named.map((each) => ({ ...each, origin, byTool: origin === 'migrations' })));
  const started = namedWhereStarted(project, containers, named);
  return {
    named: [
      ...named.map((each) => mounted(exactly(each, named), services, project.root)),
      ...started.named.slice(0, MOST_NAMED).map((each) => ({ ...each, origin: 'migrations' as const, byTool: true })),
    ],
    inContainers: started.inContainers,
    notUnderstood: [...sources.flatMap(({ answer }) => answer.notUnderstood), ...unread(project), ...otherVariables(project)],
    otherEngines: sources.flatMap(({ answer }) => answer.otherEngines),
    searched: sources.flatMap(({ origin, label, answer }) => {
      const unclear = answer.notUnderstood.map(
        (each) => each.sentence ?? said`${each.from} names ${each.written}, which is not understood.`,
      );
      const sentences = [...new Set([...unclear, ...answer.remarks])];
      // Of a tool that is not there, there is nothing to say.
      return sentences.length > 0 || answer.named.length > 0 || origin === 'migrations'
        ? sentences
        : [said`${label}: none names a SQLite database.`];
    }),
  };
}

/** Where code reads its variables from a file that is not here, what it takes without them is not proven. */
function unread(project: ProjectFolder): NotUnderstood[] {
  return namedEnvFiles(project)
    .filter(({ file, written, isByCode }) => file === null && isByCode && !isUsual(written))
    .map(({ from, written }) => ({
      from,
      written,
      tail: '',
      isFirm: true,
      sentence: said`${from} reads its variables from ${written}, which is not in the project.`,
    }));
}

/** What a service has in a folder of this machine: nothing here tells more about where it is than the mount. */
function mounted(mention: Mention, services: readonly ComposeService[], root: string): Mention {
  const hosts = services.flatMap((service) => {
    if (isAbsolutePath(mention.written)) {
      return hostPathOf(mention.written, service) ?? [];
    }
    // A relative path may be meant from other folders of the project, but from none beside one outside of it.
    const host = mountedOutside(mention.written, service, root);
    return host !== null && mention.places.includes(host) ? [host] : [];
  });
  return hosts.length === 0 || isFile(mention.written)
    ? mention
    : { ...mention, places: [...new Set(mention.origin === 'compose' ? hosts : [...mention.places, ...hosts])], isMounted: true };
}

/** The same relative path, read by a tool that knows from where it counts, is no second opinion. */
function exactly(mention: Mention, all: readonly Mention[]): Mention {
  const exact = all.find(
    ({ isExact, written, places }) =>
      isExact === true && written === mention.written && places.some((place) => mention.places.includes(place)),
  );
  return mention.byTool || exact === undefined ? mention : { ...mention, places: exact.places, isExact: true };
}
