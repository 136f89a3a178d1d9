// The project's own script that applies its migrations, where it does exactly that: package.json, Makefile, justfile, Taskfile, bin/.
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { ComposeService } from '../../compose/compose';
import { here } from '../../platform/platform';
import { quotedWord } from '../../compose/quoting';
import type { ProjectFolder } from '../tool';
import type { Candidate } from './candidates';
import { commandsIn } from './command-line';
import type { Runner } from './command-scripts';
import { launcherLoadsEnv, scriptRunner } from './launcher';
import { withEnvFiles } from './reach/dotenv';
import { onThisMachine, type Reach } from './reach/place';
import { scriptFilesIn } from './script-files';

/** What scripts that apply migrations are called, the usual names first. */
const NAMES: readonly RegExp[] = [
  /^(?:migrate|db[:_.-]migrate|db[:_.-]upgrade|migrate[:_.-]up|upgrade[:_.-]db)$/,
  /^(?:db[:_.-](?:deploy|update|up)|migrate[:_.-](?:deploy|latest|run|apply|db)|migrations?[:_.-](?:run|apply|up|migrate)|run[:_.-]migrations?|db[:_.-]migrate[:_.-](?:deploy|latest|up|run)|prisma[:_.-]deploy|migratedb|dbmigrate|upgrade)$/,
];
const RUNNERS: readonly Runner[] = ['node', 'make', 'just', 'task', 'python'];
const SHELL_SCRIPTS = [
  'bin/migrate',
  'bin/migrate.sh',
  'bin/db-migrate',
  'scripts/migrate',
  'scripts/migrate.sh',
  'script/migrate',
  'migrate.sh',
  'scripts/db-migrate.sh',
  'scripts/upgrade-db.sh',
];
/** Commands that change nothing, and those that only prepare the shell. */
const HARMLESS = /^(?:echo|printf|set|true|:|#)(?=\s|$)/;

export interface Wanted {
  readonly project: ProjectFolder;
  readonly candidates: readonly Candidate[];
  /** The tool's own line, meant for the history's folder, e.g. "alembic upgrade head". */
  readonly line: string;
  /** Absolute folder of the tool's files. */
  readonly folder: string;
  /** Where the command would run; null: on this machine. */
  readonly service: ComposeService | null;
  isRight(reach: Reach): boolean;
}

/** The command line, typed in the root, that runs the script; null: there is none that does the same. */
export function ownScript(wanted: Wanted): string | null {
  const { root } = wanted.project;
  for (const place of [...new Set([root, wanted.folder])]) {
    const way = relative(root, place).replaceAll('\\', '/');
    const change = way === '' ? '' : `cd ${quotedWord(way)} && `;
    // Windows has no `sh`, unless Git's is on its PATH.
    const found = recipeIn(place, wanted) ?? (here.isWindows ? null : shellScriptIn(place, wanted));
    if (found !== null) {
      return `${change}${found}`;
    }
  }
  return null;
}

function recipeIn(place: string, wanted: Wanted): string | null {
  const sources = scriptFilesIn(place);
  for (const runner of RUNNERS) {
    const recipes = sources.recipes(runner, '.')?.byName ?? new Map<string, readonly string[]>();
    const names = NAMES.flatMap((pattern) => [...recipes.keys()].filter((name) => pattern.test(name)).sort((a, b) => a.length - b.length));
    // npm runs these too.
    const isAlone = (name: string): boolean => runner !== 'node' || (!recipes.has(`pre${name}`) && !recipes.has(`post${name}`));
    const name = names.find((each) => isAlone(each) && doesTheSame(recipes.get(each) ?? [], place, wanted));
    if (name !== undefined) {
      return `${programOf(runner, place, wanted.project.root)} ${name}`;
    }
  }
  return null;
}

function programOf(runner: Runner, place: string, root: string): string {
  switch (runner) {
    case 'node':
      return scriptRunner(place, root);
    case 'python':
      return existsSync(join(place, 'Pipfile')) ? 'pipenv run' : existsSync(join(place, 'pdm.lock')) ? 'pdm run' : 'poe';
    case 'make':
    case 'just':
    case 'task':
      return runner;
  }
}

function shellScriptIn(place: string, wanted: Wanted): string | null {
  const sources = scriptFilesIn(place);
  const found = SHELL_SCRIPTS.find((path) => {
    const lines = existsSync(join(place, path)) ? sources.shellScript(path) : [];
    return lines.length > 0 && doesTheSame(lines, place, wanted);
  });
  return found === undefined ? null : `sh ${found}`;
}

/** It migrates this database by the tool's own line, and does nothing else. */
function doesTheSame(lines: readonly string[], place: string, wanted: Wanted): boolean {
  let folder = place;
  let isFound = false;
  const variables = new Map<string, string>();
  for (const command of lines.flatMap((line) => commandsIn(line)).map((each) => each.trim())) {
    const [, to] = /^cd\s+["']?([^"'\s]+)["']?$/.exec(command) ?? [];
    const [, name, value] = /^export\s+(\w+)=["']?([^"']*)["']?$/.exec(command) ?? [];
    if (to !== undefined) {
      // `cd "$(dirname "$0")/.."` and the like are anybody's guess.
      if (to.includes('$')) {
        return false;
      }
      folder = resolve(folder, to);
    } else if (name !== undefined && value !== undefined && !value.includes('$')) {
      variables.set(name, value);
    } else if (!HARMLESS.test(command) && command !== '') {
      if (isFound || !isMigration(command, folder, variables, wanted)) {
        return false;
      }
      isFound = true;
    }
  }
  return isFound;
}

function isMigration(command: string, folder: string, exported: ReadonlyMap<string, string>, wanted: Wanted): boolean {
  const { candidates, project, service, line } = wanted;
  const [, assignments = '', started = ''] =
    /^(?:(?:cross-)?env\s+)?((?:\w+=(?:"[^"$]*"|'[^']*'|[^\s"'$]*)\s+)*)([^]*)$/.exec(command) ?? [];
  const { files, rest } = withoutDotenv(started, folder);
  const variables = new Map([
    ...exported,
    ...[...assignments.matchAll(/(\w+)=["']?([^"'\s]*)["']?/g)].map(([, name = '', value = '']) => [name, value] as const),
  ]);
  if (service !== null) {
    const [, name, inner = ''] = /^docker(?:-|\s+)compose\s+(?:-f\s+\S+\s+)*exec\s+(?:-T\s+|-it?\s+)*([\w.-]+)\s+([^]*)$/.exec(rest) ?? [];
    return name === service.name && candidates.some((each) => isSameLine(inner, each.line(line))) && assignments === '';
  }
  return candidates.some((each) => {
    const there = onThisMachine(each.folder);
    const world = withEnvFiles({ ...there, variable: (name: string) => variables.get(name) ?? there.variable(name) }, files);
    return (
      each.folder === folder &&
      isSameLine(rest, each.line(line)) &&
      wanted.isRight(each.reach(world, launcherLoadsEnv(folder, project.root)))
    );
  });
}

/** `dotenv -e .env.local -- x` of dotenv-cli: the absolute files that it loads, and what it then runs. */
function withoutDotenv(command: string, folder: string): { readonly files: readonly string[]; readonly rest: string } {
  const [whole = '', options = ''] = /^(?:npx\s+)?dotenv((?:\s+-e\s+[^\s"'$]+)*)\s+(?:--\s+)?(?!-)/.exec(command) ?? [];
  const named = [...options.matchAll(/-e\s+(\S+)/g)].map(([, name = '']) => name);
  const files = whole === '' ? [] : named.length === 0 ? ['.env'] : named;
  return { files: files.map((name) => resolve(folder, name)), rest: command.slice(whole.length) };
}

function isSameLine(written: string, line: string): boolean {
  return ordered(plain(written)) === ordered(plain(line));
}

/** The options of a command behind its words, in one order and one way of writing. */
function ordered(command: string): string {
  const options: string[] = [];
  const words = command.replace(
    /\s--(knexfile|cwd|config|schema|settings|app)[= ]("[^"]*"|\S+)/g,
    (_whole, name: string, value: string) => {
      options.push(`--${name} ${value.replace(/^"(.*)"$/, '$1').replace(/^\.\//, '')}`);
      return '';
    },
  );
  return [words, ...options.sort()].join(' ');
}

/** Without what only starts the tool, and what only makes it ask nothing. */
function plain(command: string): string {
  return command
    .trim()
    .replace(
      /^(?:uv run(?: --frozen| --locked| --no-sync)*|poetry run|pipenv run|pdm run|hatch run|rye run|npx(?: --no-install| --yes| -y)*|pnpm exec|pnpm|yarn(?: run)?|bunx|bun x|bundle exec)\s+/,
      '',
    )
    .replace(/^(?:\S*\/)?python[\d.]*\s+-m\s+/, '')
    .replace(/^(?:\S*\/)?(?:python[\d.]*\s+)?(?:\.\/)?(?=(?:\S*\/)?manage\.py\b)/, '')
    .replace(/^(?:tsx|ts-node|node(?:\s+(?:--import|--loader|--require|-r)[= ](?:tsx|ts-node)\S*)+)\s+(?=\S*\/(?:knex|drizzle-kit)\b)/, '')
    .replace(/^(?:ruby\s+)?(?:\S*\/)?(?=(?:alembic|flask|rails|rake|prisma|knex|drizzle-kit|sequelize)\b)/, '')
    .replace(/^sequelize(?=\s+db:)/, 'sequelize-cli')
    .replace(/^rake(?=\s+db:)/, 'rails')
    .replace(/^(flask\b.*\bdb upgrade)$/, '$1 head')
    .replace(/\s--no-?input\b/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
