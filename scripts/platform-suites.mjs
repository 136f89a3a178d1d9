// The suites of other systems, where they can run; where root and Debian's packages are there they have no excuse.
import { filesystemsObstacle, testOnFilesystems } from './filesystems-suite.mjs';
import { ensureSystemPackages, mayInstall, missingPackages } from './system-packages.mjs';
import { testInWine } from './wine-suite.mjs';
import { wineObstacle } from './wine.mjs';

/**
 * @typedef {'share' | 'whole'} Extent every time, or everything
 * @typedef {{ passed: number, failed: number, notRun?: string }} Counts
 */

/** @param {Extent} extent */
export function runInWine(extent) {
  return where('wine', wineObstacle(), () => testInWine(extent));
}

/** @param {Extent} extent */
export function runOnFilesystems(extent) {
  return where('filesystems', filesystemsObstacle(), () => testOnFilesystems(extent));
}

/**
 * @param {'wine' | 'filesystems'} purpose
 * @param {string | null} obstacle
 * @param {() => Promise<Counts>} go
 * @returns {Promise<Counts>}
 */
async function where(purpose, obstacle, go) {
  const missing = missingPackages(purpose).map(({ name }) => name);
  const notRun = obstacle ?? (missing.length > 0 && !mayInstall() ? `${missing.join(', ')} must be installed first.` : null);
  if (notRun !== null) {
    console.log(`NOT RUN: ${notRun}`);
    return { passed: 0, failed: 0, notRun };
  }
  await ensureSystemPackages(purpose);
  return go();
}
