// Upload folders of a project without settings: what its tools and compose files name, then the usual names in the usual places.
import { readdirSync } from 'node:fs';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { MOST_NAMED } from '../../limits/sizes';
import { isFolder, lookOf } from '../../migrations/reading/look';
import { isAside, isLibrary } from '../../migrations/reading/vendored';
import { FRAMEWORKS } from '../../migrations/tools/frameworks';
import type { ProjectFolder } from '../../migrations/tool';
import type { ComposeService } from './compose';
import { contains, realPathOf } from '../paths';
import { uploadsWhereStarted } from './started';
import { namedByVariables } from './upload-variables';

const MOUNTED = /upload|media|attachment/i;
/** Names that mean nothing else. */
const USUAL = ['uploads', 'upload', 'media', 'attachments', 'user_uploads', 'user-uploads', 'userfiles', 'user_files'];
/** Below a folder with an application: Strapi, Flask, Ghost, Laravel, CodeIgniter, ASP.NET, Phoenix. */
const USUAL_PATHS = [
  'public/uploads',
  'static/uploads',
  'public/media',
  'app/static/uploads',
  'content/images',
  'content/media',
  'content/files',
  'storage/app',
  'writable/uploads',
  'wwwroot/uploads',
  'priv/static/uploads',
];
/** Where applications are kept. */
const APPS = ['', 'backend', 'server', 'api', 'app', 'src', 'web', 'www', 'instance', 'data'];
/** Names that mean uploads beside a database in a folder of data. */
const IN_DATA = [
  'files',
  'file',
  'assets',
  'images',
  'photos',
  'pictures',
  'avatars',
  'documents',
  'docs',
  'attachment',
  'storage',
  'uploaded',
  'originals',
  'covers',
  'library',
];
const LOOKS_LIKE =
  /^(?:(?:user|.*[-_])?(?:uploads?|uploaded|media|attachments?|files?|avatars|photos|documents|receipts|invoices|pictures)|(?:profile|user|product)[-_]?(?:pics?|images?|imgs?|content))$/i;
const MADE_AGAIN = /cache|tmp|temp|^logs?$|backup|index|static|^db$|session|lock/i;
const MODULES = new Set('.py .pyc .js .ts .mjs .cjs .jsx .tsx .vue .svelte .rb .php .go .rs .java .cs .ex .exs'.split(' '));
const CODE = new Set([
  ...MODULES,
  ...'.css .scss .html .erb .haml .slim .jbuilder .ejs .hbs .twig .jinja .c .h .md .lock .toml'.split(' '),
]);
const DATABASE_FILES = /\.(?:db|db3|sqlite|sqlite3)(?:-(?:wal|shm|journal))?$|^\.(?:keep|gitkeep|gitignore)$/i;

export interface Uploads {
  /** Existing folders inside the project. */
  readonly folders: readonly string[];
  /** None of these is taken, but they look like uploads, lie beside the database, or are named and lie outside of the project. */
  readonly lookLike: readonly string[];
}

/** Never a folder with the backups, or with the database deep in it. */
export async function discoverUploads(project: ProjectFolder, backups: string, services: readonly ComposeService[]): Promise<Uploads> {
  const { root, database } = project;
  const mounted = services
    .flatMap(({ mounts }) => mounts)
    .flatMap(({ host, container }) => (host !== null && MOUNTED.test(`${basename(host)}/${basename(container)}`) ? [host] : []));
  const named = [
    ...FRAMEWORKS.flatMap((tool) => tool.uploads?.(project) ?? []),
    ...namedByVariables(project, services),
    ...uploadsWhereStarted(project, services),
  ]
    .map(({ path }) => path)
    .filter(holdsMoreThanDatabases);
  const beside = database === null ? [] : [dirname(database), dirname(dirname(database))];
  const bases = [...beside, ...APPS.map((name) => join(root, name)), ...lookOf(project).folders.filter(isApplication)];
  const { modules, others } = foldersWith(lookOf(project).files);
  const usual = [...new Set(bases)]
    .flatMap((folder) => [...USUAL, ...USUAL_PATHS].map((name) => join(folder, name)))
    .filter((each) => isFolder(each) && !isCode(each));
  const inData = database !== null && isDataFolder(dirname(database), root) ? IN_DATA.map((name) => join(dirname(database), name)) : [];
  const isFit = (folder: string): boolean =>
    contains(root, folder) &&
    folder !== root &&
    isFolder(folder) &&
    !(database !== null && contains(folder, dirname(database)) && folder !== dirname(database)) &&
    !contains(folder, backups) &&
    !contains(backups, folder);
  const folders = [...new Set([...mounted, ...named, ...usual, ...inData])].filter(isFit).slice(0, MOST_NAMED);
  const taken = await withoutNested(folders);
  // Nobody replaces what lies elsewhere because a file of the project says so.
  const outside = named.filter((folder) => !contains(root, folder) && !contains(folder, root) && namesIn(folder).length > 0);
  return {
    folders: taken,
    lookLike: await withoutNested([
      ...(taken.length > 0 ? [] : [...likeUploads(project), ...mountedBeside(project, services)].filter(isFit)),
      ...besideData(project).filter((folder) => isFit(folder) && !taken.some((each) => contains(each, folder) || contains(folder, each))),
      ...new Set(outside),
    ]),
  };

  /** A part of the program that is called like what it is about. */
  function isCode(folder: string): boolean {
    return modules.has(folder) && !others.has(folder);
  }

  function isApplication(folder: string): boolean {
    return ['package.json', 'manage.py', 'artisan', 'app.py', 'wsgi.py'].some((name) =>
      lookOf(project).filesIn(folder).includes(join(folder, name)),
    );
  }
}

/** Folders that have modules of a program somewhere below them, and those that have anything else. */
function foldersWith(files: readonly string[]): { readonly modules: ReadonlySet<string>; readonly others: ReadonlySet<string> } {
  const modules = new Set<string>();
  const others = new Set<string>();
  for (const file of files.filter((each) => !basename(each).startsWith('.'))) {
    const found = MODULES.has(extname(file).toLowerCase()) ? modules : others;
    for (let folder = dirname(file); !found.has(folder); folder = dirname(folder)) {
      found.add(folder);
    }
  }
  return { modules, others };
}

/** Drops folders that are named twice or lie inside another one: a file is backed up once. */
export async function withoutNested(folders: readonly string[]): Promise<string[]> {
  const real = await Promise.all(folders.map(realPathOf));
  return folders.filter((_folder, index) =>
    real.every((other, otherIndex) => {
      const own = real[index] ?? '';
      return otherIndex === index || (own === other ? index < otherIndex : !contains(other, own));
    }),
  );
}

/** Folders below the project that are called like uploads and hold something that is no code. */
function likeUploads(project: ProjectFolder): string[] {
  const look = lookOf(project);
  const named = look.folders.filter((folder) => LOOKS_LIKE.test(basename(folder))).slice(0, MOST_NAMED);
  return named.filter((folder) => {
    const way = relative(project.root, folder);
    if (isAside(join(way, 'x')) || isLibrary(join(folder, 'x'), project.root)) {
      return false;
    }
    const files = look.files.filter((file) => file.startsWith(folder + sep));
    return files.length > 0 && !files.some((file) => CODE.has(extname(file).toLowerCase()));
  });
}

/** What lies beside the database in a folder of data is the application's, too, unless it can be made again. */
function besideData(project: ProjectFolder): string[] {
  const { root, database } = project;
  if (database === null || !isDataFolder(dirname(database), root)) {
    return [];
  }
  const look = lookOf(project);
  return look.folders.filter(
    (folder) =>
      dirname(folder) === dirname(database) &&
      !MADE_AGAIN.test(basename(folder)) &&
      look.files.some((file) => file.startsWith(folder + sep) && !DATABASE_FILES.test(basename(file))),
  );
}

/** What a service with the database keeps on this machine as well. */
function mountedBeside(project: ProjectFolder, services: readonly ComposeService[]): string[] {
  const { database } = project;
  const look = lookOf(project);
  const folders = services
    .map(({ mounts }) => mounts.flatMap(({ host }) => host ?? []))
    .filter((hosts) => database !== null && hosts.some((host) => contains(host, database)))
    .flat();
  return folders.filter((folder) => {
    const files = look.files.filter((file) => file.startsWith(folder + sep));
    return (
      !(database !== null && contains(folder, database)) &&
      !MADE_AGAIN.test(basename(folder)) &&
      files.some((file) => !DATABASE_FILES.test(basename(file))) &&
      !files.some((file) => CODE.has(extname(file).toLowerCase()))
    );
  });
}

/** A folder of data, and not one with code. */
function isDataFolder(folder: string, root: string): boolean {
  return folder !== root && !namesIn(folder).some((name) => CODE.has(extname(name).toLowerCase()) || name === 'package.json');
}

/** Not a folder in which only databases lie, such as storage/ of Rails. An empty one may be filled tomorrow. */
function holdsMoreThanDatabases(folder: string): boolean {
  const names = namesIn(folder);
  return (
    names.length === 0 ||
    !names.some((name) => DATABASE_FILES.test(name) && !name.startsWith('.')) ||
    names.some((name) => !DATABASE_FILES.test(name))
  );
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
