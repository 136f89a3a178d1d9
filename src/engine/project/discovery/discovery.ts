// Finds a project's database, uploads and backups folder: what is told first, then what evidence speaks for.
import { join, resolve } from 'node:path';
import { BackupError } from '../../errors';
import { Look, lookOf, shareLook, type LookLimits } from '../../migrations/reading/look';
import type { ProjectFolder } from '../../migrations/tool';
import { expandPath, isFile, isFolder, shown } from '../paths';
import type { Candidate, Discovery, Origin, Project, ProjectRequest } from '../project';
import { readSettings, SETTINGS_FILE } from '../settings';
import { writtenPlace, type ContainerPlace } from '../../compose/place';
import { gather, type Found } from './candidates';
import { readComposeServices, type ComposeService } from './compose';
import { containedDatabases, containedUploads, placeOfWritten, type Contained } from './contained';
import { choose, type Choice } from './ranking';
import { askSources, type Answers } from './sources';
import { discoverUploads, withoutNested, type Uploads } from './uploads';
import { counted, inRow, said } from '../../said';

/** The layout of PATS, recognised without any configuration. */
const PATS = { database: 'backend/data/pats.db', uploads: 'backend/uploads', signs: ['backend/alembic', 'backend/uploads'] };
const DEFAULT_BACKUPS = 'backups';

type DatabaseAnswer = Pick<Choice, 'question' | 'candidates' | 'notProtected'> & {
  readonly database: string | null;
  readonly origin: Origin | null;
  readonly place?: ContainerPlace;
  readonly searched: readonly string[];
};

/** How projects were found, for whoever got one from `discover`. */
const discoveries = new WeakMap<Project, Discovery>();

/** Everything that was found out together with this project; undefined: it does not come from `discover`. */
export function discoveryOf(project: Project): Discovery | undefined {
  return discoveries.get(project);
}

/** The same project with the copies of what lies in containers, and all that was found out about it. */
export function withCopies(
  project: Project,
  copies: Pick<Project, 'database' | 'uploads' | 'copies' | 'delivery' | 'outOfReach' | 'pausedMs' | 'asOf' | 'throughService'>,
): Project {
  const reached = shareLook({ ...project, ...copies }, lookOf(project));
  const discovery = discoveryOf(project);
  if (discovery !== undefined) {
    discoveries.set(reached, { ...discovery, project: reached });
  }
  return reached;
}

/** Finds everything there is to know about where a project keeps its data. Several databases are a question, not an error. */
export async function discover(request: ProjectRequest, limits?: LookLimits): Promise<Discovery> {
  const root = await existingRoot(request);
  const settings = await readSettings(root);
  const backups = expandPath(request.backups || settings.backups || DEFAULT_BACKUPS, root);
  const look = new Look(root, [backups, join(root, DEFAULT_BACKUPS)], limits);
  const asked: ProjectFolder = { root, database: null, readOnly: request.readOnly === true };
  const services = readComposeServices(shareLook(asked, look));
  const found =
    request.database || settings.database
      ? await told(request.database, settings.database, shareLook(asked, look))
      : await findDatabase(shareLook(asked, look), services);
  const named = request.uploads?.length ? request.uploads : settings.uploads;
  const uploads: Uploads = named
    ? {
        folders: await withoutNested([
          ...new Set(named.filter((each) => placeOfWritten(asked, each) === null).map((folder) => expandPath(folder, root))),
        ]),
        lookLike: [],
      }
    : found.database === join(root, PATS.database)
      ? // Also while the folder is missing: a restore brings it back to its place.
        { folders: [join(root, PATS.uploads)], lookLike: [] }
      : await discoverUploads(shareLook({ root, database: found.database }, look), backups, services);
  const uploadPlaces = named
    ? named.flatMap((each) => placeOfWritten(asked, each) ?? [])
    : found.place === undefined
      ? []
      : containedUploads(asked, found.place);
  const uploadsAreGiven = (request.uploads?.length ?? 0) > 0;
  const migrateCommand = request.migrateCommand?.trim() || settings.migrateCommand;
  const project: Project = {
    root,
    database: found.database,
    databaseOrigin: found.origin,
    ...(found.place && { databasePlace: found.place }),
    ...(uploadPlaces.length > 0 && { uploadPlaces }),
    uploads: uploads.folders,
    ...(uploadsAreGiven && { uploadsAreGiven }),
    backups,
    ...(migrateCommand && { migrateCommand }),
    ...(request.readOnly === true && { readOnly: true }),
  };
  const { candidates, question, notProtected, searched } = found;
  const discovery = { project, candidates, question, notProtected, uploadsLookLike: uploads.lookLike, searched };
  discoveries.set(shareLook(project, look), discovery);
  return discovery;
}

/** The project of a request as far as the caller names it: nothing in the folder is read. Fails with PROJECT_NOT_FOUND. */
export async function unresolvedProject(request: ProjectRequest): Promise<Project> {
  const root = await existingRoot(request);
  return { root, database: null, databaseOrigin: null, uploads: [], backups: expandPath(request.backups || DEFAULT_BACKUPS, root) };
}

/** What is known of a project in which nobody has looked. */
export function undiscovered(project: Project): Discovery {
  return { project, candidates: [], question: null, notProtected: [], uploadsLookLike: [], searched: [] };
}

async function existingRoot(request: ProjectRequest): Promise<string> {
  const root = resolve(request.root);
  if (!(await isFolder(root))) {
    throw new BackupError(
      'PROJECT_NOT_FOUND',
      said`There is no project folder at ${root}.`,
      'Check the path, or open the folder that holds your project.',
    );
  }
  return root;
}

/** The project of a request, for operations that cannot ask: several databases are DATABASE_AMBIGUOUS. */
export async function resolveProject(request: ProjectRequest): Promise<Project> {
  return clearProject(await discover(request));
}

/** The project of a discovery. Fails with DATABASE_AMBIGUOUS where somebody has to be asked. */
export function clearProject({ project, candidates, question }: Discovery): Project {
  if (question !== null) {
    const named = candidates.map(({ path, reasons }) => said`${shown(path, project.root)} (${inRow(reasons, '; ')})`);
    throw new BackupError(
      'DATABASE_AMBIGUOUS',
      said`Several databases could be the one to protect: ${inRow(named, ', ')}. ${question} Nothing was changed.`,
      said`Choose one with --database, or keep the choice as patsBackup.database in ${SETTINGS_FILE}.`,
      { choices: candidates.map(({ path, reasons }) => ({ path, reasons })) },
    );
  }
  return project;
}

async function told(flag: string | undefined, setting: string | undefined, folder: ProjectFolder): Promise<DatabaseAnswer> {
  const { root } = folder;
  const written = flag || setting || '';
  const from = flag ? 'the given path' : `patsBackup.database in ${SETTINGS_FILE}`;
  const origin = flag ? 'flag' : 'setting';
  const place = placeOfWritten(folder, written);
  const database = expandPath(written, root);
  const exists = place === null && (await isFile(database));
  // A path that was right while the data lay here may lead into a volume by now.
  const contained = place === null && !exists ? containedDatabases(folder, [database]).filter(({ isNamed }) => !isNamed) : [];
  const [only] = contained;
  const inContainer = place ?? (contained.length === 1 ? only?.place : undefined);
  const capital = `${from.charAt(0).toUpperCase()}${from.slice(1)}`;
  const state = exists ? [] : inContainer === undefined ? ['it does not exist yet'] : (only?.reasons ?? []);
  return {
    database: inContainer === undefined ? database : null,
    origin,
    ...(inContainer && { place: inContainer }),
    question: null,
    candidates: [
      { path: inContainer === undefined ? database : writtenPlace(inContainer), reasons: [said`${from} names it`, ...state], chosen: true },
    ],
    notProtected: [],
    searched: [
      exists || place !== null
        ? said`${capital}: ${place === null ? shown(database, root) : written}.`
        : said`${capital}: ${shown(database, root)}, which does not exist.`,
    ],
  };
}

async function findDatabase(folder: ProjectFolder, services: readonly ComposeService[]): Promise<DatabaseAnswer> {
  const { all, inContainers, ...answer } = await findFile(folder, services);
  const named = all.filter(({ exists, mentions }) => !exists && mentions.some(({ mention }) => mention.rank === 0));
  const isAbsent = answer.database !== null && !(await isFile(answer.database));
  const absent = [...(isAbsent && answer.database !== null ? [answer.database] : []), ...named.map(({ path }) => path)];
  return withContainers(answer, containedDatabases(folder, [...new Set(absent)], inContainers), all, isAbsent);
}

/** What compose files say of a database in a container, beside what lies on this machine. */
function withContainers(answer: DatabaseAnswer, contained: readonly Contained[], all: readonly Found[], isAbsent: boolean): DatabaseAnswer {
  // What nothing names may have been restored aside, or be from before there was a volume.
  const isClear = !all.some(({ exists, isEmpty, mentions }) => exists && !isEmpty && mentions.some(({ mention }) => mention.rank === 0));
  const isOpen = answer.question === null && (answer.database === null || isAbsent);
  const meant = contained.filter(({ isNamed }) => isNamed || (isClear && isOpen));
  const [first, second] = meant;
  if (first === undefined) {
    return answer;
  }
  const candidates = (chosen: Contained | null): DatabaseAnswer['candidates'] => [
    ...meant.map((each) => ({ path: writtenPlace(each.place), reasons: each.reasons, chosen: each === chosen })),
    ...answer.candidates
      .filter(({ path }) => all.some((found) => found.path === path && found.exists))
      .map((each) => ({ ...each, chosen: false })),
  ];
  const why = !isClear
    ? said`The service ${first.place.service} has a database that only its container reaches, but there is one on this machine as well.`
    : second !== undefined
      ? 'The compose files name several databases that only containers reach.'
      : first.doubt;
  return why === null
    ? {
        ...answer,
        database: null,
        origin: 'compose',
        place: first.place,
        question: null,
        candidates: candidates(first),
        notProtected: all.filter(({ exists, isEmpty, aside }) => exists && !isEmpty && aside === null).map(({ path }) => path),
      }
    : { ...answer, database: null, origin: null, question: why, candidates: candidates(null), notProtected: [] };
}

type FileAnswer = DatabaseAnswer & { readonly all: readonly Found[]; readonly inContainers: Answers['inContainers'] };

async function findFile(folder: ProjectFolder, services: readonly ComposeService[]): Promise<FileAnswer> {
  const { root } = folder;
  const layout = join(root, PATS.database);
  const answers = askSources(folder, services);
  const { inContainers } = answers;
  const hasLayout = await isFile(layout);
  const all = await gather(folder, hasLayout ? withLayout(answers, layout) : answers);
  const choice = choose(all, answers, root);
  const isPats = (await Promise.all(PATS.signs.map((sign) => isFolder(join(root, sign))))).includes(true);
  const searched = searchedIn(folder, answers, all, hasLayout);
  const namesLayout = choice.chosen?.path === layout;
  const isGuess = choice.chosen !== null && choice.origin === 'header';
  if (!hasLayout && isPats && (choice.chosen === null ? !all.some(({ aside }) => aside === null) : namesLayout)) {
    const absent = { path: layout, reasons: ['the project is laid out like PATS', 'it does not exist yet'], chosen: true };
    const others = choice.candidates.filter(({ path }) => path !== layout);
    return {
      database: layout,
      origin: 'layout',
      question: null,
      candidates: [absent, ...others],
      notProtected: choice.notProtected,
      searched,
      all,
      inContainers,
    };
  }
  if (!hasLayout && isPats && isGuess) {
    const question = said`The project is laid out like PATS, whose database ${PATS.database} does not exist.`;
    const candidates = choice.candidates.map((each) => ({ ...each, chosen: false }));
    return { database: null, origin: null, question, candidates, notProtected: [], searched, all, inContainers };
  }
  const { chosen, origin, question, notProtected } = choice;
  const look = lookOf(folder);
  // In a part that nobody has seen there may be another one.
  const limit = look.truncated && origin === 'header' ? [said`the search stopped after ${counted(look.entries)} files and folders`] : [];
  const isLimited = (each: Candidate): boolean => each.chosen && limit.length > 0;
  const candidates = choice.candidates.map((each) => (isLimited(each) ? { ...each, reasons: [...each.reasons, ...limit] } : each));
  return {
    database: chosen?.path ?? null,
    origin,
    question,
    candidates,
    notProtected: question === null ? notProtected : [],
    searched,
    all,
    inContainers,
  };
}

function withLayout(answers: Answers, layout: string): Answers {
  const mention = {
    from: 'The layout of PATS',
    written: PATS.database,
    places: [layout],
    rank: 0 as const,
    origin: 'layout' as const,
    byTool: true,
  };
  return { ...answers, named: [mention, ...answers.named] };
}

function searchedIn(folder: ProjectFolder, { named, searched }: Answers, all: readonly Found[], hasLayout: boolean): string[] {
  const look = lookOf(folder);
  const missing = named.filter((each) => !all.some(({ exists, mentions }) => exists && mentions.some(({ mention }) => mention === each)));
  const headers = all.filter(({ exists }) => exists).length;
  return [
    ...(hasLayout ? [] : [said`The PATS layout: ${PATS.database} does not exist.`]),
    ...new Set(missing.map(({ from, written }) => said`${from} names ${written}, which does not exist.`)),
    ...searched,
    ...(headers === 0 ? [said`SQLite's file header: in none of ${counted(look.files.length)} files of the project.`] : []),
    ...(look.truncated ? [said`The search stopped after ${counted(look.entries)} files and folders.`] : []),
    ...look.unreadable.map((place) => said`Not searched, because it may not be read: ${shown(place, folder.root)}.`),
  ];
}
