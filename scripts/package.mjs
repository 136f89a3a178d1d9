// Makes the VSIX for one platform target and checks what is in it.
// usage: node scripts/package.mjs [--target linux-x64]
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';
import { localTarget, root } from './paths.mjs';
import { must } from './processes.mjs';

const LARGEST_BYTES = 5 * 1024 * 1024;
/** Of what the editor reads when the extension wakes up; everything else is read with its first use. */
const LARGEST_AT_ACTIVATION = 150 * 1000;
const NEEDED = [
  'package.json',
  'readme.md',
  'changelog.md',
  'LICENSE.txt',
  'dist/extension.js',
  'dist/engine.js',
  'dist/cli.js',
  'dist/cli-engine.js',
  'dist/dump-loader.js',
  'dist/cli-main.js',
];
const ALLOWED = /^(package(\.nls[.\w-]*)?\.json|readme\.md|changelog\.md|LICENSE\.txt|bin\/|dist\/|l10n\/|media\/|schemas\/)/;
const SOURCE = /\.map$|\.tsx?$|(^|\/)(test|tests|scripts|src)\//;
const SQLITE = 'dist/node_modules/better-sqlite3';

/**
 * Builds and packs the extension for a platform target.
 * @returns {Promise<string>} the VSIX
 */
export async function packageExtension(target = localTarget) {
  await must(process.execPath, [join(root, 'scripts/build.mjs'), '--production', '--target', target], { cwd: root });
  await mkdir(join(root, 'out'), { recursive: true });
  const vsix = join(root, 'out', `pats-backup-${target}.vsix`);
  await createVSIX({
    cwd: root,
    packagePath: vsix,
    target,
    dependencies: false,
    allowMissingRepository: true,
    // Without a published repository there is nothing to point them to.
    rewriteRelativeLinks: false,
  });
  const problems = check((await entriesOf(vsix)).sort(), (await stat(vsix)).size, target);
  const atActivation = (await stat(join(root, 'dist/extension.js'))).size;
  if (atActivation > LARGEST_AT_ACTIVATION) {
    problems.push(`dist/extension.js has ${atActivation} bytes, more than ${LARGEST_AT_ACTIVATION}`);
  }
  if (problems.length > 0) {
    throw new Error(`${vsix} is not clean:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
  return vsix;
}

/**
 * What is wrong with a package's content.
 * @param {readonly string[]} files
 * @param {number} bytes
 * @param {string} target
 */
function check(files, bytes, target) {
  const sqlite = files.filter((file) => file.startsWith(`${SQLITE}/`));
  const native = files.filter((file) => file.endsWith('.node'));
  const binary = `${SQLITE}/prebuilds/${target.replace('alpine', 'linuxmusl')}.node`;
  return [
    ...NEEDED.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...files.filter((file) => !ALLOWED.test(file)).map((file) => `${file} does not belong in it`),
    ...files.filter((file) => !file.startsWith(SQLITE) && SOURCE.test(file)).map((file) => `${file} is source`),
    ...(sqlite.includes(`${SQLITE}/lib/index.js`) ? [] : ['better-sqlite3 is missing']),
    ...(native.length === 1 && native[0] === binary ? [] : [`native code must be ${binary} alone, but is ${native.join(', ') || 'none'}`]),
    ...(bytes < LARGEST_BYTES ? [] : [`it has ${bytes} bytes, more than ${LARGEST_BYTES}`]),
  ];
}

/** @param {string} vsix */
async function entriesOf(vsix) {
  const { openPromise } = createRequire(import.meta.url)('yauzl');
  const zip = await openPromise(vsix);
  /** @type {string[]} */
  const names = [];
  for await (const entry of zip.eachEntry()) {
    names.push(entry.fileName);
  }
  return names.filter((name) => name.startsWith('extension/')).map((name) => name.slice('extension/'.length));
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { target: { type: 'string' } } });
  const vsix = await packageExtension(values.target);
  console.log(`${vsix} (${((await stat(vsix)).size / 1024 / 1024).toFixed(1)} MB)`);
}
