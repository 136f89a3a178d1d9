// The Debian packages that the tests and `npm start` need: what each is for, how it is checked, and installing the missing ones.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { must } from './processes.mjs';

/** @typedef {'test' | 'start' | 'wine' | 'filesystems'} Purpose */

const command = (/** @type {string[]} */ ...names) => names.some((name) => (onPath(name) ?? inSbin(name)) !== undefined);
// Where root's own programs are, which not every PATH of root names.
const inSbin = (/** @type {string} */ name) => ['/usr/sbin', '/sbin'].map((folder) => join(folder, name)).find((file) => existsSync(file));
const succeeds = (/** @type {string} */ program, /** @type {string[]} */ ...args) =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0;

// Another Python may come first on the PATH and does not see Debian's modules.
const PYTHONS = ['python3', '/usr/bin/python3'];

/** @type {readonly { name: string, why: string, purposes: readonly Purpose[], isThere: () => boolean }[]} */
const PACKAGES = [
  { name: 'git', why: 'working copies of the example', purposes: ['test', 'start'], isThere: () => command('git') },
  { name: 'python3', why: 'compiling native parts of the served VS Code', purposes: ['test', 'start'], isThere: () => command('python3') },
  { name: 'make', why: 'compiling native parts of the served VS Code', purposes: ['test', 'start'], isThere: () => command('make') },
  { name: 'g++', why: 'compiling native parts of the served VS Code', purposes: ['test', 'start'], isThere: () => command('g++') },
  { name: 'chromium', why: 'the window of the served VS Code', purposes: ['test'], isThere: () => findChromium() !== undefined },
  { name: 'alembic', why: 'migrations of the example', purposes: ['test'], isThere: () => command('alembic') },
  {
    name: 'python3-flask-migrate',
    why: 'migrations of a Flask application',
    purposes: ['test'],
    isThere: () => PYTHONS.some((python) => succeeds(python, '-c', 'import flask_migrate')),
  },
  {
    name: 'python3-dotenv',
    why: 'variables of a Flask application',
    purposes: ['test'],
    isThere: () => PYTHONS.some((python) => succeeds(python, '-c', 'import dotenv')),
  },
  {
    name: 'python3-django',
    why: 'databases made by Django',
    purposes: ['test'],
    isThere: () => PYTHONS.some((python) => succeeds(python, '-c', 'import django')),
  },
  {
    name: 'ruby-activerecord',
    why: 'databases made by Rails',
    purposes: ['test'],
    isThere: () => succeeds('ruby', '-e', 'require "active_record"'),
  },
  { name: 'ruby-sqlite3', why: 'databases made by Rails', purposes: ['test'], isThere: () => succeeds('ruby', '-e', 'require "sqlite3"') },
  {
    name: 'ruby-railties',
    why: 'migrations of a Rails application',
    purposes: ['test'],
    isThere: () => succeeds('ruby', '-e', 'require "rails"'),
  },
  { name: 'sqlite3', why: 'reading backups with another program', purposes: ['test'], isThere: () => command('sqlite3') },
  { name: 'sqlite3-tools', why: 'comparing databases with sqldiff', purposes: ['test'], isThere: () => command('sqldiff') },
  { name: 'zstd', why: 'reading archives with another program', purposes: ['test'], isThere: () => command('zstd') },
  { name: 'tmux', why: 'questions on a real terminal', purposes: ['test'], isThere: () => command('tmux') },
  { name: 'bsdutils', why: 'the command `script`: questions on a real terminal', purposes: ['test'], isThere: () => command('script') },
  { name: 'strace', why: 'watching what is opened for writing', purposes: ['test'], isThere: () => command('strace') },
  {
    name: 'docker.io',
    why: 'an application in containers',
    purposes: ['test'],
    // Only root starts a Docker of its own.
    isThere: () => process.getuid?.() !== 0 || onPath('dockerd') !== undefined || existsSync('/usr/sbin/dockerd'),
  },
  { name: 'procps', why: 'looking at processes', purposes: ['test'], isThere: () => command('ps') },
  { name: 'bash', why: 'command lines in every shell', purposes: ['test'], isThere: () => command('bash') },
  { name: 'dash', why: 'command lines in every shell', purposes: ['test'], isThere: () => command('dash') },
  { name: 'zsh', why: 'command lines in every shell', purposes: ['test'], isThere: () => command('zsh') },
  { name: 'fish', why: 'command lines in every shell', purposes: ['test'], isThere: () => command('fish') },
  { name: 'wine', why: "Windows' rules", purposes: ['wine'], isThere: () => command('wine') },
  { name: 'wine64', why: "Windows' rules", purposes: ['wine'], isThere: () => existsSync('/usr/lib/wine/wine64') },
  { name: 'ntfs-3g', why: 'mounting NTFS', purposes: ['filesystems'], isThere: () => command('ntfs-3g') && command('lowntfs-3g') },
  { name: 'exfat-fuse', why: 'mounting exFAT', purposes: ['filesystems'], isThere: () => command('mount.exfat-fuse') },
  { name: 'exfatprogs', why: 'making exFAT', purposes: ['filesystems'], isThere: () => command('mkfs.exfat') },
];

/** The Chromium that shows the served VS Code; PATS_CHROMIUM names another. */
export function findChromium() {
  return process.env.PATS_CHROMIUM ?? onPath('chromium') ?? onPath('chromium-browser') ?? onPath('google-chrome');
}

/**
 * The file that a command name stands for.
 * @param {string} name
 */
export function onPath(name) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending))).find(isExecutable);
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether what is missing can be installed here, so that nothing has an excuse for not running. */
export function mayInstall() {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

/** @param {Purpose} purpose */
export function missingPackages(purpose) {
  return PACKAGES.filter((entry) => entry.purposes.includes(purpose) && !entry.isThere());
}

/**
 * Installs what is missing, or says what must be installed by hand.
 * @param {Purpose} purpose
 */
export async function ensureSystemPackages(purpose) {
  const wanted = missingPackages(purpose);
  if (wanted.length === 0) {
    return;
  }
  if (mayInstall()) {
    const names = wanted.map((entry) => entry.name);
    console.log(`Installing ${names.join(', ')} ...`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await must('apt-get', ['update', '--quiet'], { env });
    await must('apt-get', ['install', '--yes', '--quiet', '--no-install-recommends', ...names], { env });
  }
  const left = missingPackages(purpose);
  if (left.length > 0) {
    const list = left.map((entry) => `  ${entry.name.padEnd(18)} ${entry.why}`).join('\n');
    const debian = `apt-get install --no-install-recommends ${left.map((entry) => entry.name).join(' ')}`;
    throw new Error(`These programs are missing:\n${list}\nInstall them and try again. On Debian: ${debian}`);
  }
}
