// The whole test bed: lint, types, unit tests in Node and in a real extension host, the packed extension as a user sees it.
// usage: node scripts/test.mjs [--only lint|types|unit|faults|tools|containers|filesystems|wine|host|package|e2e]... [--grep PATTERN] [--file PATH]...
// --file: only this test file of unit, faults, tools or containers, and nothing else is bundled; may be repeated.
import { existsSync, globSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleTests } from './bundle-tests.mjs';
import { runInExtensionHost } from './extension-host.mjs';
import { runInWine, runOnFilesystems } from './platform-suites.mjs';
import { packageExtension } from './package.mjs';
import { root, TARGETS } from './paths.mjs';
import { ensureComposeClient } from './compose-client.mjs';
import { lintWorkflows } from './lint-workflows.mjs';
import { must, run } from './processes.mjs';
import { installServedVscode } from './served-vscode.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

const TIMEOUT_MS = 20_000;
const LONGEST_MS = 30 * 60_000;
/** The suites that run in this Node, one folder each. */
const IN_NODE = ['unit', 'faults', 'tools', 'containers'];
/** Tests of unit that build what others use: nothing runs beside them. */
const ALONE = /\/(?:packaging\/[^/]+|npm-package\.test\.js)$/;

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, grep: { type: 'string' }, file: { type: 'string', multiple: true } },
});
const files = values.file?.map(testFile);
const bin = join(root, 'node_modules/.bin');
process.env.PATS_REPO = root;

/** Rules of the rooms, of what nobody uses, and the layout: together they take as long as those of the code. @type {readonly [string, ...string[]][]} */
const LINTERS = [
  ['depcruise', 'src', '--output-type', 'err-long'],
  ['knip', '--no-progress'],
  ['prettier', '--check', '--log-level', 'warn', '.'],
];

/** @typedef {{ passed: number, failed: number, notRun?: string }} Counts `notRun`: why nothing of it was run */
/** @type {readonly { name: string, needs: readonly ('packages' | 'build' | 'bundle' | 'vscode' | 'vsix')[], go: () => Promise<Counts> }[]} */
const SUITES = [
  {
    name: 'lint',
    needs: [],
    go: () =>
      one(async () => {
        await Promise.all([inOrder(['eslint', '.']), inOrder(...LINTERS).then(lintWorkflows)]);
      }),
  },
  { name: 'types', needs: [], go: () => one(() => inOrder(['tsc', '--noEmit', '--project', '.'])) },
  ...IN_NODE.map(
    (name) => /** @type {const} */ ({ name, needs: ['packages', 'build', 'bundle'], go: () => (name === 'unit' ? unit() : mocha(name)) }),
  ),
  { name: 'filesystems', needs: ['build', 'bundle'], go: () => runOnFilesystems('share') },
  { name: 'wine', needs: ['build', 'bundle'], go: () => runInWine('share') },
  { name: 'host', needs: ['packages', 'build', 'bundle', 'vscode'], go: () => counted((env) => runInExtensionHost(env)) },
  {
    name: 'package',
    needs: [],
    go: () =>
      one(async () => {
        console.log((await packageExtension({ targets: TARGETS })).join('\n'));
        done.add('vsix');
      }),
  },
  { name: 'e2e', needs: ['packages', 'bundle', 'vscode', 'vsix'], go: () => mocha('e2e') },
];

/** @type {Record<'packages' | 'build' | 'bundle' | 'vscode' | 'vsix', () => Promise<unknown>>} */
const PREPARATIONS = {
  packages: async () => {
    await ensureSystemPackages('test');
    await ensureComposeClient();
  },
  build: () => must(process.execPath, [join(root, 'scripts/build.mjs')]),
  bundle: () => bundleTests(files),
  vscode: () => installServedVscode(),
  vsix: () => packageExtension(),
};

const unknown = (values.only ?? []).filter((name) => !SUITES.some((suite) => suite.name === name));
if (unknown.length > 0) {
  refuse(`No such suite: ${unknown.join(', ')}. There are: ${SUITES.map((suite) => suite.name).join(', ')}.`);
}
const chosen = files === undefined ? values.only : [...new Set(files.map(folderOf))].filter((name) => values.only?.includes(name) ?? true);
if (chosen?.length === 0) {
  refuse('None of these files is in a suite that --only names.');
}

const done = new Set();
const results = [];
for (const suite of SUITES.filter(({ name }) => chosen?.includes(name) ?? true)) {
  console.log(`\n== ${suite.name}`);
  const start = performance.now();
  const counts = await attempt(suite);
  results.push({ name: suite.name, ...counts, seconds: (performance.now() - start) / 1000 });
}
report();

/**
 * The path of a test file from the repository's root; ends the run when it names none that runs in Node.
 * @param {string} path absolute, or from the root
 */
function testFile(path) {
  const file = relative(root, resolve(root, path)).replaceAll(sep, '/');
  if (!IN_NODE.includes(folderOf(file)) || !file.startsWith('test/') || !file.endsWith('.test.ts') || !existsSync(join(root, file))) {
    refuse(`${path} is no test file of ${IN_NODE.join(', ')}.`);
  }
  return file;
}

/** @param {string} file */
function folderOf(file) {
  return file.split('/')[1] ?? '';
}

/**
 * @param {string} why
 * @returns {never}
 */
function refuse(why) {
  console.error(why);
  process.exit(2);
}

/**
 * @param {SUITES[number]} suite
 * @returns {Promise<Counts>}
 */
async function attempt(suite) {
  try {
    for (const need of suite.needs.filter((name) => !done.has(name))) {
      await PREPARATIONS[need]();
      done.add(need);
    }
    return await suite.go();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1 };
  }
}

/**
 * A step that passes or fails as one.
 * @param {() => Promise<void>} go
 * @returns {Promise<Counts>}
 */
async function one(go) {
  await go();
  return { passed: 1, failed: 0 };
}

/** @param {...[string, ...string[]]} commands */
async function inOrder(...commands) {
  for (const [name, ...args] of commands) {
    if ((await run(join(bin, name), args, { cwd: root, shell: process.platform === 'win32' })) !== 0) {
      throw new Error(`${name} found something wrong.`);
    }
  }
}

/**
 * Runs one folder of suites in this Node.
 * @param {string} folder
 */
function mocha(folder) {
  return counted((env) => runMocha(bundledTests(folder), { env: { ...process.env, ...env } }));
}

/**
 * Runs test/unit: most of it waits for the disk, so that two processes share it, of which the second is shown afterwards.
 * @returns {Promise<Counts>}
 */
async function unit() {
  const files = bundledTests('unit');
  const shared = files.filter((file) => !ALONE.test(file.replaceAll(sep, '/')));
  const alone = files.filter((file) => !shared.includes(file));
  const parts = alone.length === 0 ? [] : [await counted((env) => runMocha(alone, { env: { ...process.env, ...env } }))];
  let later = '';
  /** @param {0 | 1} half */
  const halfOf = (half) => shared.filter((_, index) => index % 2 === half);
  const [first, second] = [halfOf(0), halfOf(1)];
  parts.push(
    ...(await Promise.all([
      ...(first.length === 0 ? [] : [counted((env) => runMocha(first, { env: { ...process.env, ...env } }))]),
      ...(second.length === 0
        ? []
        : [counted((env) => runMocha(second, { env: { ...process.env, ...env }, onOutput: (text) => (later += text) }))]),
    ])),
  );
  process.stdout.write(later);
  return parts.reduce((sum, { passed, failed }) => ({ passed: sum.passed + passed, failed: sum.failed + failed }), {
    passed: 0,
    failed: 0,
  });
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function bundledTests(folder) {
  const files = globSync(`out/test/${folder}/**/*.test.js`, { cwd: root }).sort();
  if (files.length === 0) {
    throw new Error(`There are no tests in test/${folder}.`);
  }
  return files;
}

/**
 * @param {readonly string[]} files
 * @param {import('node:child_process').SpawnOptions & { onOutput?: (text: string) => void }} options
 */
function runMocha(files, options) {
  const settings = ['--timeout', String(TIMEOUT_MS), '--reporter', join(root, 'test/host/reporter.cjs')];
  const grep = values.grep === undefined ? [] : ['--grep', values.grep];
  const script = join(root, 'node_modules/mocha/bin/mocha.js');
  return run(process.execPath, [script, ...settings, ...grep, ...files], { cwd: root, timeout: LONGEST_MS, ...options });
}

/**
 * Runs mocha somewhere and reads what its reporter counted.
 * @param {(env: Record<string, string>) => Promise<number>} go gives the exit code
 * @returns {Promise<Counts>}
 */
async function counted(go) {
  const folder = await mkdtemp(join(tmpdir(), 'pats-counts-'));
  const file = join(folder, 'counts.json');
  try {
    const code = await go({ PATS_TEST_COUNTS: file, ...(values.grep === undefined ? {} : { PATS_TEST_GREP: values.grep }) });
    if (!existsSync(file)) {
      throw new Error(`The tests ended with exit code ${code} before they were counted.`);
    }
    const { passes, failures } = JSON.parse(await readFile(file, 'utf8'));
    const isEmpty = passes + failures === 0 && values.grep === undefined;
    if (isEmpty) {
      console.error('No test ran.');
    }
    return { passed: passes, failed: failures === 0 && (code !== 0 || isEmpty) ? 1 : failures };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function report() {
  console.log('');
  for (const { name, passed, failed, seconds, notRun } of results) {
    const counts = `${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed ${seconds.toFixed(0).padStart(5)} s`;
    console.log(`${name.padEnd(11)} ${notRun === undefined ? counts : `      NOT RUN: ${notRun}`}`);
  }
  const sum = (/** @type {'passed' | 'failed'} */ key) => results.reduce((total, result) => total + result[key], 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = sum('failed') === 0 ? 0 : 1;
}
