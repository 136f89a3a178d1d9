// Compose's second generation for the tests with containers: Debian 13's package, unpacked for this checkout alone.
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { must } from './processes.mjs';

/** What DOCKER_CONFIG names, so that `docker compose` is there: no system folder is touched. */
const CONFIG = join(root, '.vscode-test/docker');
const PLUGIN = join(CONFIG, 'cli-plugins/docker-compose');
const SUITE = 'trixie';

/** Where the tests with containers can run: unpacks the client once. Elsewhere they say themselves why they do not. */
export async function ensureComposeClient() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get') || existsSync(PLUGIN)) {
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'pats-compose-client-'));
  try {
    const site = (await must('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages', 'Label: Debian']))
      .split('\n')
      .find((line) => /\/debian\/?$/.test(line.trim()));
    if (site === undefined) {
      throw new Error('The package docker-compose of Debian 13 is needed, and apt knows no archive of Debian.');
    }
    // Lists of their own: what else is installed here is never upgraded by them.
    for (const part of ['lists/partial', 'cache/archives/partial', 'sources']) {
      await mkdir(join(folder, part), { recursive: true });
    }
    const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
    const source = ['Types: deb', `URIs: ${site.trim()}`, `Suites: ${SUITE}`, 'Components: main', `Signed-By: ${keys}`, ''].join('\n');
    await writeFile(join(folder, 'sources/debian.sources'), source);
    const own = [
      'Dir::Etc::sourcelist=/dev/null',
      `Dir::Etc::sourceparts=${join(folder, 'sources')}`,
      `Dir::State::lists=${join(folder, 'lists')}`,
      `Dir::Cache=${join(folder, 'cache')}`,
      'APT::Sandbox::User=root',
    ].flatMap((option) => ['-o', option]);
    await must('apt-get', [...own, 'update', '--quiet'], { cwd: folder });
    await must('apt-get', [...own, 'download', 'docker-compose'], { cwd: folder });
    const [archive = ''] = (await readdir(folder)).filter((name) => name.endsWith('.deb'));
    await must('dpkg-deb', ['-x', join(folder, archive), join(folder, 'files')]);
    await mkdir(join(CONFIG, 'cli-plugins'), { recursive: true });
    await copyFile(join(folder, 'files/usr/libexec/docker/cli-plugins/docker-compose'), PLUGIN);
    await chmod(PLUGIN, 0o755);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
