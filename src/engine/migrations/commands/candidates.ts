// The ways in which a tool's command can be typed, each with the database that it would then migrate.
import { basename, dirname, join, relative } from 'node:path';
import { quotedWord } from '../../compose/quoting';
import type { AlembicHistory } from '../tools/alembic/alembic';
import type { Environment } from '../tools/alembic/environment';
import { placeOf as drizzlePlace } from '../tools/drizzle/config';
import { settingsNames } from '../tools/django/settings';
import { settingsOf as knexSettings } from '../tools/knex/config';
import { prismaProject } from '../tools/prisma/project';
import type { MigrationHistory, ProjectFolder } from '../tool';
import { isImportable, reachOfAlembic } from './reach/alembic';
import { reachOfDjango } from './reach/django';
import { applicationIn, reachOfFlask, withFlaskFiles } from './reach/flask';
import { reachOfDrizzle, reachOfKnex, reachOfPrisma } from './reach/node';
import { unknownReach, type Place, type Reach } from './reach/place';
import { reachOfRails } from './reach/rails';

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
      return [as((place) => reachOfPrisma(config, schema, place, root))];
    }
    case 'drizzle': {
      const config = drizzlePlace(project)?.config;
      return config === null || config === undefined
        ? []
        : [
            as((place) => reachOfDrizzle(config, place, root)),
            as(
              (place) => reachOfDrizzle(config, place, root),
              root,
              (line) => `${line.replace(/ --config=\S+/, '')} --config=${quotedWord(relative(root, config).replaceAll('\\', '/'))}`,
            ),
          ];
    }
    case 'knex': {
      const config = knexSettings(project)?.config ?? null;
      return config === null ? [] : [as((place) => reachOfKnex(config, place, root))];
    }
    case 'rails':
      return [as((place) => reachOfRails(history.watch[0] ?? '', place, (path) => place.here(path) === project.database))];
    default:
      return [as(() => unknownReach('this tool is not known well enough'))];
  }
}

/** Settings that are not those of manage.py itself are named in the command. */
function djangoCandidates(manage: string, project: ProjectFolder): Candidate[] {
  const { root } = project;
  const folder = dirname(manage);
  const way = relative(root, manage).replaceAll('\\', '/');
  const reach =
    (settings: string | null): Candidate['reach'] =>
    (place, loads) =>
      reachOfDjango({ manage, settings, loads }, place, root);
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
        environments.map((each) =>
          reachOfAlembic(each, { ...place, folder: place.there(each.folder) ?? place.folder }, project.root, loads),
        ),
      );
    return [{ folder: history.folder, line: (line) => line, reach: all }];
  }
  return only.kind === 'flask'
    ? [flaskCandidate(only, project)]
    : alembicFolders(only, project.root).map((folder) => alembicCandidate(only, folder, project.root));
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

function alembicCandidate(environment: Environment, folder: string, root: string): Candidate {
  const { source } = environment;
  const isFound = dirname(source) === folder && /^(?:alembic\.ini|pyproject\.toml)$/.test(basename(source));
  const option = isFound ? '' : ` -c ${quotedWord(relative(folder, source).replaceAll('\\', '/') || basename(source))}`;
  return {
    folder,
    line: (line) => line.replace(/(^|&& )alembic(?: -c (?:"[^"]*"|\S+))?/g, (_whole, before: string) => `${before}alembic${option}`),
    reach: (place, loads) =>
      source.endsWith('.toml') && dirname(source) !== folder
        ? unknownReach('Alembic finds pyproject.toml only where it runs')
        : reachOfAlembic(environment, place, root, loads),
    isDoubtful: !isImportable(environment, folder, root),
  };
}

function flaskCandidate({ folder }: Environment, project: ProjectFolder): Candidate {
  const nameOf = (place: Place): string | null => applicationIn(folder, project, place)?.name ?? null;
  return {
    folder,
    line: (line) => {
      const name = nameOf(
        withFlaskFiles({ folder, variable: (key) => process.env[key], there: (file) => file, here: (path) => path }, project.root),
      );
      return name === null ? line : line.replace(/(^|&& )flask(?= db)/g, (whole) => `${whole} --app ${name}`);
    },
    reach: (place) => {
      const world = withFlaskFiles(place, project.root);
      const application = applicationIn(folder, project, world);
      return application === null
        ? unknownReach('Flask does not find the application: there is no FLASK_APP, app.py or wsgi.py')
        : reachOfFlask(application, project, world);
    },
  };
}
