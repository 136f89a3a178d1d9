// The ways in which a tool's command can be typed, each with the database that it would then migrate.
import { basename, dirname, join, relative } from 'node:path';
import { quotedWord } from '../../compose/quoting';
import type { AlembicHistory } from '../tools/alembic/alembic';
import type { Environment } from '../tools/alembic/environment';
import { placeOf as drizzlePlace } from '../tools/drizzle/config';
import { settingsNames } from '../tools/django/settings';
import { settingsOf as knexSettings } from '../tools/knex/config';
import { prismaProject } from '../tools/prisma/project';
import { placeOf as sequelizePlace } from '../tools/sequelize/config';
import type { MigrationHistory, ProjectFolder } from '../tool';
import { isImportable, reachOfAlembic } from './reach/alembic';
import { reachOfDjango } from './reach/django';
import { applicationName, reachOfFlask } from './reach/flask';
import { reachOfDrizzle, reachOfKnex, reachOfPrisma } from './reach/node';
import { unknownReach, type Place, type Reach } from './reach/place';
import { reachOfRails } from './reach/rails';
import { reachOfSequelize } from './reach/sequelize';

export interface Candidate {
  /** Absolute folder of this machine in which it is typed. */
  readonly folder: string;
  /** The tool's line, meant for the history's folder, as it is typed there. */
  readonly line: (line: string) => string;
  /** `loads`: the launcher reads `.env`. */
  readonly reach: (place: Place, loads: boolean) => Reach;
  /** The tool might not find the project's own code from there. */
  readonly isDoubtful?: boolean;
}

/** In the order of preference. */
export function candidatesFor(tool: string, history: MigrationHistory, project: ProjectFolder): Candidate[] {
  const { folder } = history;
  const { root } = project;
  const as = (reach: Candidate['reach'], place = folder, line: Candidate['line'] = (written) => written): Candidate => ({
    folder: place,
    line,
    reach,
  });
  switch (tool) {
    case 'alembic':
      return alembicCandidates(history as AlembicHistory, project);
    case 'django':
      return djangoCandidates(join(folder, 'manage.py'), project);
    case 'prisma': {
      const { config = null, schema = null } = prismaProject(project) ?? {};
      return [as((place) => reachOfPrisma(config, schema, place, project))];
    }
    case 'drizzle': {
      const config = drizzlePlace(project)?.config;
      return config === null || config === undefined
        ? []
        : [
            as((place) => reachOfDrizzle(config, place, project)),
            as(
              (place) => reachOfDrizzle(config, place, project),
              root,
              (line) => `${line.replace(/ --config=\S+/, '')} --config=${quotedWord(relative(root, config).replaceAll('\\', '/'))}`,
            ),
          ];
    }
    case 'knex': {
      const config = knexSettings(project)?.config ?? null;
      return config === null ? [] : knexCandidates(config, project);
    }
    case 'sequelize': {
      const config = sequelizePlace(project)?.config ?? null;
      return config === null ? [] : [as((place) => reachOfSequelize(config, place))];
    }
    case 'rails':
      return [as((place) => reachOfRails(history.watch[0] ?? '', place, (path) => place.here(path) === project.database))];
    default:
      return [as(() => unknownReach('this tool is not known well enough'))];
  }
}

/** The last two are what scripts of the project in its root write. */
function knexCandidates(config: string, project: ProjectFolder): Candidate[] {
  const { root } = project;
  const folder = dirname(config);
  const reach: Candidate['reach'] = (place) => reachOfKnex(config, place, project);
  const from = (path: string): string => quotedWord(relative(root, path).replaceAll('\\', '/') || '.');
  const plain = (line: string): string => line.replace(/ --knexfile \S+/, '');
  return [
    { folder, line: (line) => line, reach },
    { folder: root, line: (line) => `${plain(line)} --knexfile ${from(config)}`, reach },
    { folder: root, line: (line) => `${line} --cwd ${from(folder)}`, reach },
  ];
}

/** Settings that are not those of manage.py itself are named in the command. */
function djangoCandidates(manage: string, project: ProjectFolder): Candidate[] {
  const { root } = project;
  const folder = dirname(manage);
  const way = relative(root, manage).replaceAll('\\', '/');
  const reach =
    (settings: string | null): Candidate['reach'] =>
    (place, loads) =>
      reachOfDjango({ manage, settings, loads }, place, project);
  return [
    { folder, line: (line) => line, reach: reach(null) },
    { folder: root, line: (line) => line.replace('manage.py', () => quotedWord(way)), reach: reach(null) },
    ...settingsNames(manage, project).map((name) => ({
      folder,
      line: (line: string) => `${line} --settings=${name}`,
      reach: reach(name),
    })),
  ];
}

function alembicCandidates(history: AlembicHistory, project: ProjectFolder): Candidate[] {
  const environments = history.environments.map(({ environment }) => environment);
  const [only] = environments;
  if (only === undefined) {
    return [];
  }
  if (environments.length > 1) {
    const all = (place: Place, loads: boolean): Reach =>
      agreedReach(
        environments.map((each) => reachOfAlembic(each, { ...place, folder: place.there(each.folder) ?? place.folder }, project, loads)),
      );
    return [{ folder: history.folder, line: (line) => line, reach: all }];
  }
  return only.kind === 'flask'
    ? flaskCandidates(only, project)
    : alembicFolders(only, project.root).map((folder) => alembicCandidate(only, folder, project));
}

function agreedReach(all: readonly Reach[]): Reach {
  const [first = unknownReach('nothing is known')] = all;
  return (
    all.find(({ kind }) => kind === 'unknown') ??
    (all.every((each) => JSON.stringify(each) === JSON.stringify(first)) ? first : unknownReach('its environments use several databases'))
  );
}

/** Where the environment was found to work, beside its configuration, and the folders above up to the root. */
function alembicFolders({ folder, source, scripts }: Environment, root: string): string[] {
  const folders = [folder, dirname(source)];
  for (let place = dirname(scripts); place.startsWith(root) && place !== dirname(place); place = dirname(place)) {
    folders.push(place);
    if (place === root) {
      break;
    }
  }
  return [...new Set([...folders, root])];
}

function alembicCandidate(environment: Environment, folder: string, project: ProjectFolder): Candidate {
  const { root } = project;
  const { source } = environment;
  const isFound = dirname(source) === folder && /^(?:alembic\.ini|pyproject\.toml)$/.test(basename(source));
  const isPlain = isImportable(environment, folder, root);
  const program = !isPlain && isImportable(environment, folder, root, true) ? 'python -m alembic' : 'alembic';
  const option = isFound ? '' : ` -c ${quotedWord(relative(folder, source).replaceAll('\\', '/') || basename(source))}`;
  return {
    folder,
    line: (line) => line.replace(/(^|&& )alembic(?: -c (?:"[^"]*"|\S+))?/g, (_whole, before: string) => `${before}${program}${option}`),
    reach: (place, loads) =>
      source.endsWith('.toml') && dirname(source) !== folder
        ? unknownReach('Alembic finds pyproject.toml only where it runs')
        : reachOfAlembic(environment, place, project, loads),
    isDoubtful: !isPlain && program === 'alembic',
  };
}

/** Where Flask would not find the application by itself, the command names it. */
function flaskCandidates({ folder }: Environment, project: ProjectFolder): Candidate[] {
  const name = applicationName({ folder, project });
  const reach =
    (given: string | null): Candidate['reach'] =>
    (place, loads) =>
      reachOfFlask({ folder, project }, given, place, loads);
  const named = (line: string): string => line.replace(/(^|&& )flask(?= db)/g, (whole) => `${whole} --app ${quotedWord(name ?? '')}`);
  return [{ folder, line: (line) => line, reach: reach(null) }, ...(name === null ? [] : [{ folder, line: named, reach: reach(name) }])];
}
