// Makes the VSIX of each platform target and checks what is in it.
// usage: node scripts/package.mjs [--target TARGET]... [--repository ADDRESS]
// Without a target: all of them. The address stands in the page and the metadata; by default it is that of git's "origin".
import { cp, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createVSIX, listFiles, PackageManager } from '@vscode/vsce';
import { extensionPage } from './extension-page.mjs';
import { problemsOf } from './package-check.mjs';
import { localTarget, root, TARGETS } from './paths.mjs';
import { must } from './processes.mjs';

const SQLITE = 'dist/node_modules/better-sqlite3';
const PAGE = 'docs/extension-page.md';
const NOTICES = 'ThirdPartyNotices.txt';
/** Of package.json, what only those who work on the source need. */
const FOR_DEVELOPERS = ['scripts', 'devDependencies', 'dependencies', 'allowScripts', 'bin'];

/**
 * Builds and packs the extension for platform targets.
 * @param {{ targets?: readonly string[], repository?: string | null }} [options] by default for this machine
 * @returns {Promise<readonly string[]>} the VSIX files
 */
export async function packageExtension({ targets = [localTarget], repository = origin() } = {}) {
  await must(process.execPath, [join(root, 'scripts/build.mjs'), '--production'], { cwd: root });
  const stage = join(root, 'out/stage');
  await rm(stage, { recursive: true, force: true });
  await fill(stage, repository);
  const packages = [];
  for (const target of targets) {
    packages.push(await pack(stage, target));
  }
  await rm(stage, { recursive: true });
  return packages;
}

/**
 * Everything but the native library, as it is shipped.
 * @param {string} stage
 * @param {string | null} repository
 */
async function fill(stage, repository) {
  const files = await listFiles({ cwd: root, packageManager: PackageManager.None });
  for (const file of files.filter((path) => !path.endsWith('.node'))) {
    await put(join(root, file), join(stage, file));
  }
  await cp(join(root, '.vscodeignore'), join(stage, '.vscodeignore'));
  // Types alone: as a declaration file it is what other extensions compile against.
  await cp(join(root, 'src/ui/api/api.ts'), join(stage, 'api.d.ts'));
  await rename(join(stage, 'dist', NOTICES), join(stage, NOTICES));
  const manifest = Object.entries(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const shipped = Object.fromEntries(manifest.filter(([key]) => !FOR_DEVELOPERS.includes(key)));
  const places = repository === null ? {} : placesOf(repository);
  await writeFile(join(stage, 'package.json'), `${JSON.stringify({ ...shipped, types: './api.d.ts', ...places }, null, 2)}\n`);
  await writeFile(join(stage, 'README.md'), extensionPage(join(root, PAGE), repository));
}

/**
 * @param {string} stage
 * @param {string} target
 */
async function pack(stage, target) {
  const library = `${SQLITE}/prebuilds/${target.replace('alpine', 'linuxmusl')}.node`;
  await rm(join(stage, dirname(library)), { recursive: true, force: true });
  await put(join(root, library), join(stage, library));
  const vsix = join(root, 'out', `pats-backup-${target}.vsix`);
  await createVSIX({
    cwd: stage,
    packagePath: vsix,
    target,
    dependencies: false,
    allowMissingRepository: true,
    // The page was made for its place already.
    rewriteRelativeLinks: false,
  });
  const problems = await problemsOf(vsix, target);
  if (problems.length > 0) {
    throw new Error(`${vsix} is not clean:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
  return vsix;
}

/**
 * @param {string} from
 * @param {string} to
 */
async function put(from, to) {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to);
}

/** @param {string} address of the repository, without ".git" */
function placesOf(address) {
  return { homepage: `${address}#readme`, repository: { type: 'git', url: `${address}.git` }, bugs: { url: `${address}/issues` } };
}

/** The address at which people find the source: of git's remote "origin", when that is on a public host. */
function origin() {
  try {
    const url = execFileSync('git', ['remote', 'get-url', 'origin'], { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
    const [, host, path] = /^(?:https:\/\/|ssh:\/\/git@|git@)(github\.com|gitlab\.com)[/:](.+?)(?:\.git)?\/?$/.exec(url) ?? [];
    return host === undefined ? null : `https://${host}/${path}`;
  } catch {
    return null;
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { target: { type: 'string', multiple: true }, repository: { type: 'string' } } });
  const repository = values.repository?.replace(/(\.git)?\/?$/, '') ?? origin();
  const unknown = (values.target ?? []).filter((target) => !TARGETS.includes(target));
  if (unknown.length > 0) {
    console.error(`There is no target ${unknown.join(', ')}. There are: ${TARGETS.join(', ')}.`);
    process.exit(2);
  }
  for (const vsix of await packageExtension({ targets: values.target ?? TARGETS, repository })) {
    console.log(`${vsix} (${((await stat(vsix)).size / 1024 / 1024).toFixed(1)} MB)`);
  }
  if (repository === null) {
    console.log('Where the source is published is not known: the packages name no repository, and their page has no pictures.');
    console.log('Give the address with --repository ADDRESS.');
  }
}
