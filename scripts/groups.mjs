// Groups of test files that run on another system or disk than this one, without the tests that cannot succeed there.
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * @typedef {{ name: string, files: readonly string[], grep?: string }} Group `grep`: only those of the files' tests
 * @typedef {{ title: string, why: string }} Gap a test by its full title, and why it cannot succeed there
 * @typedef {{ state: 'begun' | 'passed' | 'skipped' | 'failed' | 'done', file: string, title: string, error?: string }} Line
 * @typedef {{ passed: number, failed: number }} Counts
 */

const TEST_MS = 60_000;

/**
 * Runs the groups one after the other. A group that fails is run once more, whole: what stands between the tests and the disk has bad
 * moments, but what the product does wrong it does wrong twice.
 * @param {object} place
 * @param {string} place.name
 * @param {readonly Group[]} place.groups
 * @param {readonly Gap[]} place.gaps
 * @param {string} place.folder where mocha's configuration and its answers are written
 * @param {(config: string, lines: string, output: string) => Promise<boolean>} place.mocha runs it with these file names in that
 *   folder; false: it did not come to an end
 * @returns {Promise<Counts>}
 */
export async function runGroups({ name, groups, gaps, folder, mocha }) {
  let [passed, failed, skipped] = [0, 0, 0];
  for (const group of groups) {
    const start = performance.now();
    let result = await attempt(group, gaps, folder, mocha);
    if (result.failed.length > 0) {
      const first = result;
      console.log(`  ${group.name}: once more, because of`);
      for (const { title, error } of first.failed) {
        console.log(`    "${title}": ${error?.split('\n', 2).join(' ') ?? ''}`);
      }
      result = await attempt(group, gaps, folder, mocha);
    }
    passed += result.passed;
    failed += result.failed.length;
    skipped += result.skipped;
    console.log(`  ${group.name.padEnd(12)} ${result.passed} passed, ${((performance.now() - start) / 1000).toFixed(0)} s`);
    for (const { file, title, error } of result.failed) {
      console.error(`\n${file}: ${title}\n${error ?? ''}`);
    }
  }
  console.log(`  ${name}: ${gaps.length} tests left out that cannot succeed there, ${skipped} not meant for it`);
  return { passed, failed };
}

/**
 * @param {Group} group
 * @param {readonly Gap[]} gaps
 * @param {string} folder
 * @param {(config: string, lines: string, output: string) => Promise<boolean>} mocha
 */
async function attempt({ files, grep = '' }, gaps, folder, mocha) {
  const [config, lines, output] = ['.mocharc.json', 'lines.jsonl', 'output.txt'];
  await rm(join(folder, lines), { force: true });
  await writeFile(join(folder, output), '');
  const pattern = `^(?!(?:${gaps.map(({ title }) => plain(title)).join('|')})$)(?=.*(?:${grep}))`;
  // In a file, because a command line of Windows is short.
  const choice = { timeout: TEST_MS, exit: true, grep: pattern, spec: files.map(bundleOf), reporter: 'test/host/lines-reporter.cjs' };
  await writeFile(join(folder, config), JSON.stringify(choice));
  const isEnded = await mocha(config, lines, output);
  const found = existsSync(join(folder, lines)) ? linesIn(readFileSync(join(folder, lines), 'utf8')) : [];
  const of = (/** @type {Line['state']} */ state) => found.filter((line) => line.state === state);
  const isDone = isEnded && of('done').length > 0;
  const last = found.at(-1);
  /** @type {Line} */
  const unfinished = {
    state: 'failed',
    file: last?.file ?? files.join(' '),
    title: last?.title ?? 'does not begin',
    error: `It did not come to an end.\n${readFileSync(join(folder, output), 'utf8').trim().slice(-2000)}`,
  };
  return { passed: of('passed').length, skipped: of('skipped').length, failed: [...of('failed'), ...(isDone ? [] : [unfinished])] };
}

/**
 * @param {string} text
 * @returns {Line[]}
 */
function linesIn(text) {
  return text
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line));
}

/** @param {string} file */
export function bundleOf(file) {
  return file.replace(/^test\//, 'out/test/').replace(/\.ts$/, '.js');
}

/** @param {string} title */
function plain(title) {
  return title.replace(/[/\\^$.*+?()[\]{}|]/g, '\\$&');
}
