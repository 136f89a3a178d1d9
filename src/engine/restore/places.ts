// Which places a restore may replace: what the project itself names, never its sources, its backups or what is around it.
import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { BackupError } from '../errors';
import { isInside, isSafeRelative, resolvedPath } from '../files/paths';
import type { Project } from '../project/project';
import { said } from '../said';

/** Folders whose files other programs run or obey, wherever in a path they stand. */
const NEVER = new Set(['.git', '.github', '.vscode', '.devcontainer', '.husky', '.idea', 'node_modules']);

const DATABASE_NAME = /\.(?:db|db3|sqlite|sqlite3|s3db|sl3)$/i;

/**
 * The place with links resolved, if it may be replaced. Fails with REFUSED: it belongs to git, to an editor or to the backups,
 * it holds the project, or it lies outside of the project and nobody but files of the project names it.
 */
export function requireReplaceable(project: Project, place: string, what: 'database' | 'uploads'): string {
  const host = project.throughService?.hosts[place];
  if (host !== undefined) {
    // What is replaced in the end is the file of this machine.
    requireReplaceable({ ...project, copies: {}, throughService: { service: '', hosts: {} } }, host, what);
    return resolvedPath(place);
  }
  const live = resolvedPath(place);
  if (Object.keys(project.copies ?? {}).some((copy) => resolvedPath(copy) === live)) {
    // What stands for it in a container is named by the project's own files or settings, and only a container has it.
    return live;
  }
  const root = resolvedPath(project.root);
  const words = what === 'database' ? 'The database' : 'The uploads folder';
  const option = what === 'database' ? '--database or patsBackup.database' : '--uploads or patsBackup.uploads';
  const reason = forbidden(project, root, live, what);
  if (reason !== null) {
    throw new BackupError(
      'REFUSED',
      said`${words} ${live} is not replaced: ${reason}. Nothing was changed.`,
      said`Name another place with ${option}.`,
    );
  }
  const isGiven = what === 'database' ? project.databaseOrigin === 'flag' : project.uploadsAreGiven === true;
  if (!isGiven && !isWithin(root, live)) {
    throw new BackupError(
      'REFUSED',
      said`${words} ${live} is outside of the project, and only files of the project name it. Nothing was changed.`,
      said`If it is the right place, name it on the command line with --${what} "${live}", or in VS Code with the setting patsBackup.${what}.`,
    );
  }
  return live;
}

/**
 * Where a backup's database came from, for a project in which no database was found: only a new file, in a place where
 * nothing but a database is expected. null: it must be named.
 */
export function newDatabasePlace(project: Project, source: string | undefined): string | null {
  if (
    source === undefined ||
    !isSafeRelative(source) ||
    // In a container.
    source.includes(':') ||
    !DATABASE_NAME.test(source) ||
    source.split('/').some((part) => part.startsWith('.'))
  ) {
    return null;
  }
  const path = resolvedPath(join(project.root, source));
  return isInside(resolvedPath(project.root), path) && !existsSync(path) ? path : null;
}

function forbidden(project: Project, root: string, live: string, what: 'database' | 'uploads'): string | null {
  const backups = resolvedPath(project.backups);
  if (isWithin(backups, live) || (what === 'uploads' && isWithin(live, backups))) {
    return 'the backups are there';
  }
  if (isWithin(live, root)) {
    return 'it is the folder of the project itself, or one that holds it';
  }
  // A place that is given may lie anywhere, e.g. in the home folder of a program that is called so.
  const parts = isWithin(root, live) ? relative(folded(root), folded(live)).split(sep) : [folded(live).split(sep).at(-1) ?? ''];
  const special = parts.find((part) => NEVER.has(plain(part)));
  return special === undefined ? null : said`files in ${special} are run or obeyed by other programs`;
}

/** File systems may ignore case and the way an accent is written, and Windows dots and spaces at the end of a name. */
function folded(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

function plain(part: string): string {
  // Characters that some file systems leave out of a name (HFS+), and NTFS's names of streams.
  return (
    part
      .replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g, '')
      .split(':', 1)[0]
      ?.replace(/[. ]+$/, '') ?? ''
  );
}

function isWithin(folder: string, path: string): boolean {
  return isInside(folded(folder), folded(path));
}
