// The Debian packages that the tests and `npm start` need: what each is for, how it is checked, and installing the missing ones.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { must } from './processes.mjs';

/** @typedef {'test' | 'start'} Purpose */

const command = (/** @type {string[]} */ ...names) => names.some((name) => onPath(name) !== undefined);
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

/**
 * Installs what is missing, or says what must be installed by hand.
 * @param {Purpose} purpose
 */
export async function ensureSystemPackages(purpose) {
  const missing = () => PACKAGES.filter((entry) => entry.purposes.includes(purpose) && !entry.isThere());
  const wanted = missing();
  if (wanted.length === 0) {
    return;
  }
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const names = wanted.map((entry) => entry.name);
    console.log(`Installing ${names.join(', ')} ...`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await must('apt-get', ['update', '--quiet'], { env });
    await must('apt-get', ['install', '--yes', '--quiet', '--no-install-recommends', ...names], { env });
  }
  const left = missing();
  if (left.length > 0) {
    const list = left.map((entry) => `  ${entry.name.padEnd(18)} ${entry.why}`).join('\n');
    const debian = `apt-get install --no-install-recommends ${left.map((entry) => entry.name).join(' ')}`;
    throw new Error(`These programs are missing:\n${list}\nInstall them and try again. On Debian: ${debian}`);
  }
}
