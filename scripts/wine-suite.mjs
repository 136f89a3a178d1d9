// The unit suites and the kill suite on Node for Windows: in Wine, without what Wine itself cannot do.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleOf, runGroups } from './groups.mjs';
import { root } from './paths.mjs';
import { Wine } from './wine.mjs';

/** A group that takes longer hangs. */
const LONGEST_MS = { share: 5 * 60_000, whole: 20 * 60_000 };
const ROOMS = [
  'store',
  'create',
  'restore',
  'verify',
  'transfer',
  'cli',
  'rpc',
  'sqlite',
  'platform',
  'files',
  'retention',
  'repair',
  'project',
];

/** @typedef {'share' | 'whole'} Extent every time, or everything */

/**
 * Runs them on what is bundled in out/test and built in dist.
 * @param {Extent} extent
 */
export async function testInWine(extent) {
  const { share, gaps } = JSON.parse(readFileSync(join(root, 'test/wine/wine.json'), 'utf8'));
  /** @type {readonly import('./groups.mjs').Group[]} */
  const groups = extent === 'share' ? share : whole();
  const bundles = groups.flatMap(({ files }) => files.map(bundleOf));
  // Wine has bad moments, also when it begins.
  const wine = await Wine.start(bundles).catch(() => Wine.start(bundles));
  try {
    const inWine = await runGroups({
      name: 'Wine',
      groups,
      gaps,
      folder: wine.drive('repo'),
      mocha: (config, lines, output) =>
        wine.node(['node_modules/mocha/bin/mocha.js', '--config', config], {
          output: wine.drive('repo', output),
          timeout: LONGEST_MS[extent],
          env: { PATS_TEST_LINES: `C:\\repo\\${lines}` },
        }),
    });
    await wine.makeFolder('project');
    const atConsole = await runGroups({
      name: 'Console',
      groups: [{ name: 'console', files: ['test/wine/console.test.ts'] }],
      gaps: [],
      folder: wine.home,
      mocha: (config, lines, output) =>
        wine.mochaHere(join(wine.home, config), join(wine.home, lines), join(wine.home, output), LONGEST_MS.share),
    });
    return { passed: inWine.passed + atConsole.passed, failed: inWine.failed + atConsole.failed };
  } finally {
    wine.remove();
  }
}

function whole() {
  const rooms = ROOMS.map((name) => ({ name, files: globSync(`test/unit/${name}/**/*.test.ts`, { cwd: root }).sort() }));
  return [...rooms, { name: 'kills', files: ['test/faults/kill-at-step.test.ts'] }];
}
