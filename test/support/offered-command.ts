// A small project of one migration tool: what is offered for it is run with the real tool, and must migrate the file that was named.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { launchedHere } from '../../src/engine/migrations/commands/launcher';
import { readSchemaState } from '../../src/engine/migrations/state/state';
import type { SchemaState } from '../../src/engine/migrations/schema';
import { discover } from '../../src/engine/project/discovery/discovery';
import { platformOf } from '../../src/engine/platform/platform';
import { typedLines } from '../../src/engine/platform/shell';
import { emptyProject, type MigrationsProject } from './migrations-project';
import { npmTool } from './npm-tools';
import { OFFERED, powershellProblem } from './offered-lines';
import { execute } from './sqlite';
import { newForEachTest, newForSuite } from './stand-in';

const repository = process.env['PATS_REPO'] ?? process.cwd();

export interface Layout {
  readonly files: Readonly<Record<string, string>>;
  /** What status names without a setting, from the root. */
  readonly database: string;
  /** It is there already, made by these statements: a path that several folders could have is then no guess. */
  readonly exists?: string;
  /** What must be offered; a pattern: nothing, and why. */
  readonly command: string | RegExp;
  /** Its packages are linked into the root. */
  readonly node?: Parameters<typeof npmTool>[0];
  /** Set in the terminal, and in whatever starts the extension. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Databases that the project's own configuration has migrated by the same command. */
  readonly others?: readonly string[];
}

/** A database without tables. */
export const EMPTY = 'CREATE TABLE t(x); DROP TABLE t';

/** A test for each layout; a name says what is special about it. */
export function provesOffers(layouts: Readonly<Record<string, Layout>>): void {
  const project = newForEachTest(emptyProject);
  const programs = newForSuite(namesOfPrograms);
  for (const [what, layout] of Object.entries(layouts)) {
    const title = layout.command instanceof RegExp ? 'is not offered, and it is said why' : 'migrates the file that was named';
    it(`${title}: ${what}`, async () => {
      await inEnvironment(layout.variables ?? {}, () => prove(layout, project, programs.folder));
    });
  }
}

async function prove(
  { files, database, exists, command, node, others = [] }: Layout,
  project: MigrationsProject,
  programs: string,
): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    chmodSync(project.write(path, text), text.startsWith('#!') ? 0o755 : 0o644);
  }
  mkdirSync(join(project.root, database, '..'), { recursive: true });
  if (exists !== undefined) {
    execute(join(project.root, database), exists);
  }
  if (node !== undefined) {
    linkPackages(npmTool(node), project.root);
  }
  const before = await stateOf(project.root, database);
  if (command instanceof RegExp) {
    assert.equal(before.commands.apply, undefined);
    assert.match(before.commandProblem ?? '', command);
    return;
  }
  assert.equal(before.commands.apply, command, before.commandProblem ?? JSON.stringify(before));
  // What is run in every shell with stand-ins for the tools.
  assert.ok(OFFERED.includes(command.replace(PYTHON, 'python')), `${command} is missing in OFFERED`);
  const inPowershell = (Object.values(before.commands) as string[]).flatMap((each) =>
    typedLines(withWindowsPrograms(each, project.root), WINDOWS),
  );
  assert.deepEqual(inPowershell.map(powershellProblem).filter(Boolean), []);
  const result = spawnSync('sh', ['-c', command], {
    cwd: project.root,
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: [programs, dirname(process.execPath), '/usr/bin', process.env['PATH']].join(delimiter),
      PYTHONDONTWRITEBYTECODE: '1',
      NODE_PATH: programs,
      PATS_REPO: repository,
      ...(node === 'prisma' && PRISMA),
    },
  });
  const output = result.stdout + result.stderr;
  assert.equal(result.status, 0, output);
  assert.equal((await stateOf(project.root, database)).state, 'current', output);
  assert.deepEqual(databasesIn(project.root), [database, ...others].sort());
}

const WINDOWS = platformOf('win32');

function withWindowsPrograms(command: string, root: string): string {
  // In a folder without lock files: these are in the line already.
  const nowhere = join(root, 'no-such-folder');
  return launchedHere(command, nowhere, nowhere, nowhere, WINDOWS) ?? '';
}

/** The tool's packages, and dotenv of this repository. */
function linkPackages(tool: string, root: string): void {
  const folder = join(tool, 'node_modules');
  mkdirSync(join(root, 'node_modules'));
  for (const name of readdirSync(folder)) {
    symlinkSync(join(folder, name), join(root, 'node_modules', name));
  }
  const dotenv = join(root, 'node_modules/dotenv');
  if (!existsSync(dotenv)) {
    symlinkSync(join(repository, 'node_modules/dotenv'), dotenv);
  }
}

async function stateOf(root: string, database: string): Promise<SchemaState> {
  const { project, question } = await discover({ root });
  assert.equal(question, null);
  assert.equal(project.database === null ? null : relative(root, project.database).replaceAll('\\', '/'), database);
  return readSchemaState(project);
}

/** It wants a query engine to be there, of which no command of the migrations makes use. */
const PRISMA = { CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1', PRISMA_QUERY_ENGINE_LIBRARY: process.execPath };

/** The name of Python on this machine. */
export const PYTHON = spawnSync('python', ['--version']).status === 0 ? 'python' : 'python3';

/** Programs, and modules of Node: Debian's Python, whichever comes first here, and Bundler: Debian's Ruby brings it under another name; sqlite3. */
function namesOfPrograms(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'pats-programs-'));
  symlinkSync('/usr/bin/python3', join(folder, PYTHON));
  symlinkSync(join(repository, 'test/support/sqlite3-module.cjs'), join(folder, 'sqlite3.js'));
  const bundle = join(folder, 'bundle');
  writeFileSync(bundle, '#!/bin/sh\nexec ruby -e \'load Gem.bin_path("bundler", "bundle")\' -- "$@"\n');
  chmodSync(bundle, 0o755);
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function inEnvironment(variables: Readonly<Record<string, string>>, act: () => Promise<void>): Promise<void> {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    await act();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) {
        Reflect.deleteProperty(process.env, name);
      } else {
        process.env[name] = value;
      }
    }
  }
}

function databasesIn(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:db|sqlite3?)$/.test(entry.name) && !entry.parentPath.includes('node_modules'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}
