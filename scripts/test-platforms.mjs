// What other systems promise, whole: the unit suites on every Node of VS Code and of the command line, mounted file systems, Wine.
// usage: node scripts/test-platforms.mjs [node|filesystems|wine|version]...
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { bundleTests } from './bundle-tests.mjs';
import { fileFromNpm } from './npm-program.mjs';
import { root } from './paths.mjs';
import { runInWine, runOnFilesystems } from './platform-suites.mjs';
import { must, run } from './processes.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

/** The oldest that is promised, the newest of its line, and the newest of all. */
const VERSIONS = ['22.15.1', '22', '24'];
const TIMEOUT_MS = 40_000;
const LONGEST_MS = 30 * 60_000;

const asked = process.argv.slice(2);
const isAsked = (/** @type {string} */ name) => asked.length === 0 || asked.includes(name);
const named = asked.filter((word) => /^\d/.test(word));
const versions = named.length > 0 ? named : isAsked('node') ? VERSIONS : [];
process.env.PATS_REPO = root;
await ensureSystemPackages('test');
await must(process.execPath, [join(root, 'scripts/build.mjs')]);
await bundleTests(
  globSync(['test/unit/**/*.test.ts', 'test/filesystems/*.test.ts', 'test/wine/*.test.ts', 'test/faults/kill-at-step.test.ts'], {
    cwd: root,
  }),
);
/** @type {Record<string, string>} */
const results = {};
for (const version of versions) {
  console.log(`\n== unit on Node ${version}`);
  const isWindows = process.platform === 'win32';
  const name = `node-${isWindows ? 'win' : process.platform}-${process.arch}`;
  const node = await fileFromNpm(name, version, isWindows ? 'bin/node.exe' : 'bin/node');
  const files = globSync('out/test/unit/**/*.test.js', { cwd: root }).sort();
  const mocha = join(root, 'node_modules/mocha/bin/mocha.js');
  const code = await run(node, [mocha, '--timeout', String(TIMEOUT_MS), '--reporter', 'dot', ...files], { cwd: root, timeout: LONGEST_MS });
  results[`unit on Node ${version}`] = code === 0 ? 'passed' : 'FAILED';
}
for (const [name, go] of /** @type {const} */ ([
  ['filesystems', runOnFilesystems],
  ['wine', runInWine],
])) {
  if (isAsked(name)) {
    console.log(`\n== ${name}`);
    const { passed, failed, notRun } = await go('whole');
    results[name] = notRun === undefined ? `${passed} passed, ${failed === 0 ? 'none failed' : `${failed} FAILED`}` : `NOT RUN: ${notRun}`;
  }
}
console.log('');
for (const [name, result] of Object.entries(results)) {
  console.log(`${name.padEnd(22)} ${result}`);
}
process.exitCode = Object.values(results).some((result) => result.includes('FAILED')) ? 1 : 0;
