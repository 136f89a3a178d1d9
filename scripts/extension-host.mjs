// Runs the bundled suites inside a real extension host, opened on a new working copy of the example.
import { runTests } from '@vscode/test-electron';
import { globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cache, root } from './paths.mjs';
import { must } from './processes.mjs';

/**
 * @param {Record<string, string>} env for the tests
 * @returns {Promise<number>} the exit code
 */
export async function runInExtensionHost(env) {
  const folder = await mkdtemp(join(tmpdir(), 'pats-host-'));
  try {
    const workspace = join(folder, 'pats');
    await must(process.execPath, [join(root, 'examples/pats/build.mjs'), workspace]);
    return await runTests({
      ...(hasDesktopBuild() ? {} : { vscodeExecutablePath: join(root, 'test/host/launcher.mjs') }),
      cachePath: cache,
      // The second one uses the exports of the first.
      extensionDevelopmentPath: [root, join(root, 'test/host/neighbour')],
      extensionTestsPath: join(root, 'out/test/vscode/index.js'),
      extensionTestsEnv: { ...env, PATS_REPO: root },
      launchArgs: [workspace],
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'number') {
      return error.code;
    }
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The desktop build is fetched where a desktop can be expected; elsewhere one that was fetched before is used. */
function hasDesktopBuild() {
  const wish = process.env.PATS_TEST_HOST;
  return wish === undefined ? process.platform !== 'linux' || globSync('vscode-linux-*', { cwd: cache }).length > 0 : wish === 'desktop';
}
