// The commands that a project is offered: its own where it has one, and only those that reach the very database that was found.
import { realpathSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { ComposeService } from '../../compose/compose';
import { quotedWord, stepsOf, typedLine } from '../../platform/shell';
import type { MigrationCommands, SchemaStateName } from '../schema';
import type { MigrationTool, ProjectFolder, Situation } from '../tool';
import { candidatesFor, type Candidate } from './candidates';
import { launchedHere, launchedInService, launcherLoadsEnv } from './launcher';
import { ownScript } from './own-script';
import { onThisMachine, unknownReach, type Reach } from './reach/place';
import { ANOTHER_ENGINE } from './reach/url';
import { placeText } from '../../compose/place';
import { codePath, inService, insideService, mountedFile, placeInService, serviceFor, workingFolderOf } from './service';
import { said } from '../../said';

export interface Offer {
  readonly commands: MigrationCommands;
  /** Why nothing is offered although there would be something to run; null: something is, or there would not be. */
  readonly commandProblem: string | null;
  /** What applies the migrations on this machine, where a container is offered. */
  readonly applyHere?: string;
}

type Lines = readonly (readonly [keyof MigrationCommands, string])[];

const REMEDY = 'Set patsBackup.migrateCommand to the command that migrates this database.';
/** States in which there is nothing to apply, or no command can do it. */
const NOT_APPLICABLE: readonly SchemaStateName[] = ['current', 'ahead', 'diverged', 'unknown-revision', 'half-applied'];

const APPLICABLE: readonly SchemaStateName[] = ['behind', 'never-migrated', 'several-heads', 'no-database'];

/** The tool's commands for the situation, as they are typed in the project's root. */
export function offered(tool: MigrationTool, project: ProjectFolder, situation: Situation): Offer {
  const all = Object.entries(tool.commands(situation)) as [keyof MigrationCommands, string][];
  // Onto what a failed migration left, the next one fails as well, or makes it worse.
  const written = all.filter(([key]) => key !== 'apply' || situation.state.state !== 'half-applied');
  const offer = written.length === 0 ? unknown(situation.state) : proven(tool.name, written, project, situation);
  return withSetting(offer, project, situation.state.state);
}

/** Only the application's own code starts these migrations. */
function unknown({ state, pending }: Situation['state']): Offer {
  const isAsked = APPLICABLE.includes(state) && (state !== 'no-database' || pending.length > 0);
  const why = 'No command is offered, because nothing here says how the application starts its migrations.';
  return { commands: {}, commandProblem: isAsked ? `${why} ${REMEDY}` : null };
}

/** The setting's command in the place of the tool's, wherever there is one. */
export function withSetting(offer: Offer, { migrateCommand }: ProjectFolder, state: SchemaStateName): Offer {
  const command = migrateCommand?.trim() ?? '';
  if (command === '') {
    return offer;
  }
  const isOffered = offer.commands.apply !== undefined || !NOT_APPLICABLE.includes(state);
  // Nothing else runs in the place of what somebody chose.
  return { commands: { ...offer.commands, ...(isOffered && { apply: command }) }, commandProblem: null };
}

function proven(tool: string, lines: Lines, project: ProjectFolder, situation: Situation): Offer {
  const { history } = situation;
  const isAsked = lines.some(([key]) => key !== 'show');
  const refused = (why: string): Offer => ({ commands: {}, commandProblem: isAsked ? `${why} ${REMEDY}` : null });
  const program = lines[0]?.[1].split(' ', 1)[0] ?? '';
  const choice = serviceFor(project, { tool, program, folder: history.folder });
  if (choice.kind === 'question') {
    return refused(choice.why);
  }
  const candidates = candidatesFor(tool, history, project);
  const [first] = candidates;
  if (first !== undefined && project.databasePlace !== undefined) {
    const offer = choice.kind === 'one' ? offeredInService(choice.service, candidates, lines, project) : null;
    // On this machine every command would make or migrate another database.
    return offer === null || choice.kind !== 'one'
      ? refused(
          said`No command is offered: the database is ${placeText(project.databasePlace)}, and no command there is known to reach it.`,
        )
      : { commands: offer, commandProblem: null };
  }
  if (first === undefined || project.database === null) {
    return refused('No command is offered, because it is not known which database it would migrate.');
  }
  if (choice.kind === 'one') {
    const offer = offeredInService(choice.service, candidates, lines, project);
    if (offer !== null) {
      const local = offer.apply === undefined ? undefined : offeredHere(candidates, lines, project)?.apply;
      return {
        commands: { ...offer, ...own(choice.service) },
        commandProblem: null,
        ...(local !== undefined && { applyHere: local }),
      };
    }
  }
  // Where a service has the database open, but its command could not be proven, this machine's may be.
  const here = { ...offeredHere(candidates, lines, project), ...own(null) };
  return Object.keys(here).length > 0 ? { commands: here, commandProblem: null } : refused(whyNot(candidates, first, lines, project));

  function own(service: ComposeService | null): MigrationCommands {
    const line = lines.find(([key]) => key === 'apply')?.[1];
    const isRight = (reach: Reach): boolean => reachesFile(reach, project.database);
    const script = line === undefined ? null : ownScript({ project, candidates, line, folder: history.folder, service, isRight });
    return script === null ? {} : { apply: script };
  }
}

function offeredHere(candidates: readonly Candidate[], lines: Lines, project: ProjectFolder): MigrationCommands | null {
  for (const isDoubtful of [false, true]) {
    for (const candidate of candidates.filter((each) => (each.isDoubtful ?? false) === isDoubtful)) {
      const reach = candidate.reach(onThisMachine(candidate.folder), launcherLoadsEnv(candidate.folder, project.root));
      const typed = reachesFile(reach, project.database)
        ? typedHere(candidate, lines, project, candidates[0]?.folder ?? candidate.folder)
        : null;
      if (typed !== null) {
        return typed;
      }
    }
  }
  return null;
}

function typedHere({ folder, line }: Candidate, lines: Lines, { root }: ProjectFolder, code: string): MigrationCommands | null {
  const way = relative(root, folder).replaceAll('\\', '/');
  const typed = lines.map(([key, written]) => [key, launchedHere(line(written), folder, root, code)] as const);
  return typed.some(([, command]) => command === null)
    ? null
    : Object.fromEntries(
        typed.map(([key, command]) => [
          key,
          typedLine(stepsOf(way === '' ? (command ?? '') : `cd ${quotedWord(way)} && ${command ?? ''}`)),
        ]),
      );
}

function offeredInService(
  service: ComposeService,
  candidates: readonly Candidate[],
  lines: Lines,
  project: ProjectFolder,
): MigrationCommands | null {
  const { root } = project;
  for (const candidate of candidates) {
    const known = codePath(service, candidate.folder);
    const folder = known ?? workingFolderOf(service);
    const reach = folder === null ? null : candidate.reach(insideService(service, folder), false);
    if (reach?.kind === 'file' && reachesInService(service, reach.path, project)) {
      const typed = lines.map(([key, written]) => [
        key,
        inService(service, launchedInService(candidate.line(written), service, candidate.folder, root), known, root),
      ]);
      return Object.fromEntries(typed) as MigrationCommands;
    }
  }
  return null;
}

function reachesInService(service: ComposeService, path: string, { database, databasePlace }: ProjectFolder): boolean {
  if (databasePlace !== undefined) {
    return placeInService(service, databasePlace) === path;
  }
  const file = mountedFile(service, path);
  return file !== null && reachesFile({ kind: 'file', path: file }, database);
}

/** Whether it is this file, links followed; neither need be there yet. */
function reachesFile(reach: Reach, database: string | null): boolean {
  return reach.kind === 'file' && database !== null && realOf(reach.path) === realOf(database);
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    try {
      return join(realpathSync(dirname(path)), basename(path));
    } catch {
      return path;
    }
  }
}

/** Of several ways, one that leads to another database says more than one that cannot be followed. */
function whyNot(all: readonly Candidate[], first: Candidate, lines: Lines, { root, database }: ProjectFolder): string {
  const reachOf = ({ reach, folder }: Candidate): Reach => reach(onThisMachine(folder), launcherLoadsEnv(folder, root));
  const isElsewhere = (reach: Reach): boolean => reach.kind !== 'unknown' && !reachesFile(reach, database);
  const candidate = all.find((each) => isElsewhere(reachOf(each))) ?? first;
  const found = reachOf(candidate);
  const reach = reachesFile(found, database)
    ? unknownReach('the project starts its tools with a program that only works in another folder')
    : found;
  const command = candidate.line(lines.find(([key]) => key === 'apply')?.[1] ?? lines[0]?.[1] ?? '');
  const shown = (path: string): string => (path.startsWith(`${root}/`) ? relative(root, path).replaceAll('\\', '/') : path);
  switch (reach.kind) {
    case 'file':
      return said`No command is offered: "${command}" would migrate ${shown(reach.path)} instead of ${shown(database ?? '')}.`;
    case 'engine':
      return said`No command is offered: "${command}" would migrate ${ofEngine(reach.name)} instead of ${shown(database ?? '')}.`;
    case 'unknown':
      return said`No command is offered, because ${reach.why}.`;
  }
}

function ofEngine(name: string): string {
  return name === ANOTHER_ENGINE
    ? said`a database of ${name}`
    : /^[AEIOU]/.test(name)
      ? said`an ${name} database`
      : said`a ${name} database`;
}
