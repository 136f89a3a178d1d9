// Finds a project's database, uploads and backups folder: what is told first, then layouts, configuration and file headers.
import { join, resolve } from 'node:path';
import { BackupError } from '../../errors';
import { namedByAlembicIni } from './alembic-ini';
import { namedByCompose, readComposeServices, type ComposeService } from './compose';
import { namedByEnvFiles } from './env-files';
import { databasesByHeader, hasVersionTable } from './headers';
import { contains, expandPath, isFile, isFolder, realPathOf, shown } from '../paths';
import type { Discovery, Origin, Project, ProjectRequest } from '../project';
import { namedByPythonLiterals } from './python-literals';
import { searchFiles, type FoundFiles, type SearchLimits } from './search';
import { MOST_NAMED } from '../../limits/sizes';
import { readSettings, SETTINGS_FILE } from '../settings';
import type { NamedDatabase, SourceAnswer } from './source';
import { discoverUploads, withoutNested } from './uploads';

/** The layout of PATS, recognised without any configuration. */
const PATS = { database: 'backend/data/pats.db', uploads: 'backend/uploads', signs: ['backend/alembic', 'backend/uploads'] };
const DEFAULT_BACKUPS = 'backups';

interface DatabaseAnswer {
  readonly database: string | null;
  readonly origin: Origin | null;
  readonly candidates: readonly string[];
}

/** What one discovery has looked at; the files are listed once, when a source first needs them. */
interface Search {
  readonly root: string;
  readonly searched: string[];
  readonly files: () => Promise<FoundFiles>;
  readonly services: () => Promise<readonly ComposeService[]>;
}

/** Finds everything there is to know about where a project keeps its data. Several databases are a question, not an error. */
export async function discover(request: ProjectRequest, limits?: SearchLimits): Promise<Discovery> {
  const root = await existingRoot(request);
  const settings = await readSettings(root);
  const backups = expandPath(request.backups || settings.backups || DEFAULT_BACKUPS, root);
  const search = startSearch(root, backups, request.readOnly !== true, limits);
  const found = await findDatabase(request.database || undefined, settings.database, search);
  const told = request.uploads?.length ? request.uploads : settings.uploads;
  const uploads = told
    ? await withoutNested([...new Set(told.map((folder) => expandPath(folder, root)))])
    : await findUploads(found, backups, search);
  const uploadsAreGiven = (request.uploads?.length ?? 0) > 0;
  const migrateCommand = request.migrateCommand?.trim() || settings.migrateCommand;
  const project: Project = {
    root,
    database: found.database,
    databaseOrigin: found.origin,
    uploads,
    ...(uploadsAreGiven && { uploadsAreGiven }),
    backups,
    ...(migrateCommand && { migrateCommand }),
    ...(request.readOnly === true && { readOnly: true }),
  };
  return { project, candidates: found.candidates, searched: search.searched };
}

/** The project of a request as far as the caller names it: nothing in the folder is read. Fails with PROJECT_NOT_FOUND. */
export async function unresolvedProject(request: ProjectRequest): Promise<Project> {
  const root = await existingRoot(request);
  return { root, database: null, databaseOrigin: null, uploads: [], backups: expandPath(request.backups || DEFAULT_BACKUPS, root) };
}

async function existingRoot(request: ProjectRequest): Promise<string> {
  const root = resolve(request.root);
  if (!(await isFolder(root))) {
    throw new BackupError(
      'PROJECT_NOT_FOUND',
      `There is no project folder at ${root}.`,
      'Check the path, or open the folder that holds your project.',
    );
  }
  return root;
}

/** The project of a request, for operations that cannot ask: several databases are DATABASE_AMBIGUOUS. */
export async function resolveProject(request: ProjectRequest): Promise<Project> {
  const { project, candidates } = await discover(request);
  if (candidates.length > 0) {
    const names = candidates.map((candidate) => shown(candidate, project.root)).join(', ');
    throw new BackupError(
      'DATABASE_AMBIGUOUS',
      `Several databases could be the one to protect: ${names}. Nothing was changed.`,
      'Choose one with --database, or set patsBackup.database.',
    );
  }
  return project;
}

function startSearch(root: string, backups: string, mayAsk: boolean, limits?: SearchLimits): Search {
  const searched: string[] = [];
  let files: Promise<FoundFiles> | undefined;
  let services: ComposeService[] | undefined;
  const search: Search = {
    root,
    searched,
    files: () => (files ??= searchFiles(root, [backups, join(root, DEFAULT_BACKUPS)], limits)),
    services: () => Promise.resolve((services ??= readComposeServices(root, mayAsk))),
  };
  return search;
}

async function findDatabase(flag: string | undefined, setting: string | undefined, search: Search): Promise<DatabaseAnswer> {
  const { root, searched } = search;
  if (flag || setting) {
    const database = expandPath(flag ?? setting ?? '', root);
    const from = flag ? 'The given path' : `patsBackup.database in ${SETTINGS_FILE}`;
    searched.push(`${from}: ${shown(database, root)}${(await isFile(database)) ? '.' : ', which does not exist.'}`);
    return { database, origin: flag ? 'flag' : 'setting', candidates: [] };
  }
  const layout = join(root, PATS.database);
  if (await isFile(layout)) {
    return { database: layout, origin: 'layout', candidates: [] };
  }
  searched.push(`The PATS layout: ${PATS.database} does not exist.`);
  const named: (NamedDatabase & { origin: Origin })[] = [];
  for (const { origin, label, ask } of SOURCES) {
    const all = await ask(search);
    const answer = { named: all.named.slice(0, MOST_NAMED), remarks: all.remarks.slice(0, MOST_NAMED) };
    named.push(...answer.named.map((entry) => ({ ...entry, origin })));
    const existing = await existingOf(answer.named);
    if (existing.length > 0) {
      return answerOf(existing, origin);
    }
    searched.push(...describe(label, answer));
  }
  return fallBack(named, layout, search);
}

const SOURCES: readonly { readonly origin: Origin; readonly label: string; readonly ask: (search: Search) => Promise<SourceAnswer> }[] = [
  { origin: 'alembic.ini', label: 'alembic.ini', ask: async ({ files, root }) => namedByAlembicIni(await files(), root) },
  { origin: '.env', label: '.env files', ask: async ({ files, services, root }) => namedByEnvFiles(await files(), await services(), root) },
  { origin: 'compose', label: 'Compose files', ask: async ({ services, root }) => namedByCompose(await services(), root) },
  {
    origin: 'migrations',
    label: 'env.py and settings modules',
    ask: async ({ files, root }) => namedByPythonLiterals(await files(), root),
  },
];

/** No named database exists. One that should be there keeps its place; otherwise the files themselves are looked at. */
async function fallBack(named: readonly (NamedDatabase & { origin: Origin })[], layout: string, search: Search): Promise<DatabaseAnswer> {
  const { root, searched } = search;
  const isPats = (await Promise.all(PATS.signs.map((sign) => isFolder(join(root, sign))))).includes(true);
  const missing = named.filter((entry) => entry.rank === 0 && entry.places.some((place) => contains(root, place)))[0];
  if (isPats && (missing === undefined || named.some((entry) => entry.places.includes(layout)))) {
    return { database: layout, origin: 'layout', candidates: [] };
  }
  const byHeader = await findByHeader(search);
  if (missing === undefined) {
    return byHeader.length > 0 ? answerOf(byHeader, 'header') : { database: null, origin: null, candidates: [] };
  }
  // The app may have been started in another folder: then the file has the name, but is elsewhere.
  const fileName = (path: string): string => path.split(/[\\/]/).pop() ?? path;
  const moved = byHeader.filter((file) => fileName(file) === fileName(missing.written));
  if (moved.length > 0) {
    return answerOf(moved, missing.origin);
  }
  const place = missing.places.find((path) => contains(root, path)) ?? null;
  searched.push(`The database that ${missing.from} names is not there yet: ${missing.written}.`);
  return { database: place, origin: missing.origin, candidates: [] };
}

async function findByHeader(search: Search): Promise<string[]> {
  const found = await search.files();
  const databases = await databasesByHeader(found);
  if (databases.length === 0) {
    search.searched.push(`SQLite's file header: in none of ${found.files.length.toLocaleString('en')} files of the project.`);
  }
  if (found.truncated) {
    search.searched.push(`The search stopped after ${found.entries.toLocaleString('en')} files and folders.`);
  }
  search.searched.push(...found.unreadable.map((folder) => `Not searched, because it may not be read: ${shown(folder, search.root)}.`));
  const versioned = databases.length > 1 ? databases.filter(hasVersionTable) : [];
  return versioned.length > 0 ? versioned : databases;
}

/** The files that exist of the lowest rank with any, each real file once. */
async function existingOf(named: readonly NamedDatabase[]): Promise<string[]> {
  for (const rank of [0, 1, 2]) {
    const existing = new Map<string, string>();
    for (const entry of named.filter((candidate) => candidate.rank === rank)) {
      const [place] = await filterAsync(entry.places, isFile);
      if (place !== undefined) {
        const real = await realPathOf(place);
        existing.set(real, existing.get(real) ?? place);
      }
    }
    if (existing.size > 0) {
      return [...existing.values()];
    }
  }
  return [];
}

function answerOf(databases: readonly string[], origin: Origin): DatabaseAnswer {
  const [only] = databases;
  return only !== undefined && databases.length === 1
    ? { database: only, origin, candidates: [] }
    : { database: null, origin: null, candidates: databases };
}

function describe(label: string, answer: SourceAnswer): string[] {
  const missing = answer.named.map((entry) => `${entry.from} names ${entry.written}, which does not exist.`);
  const sentences = [...new Set([...missing, ...answer.remarks])];
  return sentences.length > 0 ? sentences : [`${label}: none names a SQLite database.`];
}

async function findUploads(found: DatabaseAnswer, backups: string, search: Search): Promise<string[]> {
  // Also while the folder is missing: a restore brings it back to its place.
  if (found.database === join(search.root, PATS.database)) {
    return [join(search.root, PATS.uploads)];
  }
  return discoverUploads(search.root, found.database, backups, await search.services());
}

async function filterAsync<T>(values: readonly T[], test: (value: T) => Promise<boolean>): Promise<T[]> {
  const results = await Promise.all(values.map(test));
  return values.filter((_value, index) => results[index]);
}
