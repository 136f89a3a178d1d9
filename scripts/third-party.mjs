// The licences of what is bundled, from the packages whose files really went into the bundle.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Licences under which code may be passed on with its notice. */
const KNOWN = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'BlueOak-1.0.0'];
const HEADING = `PATS Backup & Restore contains the following software of others, under the licences given here.
`;
/** Compiled into better-sqlite3. */
const SQLITE = `SQLite

SQLite is in the public domain. https://www.sqlite.org/copyright.html
`;

/**
 * Fails when a package has no licence text, or one under which it may not be passed on.
 * @param {string} root of the repository
 * @param {Iterable<string>} inputs paths of bundled files, relative to the root
 * @param {readonly string[]} shipped packages that are shipped as they are
 */
export async function thirdPartyNotices(root, inputs, shipped) {
  const folders = new Set(shipped.map((name) => `node_modules/${name}`));
  for (const input of inputs) {
    const [folder] = /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(input.replaceAll('\\', '/')) ?? [];
    if (folder !== undefined) {
      folders.add(folder);
    }
  }
  const notices = await Promise.all([...folders].map((folder) => noticeOf(root, join(root, folder))));
  return [HEADING, ...[...new Set(notices)].sort(), SQLITE].join(`\n${'-'.repeat(80)}\n\n`);
}

/**
 * @param {string} root
 * @param {string} folder
 */
async function noticeOf(root, folder) {
  const { name, version, license, homepage, repository, author } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e(\.(md|txt))?$/i.test(entry));
  if (!KNOWN.includes(license) || (file === undefined && license !== 'MIT')) {
    throw new Error(`${name} cannot be passed on: its licence is ${license}, and its text is ${file ?? 'missing'}.`);
  }
  const place = homepage ?? (typeof repository === 'string' ? repository : repository?.url) ?? '';
  const text = file === undefined ? await mit(root, author) : (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n').trim();
  return `${name} ${version} (${license})\n${place}\n\n${text}\n`;
}

/**
 * The text of the MIT licence for a package that only names it: ours, with their name.
 * @param {string} root
 * @param {string | { name: string }} author
 */
async function mit(root, author) {
  const ours = (await readFile(join(root, 'LICENSE'), 'utf8')).trim();
  return ours.replace(/^Copyright .*$/m, `Copyright (c) ${typeof author === 'string' ? author : author.name}`);
}
