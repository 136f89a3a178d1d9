// The program that answers to `docker compose`, and how it is told which files are meant.
import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import type { ComposeFiles } from './files';
import { quotedWord } from './quoting';

/** Where Docker looks for its plugins. */
const PLUGINS = [
  process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker'),
  '/usr/libexec/docker',
  '/usr/lib/docker',
  '/usr/local/lib/docker',
  '/usr/local/libexec/docker',
  '/opt/homebrew/lib/docker',
  join(process.env['ProgramFiles'] ?? '/', 'Docker'),
  join(process.env['ProgramData'] ?? '/', 'Docker'),
].map((folder) => join(folder, 'cli-plugins'));

/** `docker compose`, or `docker-compose` where only that program is installed. */
export function composeCommand(path: string = process.env['PATH'] ?? '', plugins: readonly string[] = PLUGINS): string {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  const isThere = (folder: string): boolean =>
    isExecutable(join(folder, 'docker-compose')) || isExecutable(join(folder, 'docker-compose.exe'));
  return !plugins.some(isThere) && folders.some(isThere) ? 'docker-compose' : 'docker compose';
}

/** Whether there is a Compose that can work out files: the plugin, or a program of its own that is none of the first generation's scripts. */
export function canWorkOut(path: string = process.env['PATH'] ?? '', plugins: readonly string[] = PLUGINS): boolean {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  const programs = (name: string, places: readonly string[]): string[] =>
    places.flatMap((folder) => [join(folder, name), join(folder, `${name}.exe`)]).filter(isExecutable);
  const hasPlugin = programs('docker', folders).length > 0 && programs('docker-compose', plugins).length > 0;
  return (
    hasPlugin || (composeCommand(path, plugins) === 'docker-compose' && programs('docker-compose', folders).some((file) => !isScript(file)))
  );
}

function isScript(file: string): boolean {
  const start = Buffer.alloc(2);
  const descriptor = openSync(file, 'r');
  try {
    return readSync(descriptor, start) === 2 && start.toString('latin1') === '#!';
  } finally {
    closeSync(descriptor);
  }
}

/** The files that Compose must be told, as words after the program, from `place`; empty: it finds them. */
export function fileOptions(project: Pick<ComposeFiles, 'files' | 'rank'>, place: string): string[] {
  const isFound = project.rank === 0 || (project.rank === 1 && dirname(project.files[0] ?? '') === place);
  return isFound ? [] : project.files.flatMap((file) => ['-f', relative(place, file).replaceAll('\\', '/')]);
}

/** `docker compose` with the files it must be told, from the project's root. */
export function composeOf(project: Pick<ComposeFiles, 'files' | 'rank'>, root: string, compose: string = composeCommand()): string {
  return [compose, ...fileOptions(project, root).map(quotedWord)].join(' ');
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
