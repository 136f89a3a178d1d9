// Where things are in this repository.
import { join, resolve } from 'node:path';

/** The repository's root; bundled tests are told by the environment. */
export const root = process.env.PATS_REPO ?? resolve(import.meta.dirname, '..');

/** Everything that is fetched, made or kept by running this project; git ignores it. */
export const cache = join(root, '.vscode-test');

/** The platform targets that there is a package for, as VSIX packages name them. */
export const TARGETS = ['linux', 'alpine', 'darwin', 'win32'].flatMap((system) => [`${system}-x64`, `${system}-arm64`]);

/** The platform target of this machine, as VSIX packages name it. */
export const localTarget = `${isMusl() ? 'alpine' : process.platform}-${process.arch}`;

function isMusl() {
  const report = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return process.platform === 'linux' && report.header.glibcVersionRuntime === undefined;
}
