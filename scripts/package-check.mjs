// What is wrong with a VSIX: its files, its size, its native library and its metadata.
import { createRequire } from 'node:module';
import { stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { targetOf } from './binary-target.mjs';

const LARGEST_BYTES = 3 * 1024 * 1024;
/** Of what the editor reads when the extension wakes up; everything else is read with its first use. */
const LARGEST_AT_ACTIVATION = 150 * 1000;
const SQLITE = 'dist/node_modules/better-sqlite3';
const NEEDED = [
  'package.json',
  'readme.md',
  'changelog.md',
  'LICENSE.txt',
  'ThirdPartyNotices.txt',
  'api.d.ts',
  'bin/pats-backup',
  'dist/extension.js',
  'dist/engine.js',
  'dist/cli.js',
  'dist/cli-engine.js',
  'dist/dump-loader.js',
  'dist/table-digests.js',
  'dist/cli-main.js',
  `${SQLITE}/lib/index.js`,
];
const ALLOWED =
  /^(package(\.nls[.\w-]*)?\.json|readme\.md|changelog\.md|LICENSE\.txt|ThirdPartyNotices\.txt|api\.d\.ts|(bin|dist|l10n|media|schemas)\/.+)$/;
const SOURCE = /\.map$|\.tsx?$|(^|\/)(test|tests|scripts|src)\//;
/** Without these the galleries refuse an extension, or show an empty place. */
const METADATA = ['publisher', 'icon', 'galleryBanner', 'categories', 'keywords', 'license', 'pricing', 'extensionKind', 'capabilities'];

/**
 * @param {string} vsix
 * @param {string} target
 * @returns {Promise<readonly string[]>} a sentence each
 */
export async function problemsOf(vsix, target) {
  const files = await filesOf(vsix);
  const names = [...files.keys()].sort();
  const libraries = names.filter((name) => name.endsWith('.node'));
  const made = libraries.map((name) => targetOf(files.get(name) ?? Buffer.alloc(64)));
  const { size } = await stat(vsix);
  const atActivation = files.get('dist/extension.js')?.length ?? 0;
  return [
    ...NEEDED.filter((name) => !names.includes(name)).map((name) => `${name} is missing`),
    ...names.filter((name) => !ALLOWED.test(name)).map((name) => `${name} does not belong in it`),
    ...names.filter((name) => name !== 'api.d.ts' && !name.startsWith(SQLITE) && SOURCE.test(name)).map((name) => `${name} is source`),
    ...(made.length === 1 && made[0] === target
      ? []
      : [`its native code must be for ${target} alone, but is ${libraries.map((name, index) => `${name} for ${made[index]}`).join(', ')}`]),
    ...(size <= LARGEST_BYTES ? [] : [`it has ${size} bytes, more than ${LARGEST_BYTES}`]),
    ...(atActivation <= LARGEST_AT_ACTIVATION ? [] : [`dist/extension.js has ${atActivation} bytes, more than ${LARGEST_AT_ACTIVATION}`]),
    ...metadata(JSON.parse(files.get('package.json')?.toString() ?? '{}')),
    ...page(files.get('readme.md')?.toString() ?? ''),
  ];
}

/** @param {Readonly<Record<string, unknown>>} manifest */
function metadata(manifest) {
  return [
    ...METADATA.filter((key) => manifest[key] === undefined).map((key) => `package.json has no "${key}"`),
    ...['scripts', 'devDependencies'].filter((key) => key in manifest).map((key) => `package.json has "${key}"`),
  ];
}

/**
 * The Extensions view follows only whole addresses and anchors, and shows only pictures with a whole address.
 * @param {string} markdown
 */
function page(markdown) {
  const links = [...markdown.matchAll(/(!?)\[[^\]]*\]\(([^)\s]+)\)/g)];
  return links
    .filter(([, picture, to = '']) => !(picture ? /^https:/ : /^(https:|#)/).test(to))
    .map(([, , to = '']) => `the page leads to ${to.slice(0, 60)}, which works in no view`);
}

/**
 * @param {string} vsix
 * @returns {Promise<ReadonlyMap<string, Buffer>>} by their path in the extension
 */
async function filesOf(vsix) {
  const { openPromise } = createRequire(import.meta.url)('yauzl');
  const zip = await openPromise(vsix);
  /** @type {Map<string, Buffer>} */
  const files = new Map();
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.startsWith('extension/')) {
      files.set(entry.fileName.slice('extension/'.length), await buffer(await zip.openReadStreamPromise(entry)));
    }
  }
  return files;
}
