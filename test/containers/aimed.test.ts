// A run of restore or undo that ends, or loses Docker, or has its container taken away, at one request of the swap after the other.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEngine } from '../../src/engine/create-engine';
import type { Engine } from '../../src/engine/engine';
import { containerProject, type ContainerProject } from '../support/container-project';
import { DockerBetween, type Aim } from '../support/docker-between';
import { describeWithDocker } from '../support/docker-suite';
import type { Folder } from '../support/folder';
import type { OwnDocker } from '../support/own-docker';
import { isWhole } from '../support/seed';
import { epochOf, rowsIn, toldApplication, WRITER, type ToldVolumes } from '../support/told-application';

type Verb = 'restore' | 'undo' | 'backup';
type Deed = 'kill' | 'away' | 'docker kill' | 'docker rm' | 'down' | 'dockerd';
const WORDS: Readonly<Record<Verb, readonly string[]>> = {
  restore: ['restore', 'good', '--force'],
  undo: ['undo', '--force'],
  backup: ['backup'],
};

/** Before anything is replaced, but the application stands still; what replaces the database; when all is done but that. */
type Moment = 'stopped' | 'swap' | 'start';

/** What a round has done, and to what. */
interface Checked {
  readonly name: string;
  readonly wanted: string;
  readonly known: readonly string[];
  readonly story: string;
  readonly code: number | null;
  readonly deed: Deed;
}

/** `kill:restore:1-40:2,away:undo:3`: deed, verb, requests or a moment, and each how many-th of them. */
const CHOSEN = process.env['PATS_AIMED'];

describeWithDocker('a restore into volumes that is hit in the middle of the swap', suite, { isAlone: isWhole || CHOSEN !== undefined });

function suite(docker: OwnDocker, home: Folder): void {
  let project: ContainerProject;
  let engine: Engine;
  let between: DockerBetween;
  let volumes: ToldVolumes;
  let round = 0;
  after(async () => {
    between.isAway = false;
    project.remove();
    await between.remove();
  });
  const at = (): { root: string } => ({ root: project.root });
  before(async () => {
    between = await DockerBetween.start(docker.socket, join(home.path, 'docker.sock'));
    process.env['DOCKER_HOST'] = `unix://${between.socket}`;
    project = containerProject(docker, { more: '      - told:/app/told\n', data: '\n  told:', writer: WRITER });
    engine = createEngine();
    project.up();
    const place = (name: string): string => {
      const id = docker.docker('volume', 'ls', '-q', '--filter', `label=com.docker.compose.volume=${name}`);
      return docker.docker('volume', 'inspect', '--format', '{{.Mountpoint}}', id);
    };
    volumes = { data: place('data'), uploads: place('uploads'), told: place('told') };
    await running();
    epoch('good');
    await engine.create(at(), { trigger: 'manual', name: 'good' });
    await engine.setPinned(at(), { names: ['good'], pinned: true });
  });

  const isSwapping = (): boolean => {
    const all = join(home.path, 'pats-backup/containers');
    return readdirSync(all).some((name) => {
      const file = join(all, name, 'delivery.json');
      return existsSync(file) && readFileSync(file, 'utf8').includes('"state":"swapping"');
    });
  };
  const AT: Readonly<Record<Moment, (method: string, url: string) => boolean>> = {
    stopped: (method, url) => method === 'POST' && url === '/containers/create',
    swap: (method, url) => method === 'PUT' && url.endsWith('_data') && isSwapping(),
    start: (method, url) => method === 'POST' && url.endsWith('/start'),
  };
  const { told, running, epoch, tidy } = toldApplication(() => ({ volumes, good: join(project.root, 'backups/good/uploads') }));
  const inspected = (): string => docker.docker('ps', '-a', '--format', '{{.Label "com.docker.compose.service"}} {{.State}}');

  const hit = async (verb: Verb, deed: Deed, index: number | Moment, when: Aim['when']): Promise<string> => {
    const name = `round-${String(++round)}`;
    // As the deed before may have left the project.
    if (inspected() !== 'backend running') {
      project.up();
    }
    await running();
    tidy();
    if (verb === 'undo') {
      between.aim(null);
      epoch(`${name}-undone`);
      await engine.restore(at(), { name: 'good', scope: 'all' });
      await running();
    }
    // What an undo goes back to is what was there before that restore.
    const wanted = verb === 'undo' ? `${name}-undone` : 'good';
    toldBefore = told().length;
    epoch(name);
    const known = readdirSync(join(project.root, 'backups'));
    const id = project.id();
    const hits: (number | Moment)[] = [];
    const quietly = (...words: string[]): void => {
      try {
        docker.docker(...words);
      } catch {
        // Not in the state for it.
      }
    };
    between.aim({
      at: typeof index === 'number' ? index : AT[index],
      when,
      isEnd: deed === 'kill',
      isFromStart: verb === 'backup',
      deed: async () => {
        hits.push(index);
        if (deed === 'kill') {
          child.kill('SIGKILL');
          await ended;
        } else if (deed === 'away') {
          between.isAway = true;
        } else if (deed === 'down') {
          await downDuring(project, docker);
        } else if (deed === 'dockerd') {
          await docker.kill();
          await docker.startAgain();
        } else {
          quietly(...(deed === 'docker kill' ? ['kill', id] : ['rm', '-f', id]));
        }
      },
    });
    const child = spawn(
      process.execPath,
      [join(process.env['PATS_REPO'] ?? '.', 'dist/cli.js'), ...WORDS[verb], '--project', project.root],
      {
        env: { ...process.env, ...docker.env, DOCKER_HOST: `unix://${between.socket}`, XDG_STATE_HOME: home.path },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let said = '';
    child.stdout.on('data', (part: Buffer) => (said += part.toString()));
    child.stderr.on('data', (part: Buffer) => (said += part.toString()));
    const ended = new Promise<number | null>((done) => child.once('exit', done));
    const code = await ended;
    const request = typeof index === 'string' ? index : (between.seen[index - 1] ?? `none of ${String(between.seen.length)}`);
    between.aim(null);
    between.isAway = false;
    const story = `${deed} ${when} request ${String(index)} of ${verb}, ${request.slice(0, 160)}: ${String(code)} ${said}`;
    try {
      const state = await (verb === 'backup' ? checkBackup : check)({ name, wanted, known, story, code, deed });
      if (CHOSEN !== undefined) {
        console.log(
          `      ${String(index)} ${when} ${request.replace(/[0-9a-f]{64}/g, 'ID').slice(0, 110)} -> ${String(code)} ${state} ${code === null || code === 0 ? '' : said.trim().replace(/\n/g, ' ')}`,
        );
      }
      return hits.length > 0 ? state : 'none';
    } catch (error) {
      throw new Error(`${story}\n${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  };

  /** As nobody but us is to leave it: what the deed itself has ended is started again. */
  const startAgain = async (deed: Deed): Promise<void> => {
    const isEnded = inspected() === 'backend exited' && (deed === 'docker kill' || deed === 'dockerd');
    if (isEnded || (inspected() === '' && (deed === 'docker rm' || deed === 'down'))) {
      project.up();
      await sleep(500);
    }
  };

  /** The backup is whole or it is not there, and the answer says which; nothing stands still, and nothing live is touched. */
  const checkBackup = async (of: Checked): Promise<string> => {
    const { waiting } = await engine.recover(at(), {});
    assert.equal(waiting, null);
    await engine.status(at());
    await startAgain(of.deed);
    assert.equal(inspected(), 'backend running');
    const { backups } = await engine.list(at());
    const fresh = backups.filter(({ name }) => !of.known.includes(name));
    assert.ok(fresh.length <= 1 && (of.code !== 0 || fresh.length === 1), String(fresh.length));
    assert.ok(of.deed === 'kill' || of.code !== null);
    for (const { name, path, manifest } of fresh) {
      assert.deepEqual(
        (await engine.verify(at(), { names: [name], deep: true })).map(({ problems }) => problems),
        [[]],
      );
      assert.equal(rowsIn(join(path, manifest?.database_file ?? '')).epoch, of.name);
      await engine.remove(at(), { names: [name] });
    }
    assert.deepEqual(
      readdirSync(join(project.root, 'backups')).filter((name) => name.startsWith('.tmp')),
      [],
    );
    if (of.deed !== 'down') {
      const lines = told().map((line) => line.replace('+', ''));
      const { epoch: live, tokens } = rowsIn(join(volumes.data, 'pats.db'));
      assert.equal(live, of.name);
      assert.deepEqual(
        lines.slice(toldBefore).filter((token) => !tokens.has(token)),
        [],
      );
    }
    return fresh.length === 1 ? 'backed up' : 'no backup';
  };

  const check = async (of: Checked): Promise<string> => {
    if (round % 8 === 0) {
      await engine.status(at());
    } else if (round % 8 === 4) {
      await engine.doctor(at());
    }
    const recovery = await engine.recover(at(), {});
    assert.equal(recovery.waiting, null, JSON.stringify(recovery));
    await startAgain(of.deed);
    assert.equal(inspected(), 'backend running', JSON.stringify(recovery));
    // Before the rows are looked at: more come meanwhile.
    const lines = told();
    const { epoch: live, tokens } = rowsIn(join(volumes.data, 'pats.db'));
    assert.ok(live === of.name || live === of.wanted, `the database is of ${live}`);
    assert.equal(epochOf(volumes.uploads), live, 'the uploads are of another state than the database');
    const left = [volumes.data, volumes.uploads].flatMap((folder) => readdirSync(folder)).filter((each) => each.includes('.pats-'));
    assert.deepEqual(left, []);
    const { backups } = await engine.list(at());
    const fresh = backups.filter(({ name }) => !of.known.includes(name));
    const isRestored = live === of.wanted;
    assert.equal(fresh.length, isRestored ? 1 : 0, JSON.stringify(fresh.map(({ name }) => name)));
    assert.ok(of.code === null || (of.code === 0) === isRestored, 'the answer is not true');
    assert.ok(of.deed === 'kill' || of.code !== null);
    const [safety] = fresh;
    const kept = safety === undefined ? null : rowsIn(join(safety.path, safety.manifest?.database_file ?? '')).tokens;
    assert.ok(kept === null || rowsIn(join(safety?.path ?? '', 'pats.db')).epoch === of.name);
    // Everything that was told before this round is in it or in what was there when it began.
    const lost = lines.slice(toldBefore).filter((line) => {
      const token = line.replace('+', '');
      const isUpload = line.endsWith('+');
      const isRow = tokens.has(token) || kept?.has(token) === true;
      const isFile =
        !isUpload ||
        existsSync(join(volumes.uploads, `${token}.txt`)) ||
        (safety !== undefined && existsSync(join(safety.path, 'uploads', `${token}.txt`)));
      return !isRow || !isFile;
    });
    // Those of the rounds before are in their safety backups, or are gone with their undo.
    assert.deepEqual(lost.slice(0, 5), [], `${String(lost.length)} are lost`);
    return isRestored ? 'restored' : 'as before';
  };
  let toldBefore = 0;

  const chosen = (
    CHOSEN ??
    (isWhole
      ? [
          'kill:restore:1-400,kill:undo:1-400,away:restore:1-400:5',
          'docker_kill:restore:1-400:9,docker_rm:restore:60-400:7,down:restore:60-400:7,dockerd:restore:1-400:13',
          'kill:backup:1-100,away:backup:1-100:3,docker_kill:backup:1-100:4,docker_rm:backup:1-100:4,down:backup:1-100:6,dockerd:backup:1-100:6',
        ].join()
      : 'kill:restore:stopped,away:restore:start')
  ).split(',');
  for (const each of chosen) {
    const [deed = 'kill', verb = 'restore', range = '1', step = '1'] = each.split(':');
    const [first = 1, last = first] = range.split('-').map(Number);
    const isMoment = range in AT;
    it(`${deed} in ${verb}, requests ${range}${step === '1' ? '' : `, each ${step}th`}`, async function () {
      this.timeout(3_000_000);
      toldBefore = told().length;
      const failures: string[] = [];
      for (let index = isMoment ? 1 : first; index <= (isMoment ? 1 : last); index += Number(step)) {
        try {
          toldBefore = told().length;
          if (
            (await hit(
              verb as Verb,
              deed.replace('_', ' ') as Deed,
              isMoment ? (range as Moment) : index,
              isMoment || index % 2 === 0 ? 'before' : 'after',
            )) === 'none'
          ) {
            break;
          }
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error);
          failures.push(message);
          console.log(`      FAILED ${message.slice(0, 1500)}`);
          between.isAway = false;
          // The next one begins in order.
          await engine.recover(at(), {});
          await engine.status(at());
        }
      }
      assert.deepEqual(failures, []);
    });
  }
}

/** Compose is asked from elsewhere, and waits for nobody here. */
async function downDuring(project: ContainerProject, docker: OwnDocker): Promise<void> {
  await new Promise((done) =>
    spawn('docker', ['compose', 'down', '-v', '--timeout', '1'], { cwd: project.root, env: docker.env, stdio: 'ignore' }).once(
      'exit',
      done,
    ),
  );
}
