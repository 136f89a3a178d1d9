// The unit suites on every Node that is promised: those of VS Code and of the command line.
// usage: node scripts/test-platforms.mjs [version]...
import { existsSync, globSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleTests } from './bundle-tests.mjs';
import { cache, root } from './paths.mjs';
import { must, run } from './processes.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

/** The oldest that is promised, the newest of its line, and the newest of all. */
const VERSIONS = ['22.15.1', '22', '24'];
const TIMEOUT_MS = 40_000;
const LONGEST_MS = 30 * 60_000;

const asked = process.argv.slice(2);
const versions = asked.length > 0 ? asked : VERSIONS;
process.env.PATS_REPO = root;
await ensureSystemPackages('test');
await must(process.execPath, [join(root, 'scripts/build.mjs')]);
await bundleTests(globSync('test/unit/**/*.test.ts', { cwd: root }));
const failed = [];
for (const version of versions) {
  const node = await nodeOf(version);
  console.log(`\n== unit on Node ${version}`);
  const files = globSync('out/test/unit/**/*.test.js', { cwd: root }).sort();
  const mocha = join(root, 'node_modules/mocha/bin/mocha.js');
  const code = await run(node, [mocha, '--timeout', String(TIMEOUT_MS), '--reporter', 'dot', ...files], { cwd: root, timeout: LONGEST_MS });
  if (code !== 0) {
    failed.push(version);
  }
}
console.log(failed.length === 0 ? `All passed on Node ${versions.join(', ')}.` : `Failed on Node ${failed.join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;

/**
 * The program of a version, out of npm's package for this platform.
 * @param {string} version
 */
async function nodeOf(version) {
  const folder = join(cache, 'node', version);
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const program = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(program)) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await must('npm', ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `${name}@${version}`]);
  }
  return program;
}
