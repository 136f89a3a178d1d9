// How the project itself starts its tools: with the program whose lock file it keeps, or from its virtual environment.
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { ComposeService } from '../../compose/compose';
import { imageOf } from './dockerfile';
import { here, type Platform } from '../../platform/platform';
import { pythonPrograms, typedPath } from '../../platform/shell';

/** A file beside the code, what the tools are then started with, and where a container's files would mention it. */
type Launcher = readonly [file: string, prefix: string, mention: RegExp];

const PYTHON: readonly Launcher[] = [
  ['uv.lock', 'uv run', /\buv["',\s]+run\b/],
  ['poetry.lock', 'poetry run', /\bpoetry["',\s]+run\b/],
  ['pdm.lock', 'pdm run', /\bpdm["',\s]+run\b/],
  ['Pipfile', 'pipenv run', /\bpipenv["',\s]+run\b/],
];
const NODE: readonly Launcher[] = [
  ['pnpm-lock.yaml', 'pnpm exec', /\bpnpm\b/],
  ['yarn.lock', 'yarn', /\byarn\b/],
  ['bun.lock', 'bunx', /\bbunx?\b/],
  ['bun.lockb', 'bunx', /\bbunx?\b/],
  ['package-lock.json', 'npx', /\bnp[mx]\b/],
];
const PYTHON_PROGRAM = /(^|&& |\()(alembic|flask|python)(?= )/g;
const NODE_PROGRAM = /(^|&& |\()npx(?= )/g;
/** A script without an ending is no program to Windows. */
const RAILS = /(^|&& |\()bin\/rails(?= )/g;
/** What nothing but the system's own Python starts. */
const BARE_PYTHON = /(^|&& |\()python(?= )/g;
const ENVIRONMENTS = ['.venv', 'venv', 'env'];

/**
 * The command line, meant for `folder`, as it is typed on this machine. `code` is where the tool's files are, if that is another
 * folder; null: the program that the project starts its tools with cannot be used from there.
 */
export function launchedHere(line: string, folder: string, root: string, code: string = folder, platform: Platform = here): string | null {
  const started = line.replace(RAILS, (_whole, before: string) => `${before}${platform.isWindows ? 'ruby ' : ''}bin/rails`);
  const launched = launchedBy(started, folder, root, code, platform);
  return launched === null ? null : withInstalledPython(launched, platform);
}

function launchedBy(line: string, folder: string, root: string, code: string, platform: Platform): string | null {
  for (const place of upwards(code, root)) {
    const launcher = lockedIn(place, PYTHON);
    if (launcher !== undefined) {
      const prefix = prefixFrom(launcher, place, folder, line);
      return prefix === null ? null : forNode(withPrefix(line, prefix), code, root);
    }
    const programs = programsIn(place, platform);
    if (programs !== null) {
      return forNode(fromEnvironment(line, programs, folder), code, root);
    }
  }
  return forNode(line, code, root);
}

/** The line with Python under the name that this machine has it by. */
export function withInstalledPython(line: string, platform: Platform = here, path: string = process.env['PATH'] ?? ''): string {
  const folders = path.split(platform.path.delimiter).filter((folder) => folder !== '');
  const names = pythonPrograms(platform);
  const installed = names.find((name) => folders.some((folder) => isProgram(join(folder, name)))) ?? names[0];
  return line.replace(BARE_PYTHON, (_whole, before: string) => `${before}${installed}`);
}

/** A lock file is found in the folder and those above it; uv alone is told where else it is without working there. */
function prefixFrom([file, prefix]: Launcher, place: string, folder: string, line: string): string | null {
  const way = relative(place, folder);
  const isAbove = way === '' || !way.startsWith('..');
  const isPython = line.search(PYTHON_PROGRAM) >= 0;
  return isAbove || !isPython ? prefix : file === 'uv.lock' ? `${prefix} --project ${typedPath(relative(folder, place), here)}` : null;
}

/** Whether the launcher reads `.env` for what it starts. */
export function launcherLoadsEnv(folder: string, root: string): boolean {
  return locked(folder, root, PYTHON)[0]?.[1] === 'pipenv run';
}

/** `npm run`, `pnpm run` and the like. */
export function scriptRunner(folder: string, root: string): string {
  const [launcher] = locked(folder, root, NODE);
  return { 'pnpm exec': 'pnpm run', yarn: 'yarn run', bunx: 'bun run' }[launcher?.[1] ?? ''] ?? 'npm run';
}

/** The same for a container: its image may hold the tools without the program that installed them. */
export function launchedInService(line: string, service: ComposeService, folder: string, root: string): string {
  const image = service.build === null ? null : imageOf(service.build);
  const isMentioned = ([, , mention]: Launcher): boolean => mention.test(service.runs) || mention.test(image?.text ?? '');
  const first = (launchers: readonly Launcher[]): Launcher | undefined => locked(folder, root, launchers).find(isMentioned);
  const python = first(PYTHON);
  const node = first(NODE);
  return withRunner(python === undefined ? line : withPrefix(line, python[1]), node?.[1] ?? 'npx');
}

function forNode(line: string, folder: string, root: string): string {
  const [launcher] = locked(folder, root, NODE);
  return withRunner(line, launcher?.[1] ?? 'npx');
}

function withPrefix(line: string, prefix: string): string {
  return line.replace(PYTHON_PROGRAM, (_whole, before: string, name: string) => `${before}${prefix} ${name}`);
}

function withRunner(line: string, runner: string): string {
  return line.replace(NODE_PROGRAM, (_whole, before: string) => `${before}${runner}`);
}

/** Only for programs that are really there; a command that changes its folder first is left as it is. */
function fromEnvironment(line: string, programs: string, folder: string): string {
  const way = join(relative(folder, programs), '/');
  return line.includes('(cd ') || !/^[\w./\\-]+$/.test(way)
    ? line
    : line.replace(PYTHON_PROGRAM, (whole, before: string, name: string) =>
        isProgram(join(programs, name)) ? `${before}${way}${name}` : whole,
      );
}

function isProgram(file: string): boolean {
  return existsSync(file) || existsSync(`${file}.exe`);
}

function programsIn(place: string, platform: Platform): string | null {
  const environment = ENVIRONMENTS.map((name) => join(place, name)).find((folder) => existsSync(join(folder, 'pyvenv.cfg')));
  return environment === undefined ? null : join(environment, platform.isWindows ? 'Scripts' : 'bin');
}

function lockedIn(place: string, launchers: readonly Launcher[]): Launcher | undefined {
  return launchers.find(([file]) => existsSync(join(place, file)));
}

/** Nearest first. */
function locked(folder: string, root: string, launchers: readonly Launcher[]): Launcher[] {
  return upwards(folder, root)
    .map((place) => lockedIn(place, launchers))
    .filter((launcher) => launcher !== undefined);
}

/** The folder and those above it, as far as the project goes. */
function upwards(folder: string, root: string): string[] {
  const above = dirname(folder);
  const isWithin = !relative(root, folder).startsWith('..') && folder !== root && above !== folder;
  return isWithin ? [folder, ...upwards(above, root)] : [folder];
}
