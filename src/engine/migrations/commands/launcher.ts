// How the project itself starts its tools: with the program whose lock file it keeps, or from its virtual environment.
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { ComposeService } from './compose-service';
import { textOf } from '../reading/folder-search';

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
const ENVIRONMENTS = ['.venv', 'venv', 'env'];

/** The command line, meant for `folder`, as it is typed on this machine. */
export function launchedHere(line: string, folder: string, root: string): string {
  for (const place of upwards(folder, root)) {
    const launcher = lockedIn(place, PYTHON);
    if (launcher !== undefined) {
      return forNode(withPrefix(line, launcher[1]), folder, root);
    }
    const programs = programsIn(place);
    if (programs !== null) {
      return forNode(fromEnvironment(line, programs, folder), folder, root);
    }
  }
  return forNode(line, folder, root);
}

/** The same for a container: its image may hold the tools without the program that installed them. */
export function launchedInService(line: string, service: ComposeService, folder: string, root: string): string {
  const image = service.buildFolder === null ? null : textOf(join(service.buildFolder, 'Dockerfile'));
  const isMentioned = ([, , mention]: Launcher): boolean => mention.test(service.runs) || mention.test(image ?? '');
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
  return line.replace(PYTHON_PROGRAM, `$1${prefix} $2`);
}

function withRunner(line: string, runner: string): string {
  return line.replace(NODE_PROGRAM, `$1${runner}`);
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

function programsIn(place: string): string | null {
  const environment = ENVIRONMENTS.map((name) => join(place, name)).find((folder) => existsSync(join(folder, 'pyvenv.cfg')));
  return environment === undefined ? null : join(environment, process.platform === 'win32' ? 'Scripts' : 'bin');
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
