// A Docker of the tests' own: its own socket, data and pid file, an image made of this machine's Python, ended by its process id.
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const repository = process.env['PATS_REPO'] ?? process.cwd();
const DAEMON = ['/usr/sbin/dockerd', '/usr/bin/dockerd', '/usr/local/bin/dockerd'].find((file) => existsSync(file));
const PYTHON = '/usr/bin/python3';
const LIBRARY = '/usr/lib/python3/dist-packages';
/** What Alembic needs of it. */
const PACKAGES = /^(?:alembic|sqlalchemy|mako|markupsafe|greenlet|pkg_resources|typing_extensions)/i;
const SKIPPED = /\/(?:__pycache__|tests?|testing|idlelib|lib2to3|ensurepip|config-3[^/]*)(?:\/|$)/;
/** Without a shell and without any other program. */
export const IMAGE = 'pats-base:1';

/** Why the tests with containers do not run here; null: they do. */
export function whyNoDocker(): string | null {
  if (process.getuid?.() !== 0) {
    return 'only root starts a Docker of its own';
  }
  if (DAEMON === undefined || !existsSync(PYTHON)) {
    return 'there is no dockerd here, or no Python of the system';
  }
  return existsSync(join(repository, '.vscode-test/docker/cli-plugins/docker-compose')) ? null : 'there is no client of Compose';
}

/** Whether it is an error that they do not run. */
export const needsDocker = (): boolean => process.env['PATS_NEEDS_DOCKER'] !== undefined && process.getuid?.() === 0;

export class OwnDocker {
  private constructor(
    private readonly folder: string,
    private daemon: ChildProcess,
  ) {}

  /** Ready, with the image in it. Fails with what the daemon wrote. */
  static async start(): Promise<OwnDocker> {
    const folder = mkdtempSync('/tmp/pats-docker-');
    const docker = new OwnDocker(folder, daemonIn(folder));
    await docker.ready();
    docker.importImage();
    return docker;
  }

  /** The daemon is killed, as by a crash; what runs in containers goes on until the next one starts. */
  async kill(): Promise<void> {
    const ended = new Promise((done) => this.daemon.once('exit', done));
    this.daemon.kill('SIGKILL');
    await ended;
  }

  /** Another daemon for the same data. */
  async startAgain(): Promise<void> {
    // Who died may still have a number: nobody has waited for it.
    for (const file of ['pid', 'exec/containerd/containerd.pid']) {
      rmSync(join(this.folder, file), { force: true });
    }
    this.daemon = daemonIn(this.folder);
    await this.ready();
  }

  private async ready(): Promise<void> {
    for (let attempt = 0; spawnSync('docker', ['version'], { env: this.env, stdio: 'ignore', timeout: 5000 }).status !== 0; attempt++) {
      if (this.daemon.exitCode !== null || attempt > 300) {
        const log = readFileSync(join(this.folder, 'log'), 'utf8').slice(-4000);
        await this.remove();
        throw new Error(`dockerd did not start:\n${log}`);
      }
      await wait(100);
    }
  }

  /** As for members of the group "docker": every user of this machine may ask it. */
  openToAll(): void {
    chmodSync(this.folder, 0o711);
    chmodSync(this.socket, 0o666);
  }

  get socket(): string {
    return join(this.folder, 'docker.sock');
  }

  /** For clients, Compose among them; what the machine's own Docker is told stays out. */
  get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      DOCKER_HOST: `unix://${this.socket}`,
      DOCKER_CONFIG: join(repository, '.vscode-test/docker'),
      DOCKER_CONTEXT: undefined,
      DOCKER_BUILDKIT: '0',
    };
  }

  /** What the client printed. */
  docker(...words: string[]): string {
    return execFileSync('docker', words, { env: this.env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 }).trim();
  }

  compose(folder: string, ...words: string[]): string {
    return execFileSync('docker', ['compose', ...words], {
      cwd: folder,
      env: this.env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    }).trim();
  }

  /** What would be there if nobody had cleaned up. */
  leftOver(): string {
    return [
      this.docker('ps', '-aq'),
      this.docker('volume', 'ls', '-q'),
      this.docker('network', 'ls', '-q', '--filter', 'type=custom'),
    ].join('');
  }

  /** Removes all containers, volumes and networks. */
  clear(): void {
    const asked = (...words: string[]): string[] =>
      spawnSync('docker', words, { env: this.env, encoding: 'utf8' }).stdout.split('\n').filter(Boolean);
    const remove = (names: readonly string[], ...words: string[]): void => {
      if (names.length > 0) {
        spawnSync('docker', [...words, ...names], { env: this.env });
      }
    };
    remove(asked('ps', '-aq'), 'rm', '-fv');
    remove(asked('volume', 'ls', '-q'), 'volume', 'rm', '-f');
    remove(asked('network', 'ls', '-q', '--filter', 'type=custom'), 'network', 'rm');
  }

  async remove(): Promise<void> {
    if (this.daemon.exitCode === null && this.daemon.signalCode === null) {
      this.clear();
      const ended = new Promise((done) => this.daemon.once('exit', done));
      this.daemon.kill('SIGTERM');
      await ended;
    }
    // A daemon that was killed leaves them.
    for (const [, mount = ''] of readFileSync('/proc/mounts', 'utf8').matchAll(/^\S+ (\S+)/gm)) {
      if (mount.startsWith(`${this.folder}/`)) {
        spawnSync('umount', ['--lazy', mount]);
      }
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }

  private importImage(): void {
    const list = join(this.folder, 'files');
    const archive = join(this.folder, 'image.tar');
    writeFileSync(list, `${filesOfPython().join('\n')}\n`);
    execFileSync('tar', ['-C', '/', '--no-recursion', '-cf', archive, '-T', list]);
    this.docker('import', '-c', 'ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/usr/bin', archive, IMAGE);
    rmSync(archive);
  }
}

function daemonIn(folder: string): ChildProcess {
  const at = (name: string): string => join(folder, name);
  const options = ['--iptables=false', '--bridge=none', '--storage-driver=vfs', '--data-root', at('data'), '--exec-root', at('exec')];
  return spawn(DAEMON ?? 'dockerd', [...options, '--pidfile', at('pid'), '-H', `unix://${at('docker.sock')}`], {
    // A pipe that nobody reads while a client is waited for would hold the daemon up.
    stdio: ['ignore', 'ignore', openSync(at('log'), 'a')],
  });
}

/** Without a leading slash, as tar takes them: the interpreter, its library, Alembic, and every library that they load. */
function filesOfPython(): string[] {
  const binary = realpathSync(PYTHON);
  const standard = `/usr/lib/${binary.slice(binary.lastIndexOf('/') + 1)}`;
  const packages = readdirSync(LIBRARY)
    .filter((name) => PACKAGES.test(name))
    .flatMap((name) => filesBelow(join(LIBRARY, name)));
  const code = [...filesBelow(standard), ...packages];
  const loaded = [binary, ...code.filter((file) => file.endsWith('.so'))].flatMap(librariesOf);
  const all = [PYTHON, binary, '/usr/bin/alembic', ...code, ...loaded, '/lib', '/lib64'];
  return [...new Set(all.filter((file) => existsSync(file)).flatMap((file) => [...foldersOf(file), file]))].map((file) => file.slice(1));
}

/** With their modes: another user than root looks into them, too. */
function foldersOf(file: string): string[] {
  const parts = file.split('/').slice(1, -1);
  return parts.map((_part, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

function filesBelow(path: string): string[] {
  if (SKIPPED.test(path)) {
    return [];
  }
  return statSync(path).isDirectory() ? readdirSync(path).flatMap((name) => filesBelow(join(path, name))) : [path];
}

/** Each by its own name and by the one that it is a link to. */
function librariesOf(file: string): string[] {
  const { stdout } = spawnSync('ldd', [file], { encoding: 'utf8' });
  return [...stdout.matchAll(/(?:^|\s)(\/\S+\.so\S*)/g)].flatMap(([, path = '']) => {
    const real = realpathSync(path);
    // `/lib` is a link to `/usr/lib`: an archive has either that link or files in it.
    return [path.replace(/^\/lib(64)?\//, '/usr/lib$1/'), real];
  });
}
