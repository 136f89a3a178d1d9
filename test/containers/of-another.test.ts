// Files of this machine that belong to a container's root: whoever is not root restores them through the service, and they keep their owner.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { RestorePlan } from '../../src/engine/engine';
import { restoreQuestion } from '../../src/ui/text/restore';
import { CLI, ended } from '../support/cli-project';
import { containerProject, type ContainerProject } from '../support/container-project';
import { DockerBetween } from '../support/docker-between';
import { describeWithDocker, inFull } from '../support/docker-suite';

const USER = 54321;

describeWithDocker('files of a container that runs as root', (docker, home) => {
  let project: ContainerProject;
  let between: DockerBetween;
  before(async () => {
    docker.openToAll();
    between = await DockerBetween.start(docker.socket, join(home.path, 'docker.sock'));
    chmodSync(between.socket, 0o666);
    chmodSync(home.path, 0o755);
    project = containerProject(docker, { shape: 'bind', rate: 20 });
    mkdirSync(join(project.root, 'home'));
    execFileSync('chown', ['-R', `${String(USER)}:${String(USER)}`, project.root]);
    for (const folder of ['backend/data', 'backend/uploads']) {
      execFileSync('chown', ['-R', '0:0', at(folder)]);
      chmodSync(at(folder), 0o755);
    }
    project.up();
    await written(10);
  });
  after(async () => {
    project.remove();
    await between.remove();
  });

  const at = (path: string): string => join(project.root, path);
  const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}): ReturnType<typeof spawn> =>
    spawn(process.execPath, [CLI, ...args], {
      ...{ cwd: project.root, uid: USER, gid: USER, stdio: ['ignore', 'pipe', 'pipe'] },
      env: { ...process.env, ...docker.env, HOME: at('home'), XDG_STATE_HOME: '', ELECTRON_RUN_AS_NODE: '1', ...env },
    });
  const run = async (code: number, ...args: string[]): Promise<string> => {
    const { stdout, stderr, ...end } = await ended(start(args));
    assert.equal(end.code, code, stderr + stdout);
    return stdout + stderr;
  };
  const sql = <T>(work: (db: Database.Database) => T): T => {
    const db = new Database(at('backend/data/pats.db'), { timeout: 20_000 });
    try {
      return work(db);
    } finally {
      db.close();
    }
  };
  const written = async (least: number): Promise<void> => {
    for (let attempt = 0; attempt < 200; attempt++) {
      try {
        if (Number(sql((db) => db.prepare('SELECT count(*) FROM written').pluck().get())) >= least) {
          return;
        }
      } catch {
        // Not started yet.
      }
      await sleep(100);
    }
    throw new Error('The application does not write.');
  };
  const mark = (name: string): void => {
    sql((db) => db.exec(`CREATE TABLE IF NOT EXISTS marks (name TEXT); INSERT INTO marks VALUES ('${name}')`));
    writeFileSync(at(`backend/uploads/${name}.txt`), name);
    writeFileSync(at('backend/uploads/always.txt'), name);
  };
  const marks = (): unknown[] => sql((db) => db.prepare('SELECT name FROM marks').pluck().all());
  const isOfRoot = (): void => {
    for (const path of ['backend/data', 'backend/data/pats.db', 'backend/uploads', 'backend/uploads/always.txt']) {
      assert.equal(statSync(at(path)).uid, 0, path);
    }
    assert.equal(statSync(at('backend/data/pats.db')).mode & 0o777, 0o644);
    const left = ['backend/data', 'backend/uploads'].flatMap((folder) => readdirSync(at(folder))).filter((name) => name.includes('.pats-'));
    assert.deepEqual(left, []);
  };

  it('are backed up, and the doctor has one command for all that needs it', async () => {
    mark('one');
    await run(0, 'backup', 'good');
    const said = (await run(0, 'doctor')).replace(/\s+/g, ' ');
    assert.match(said, /a restore is done through the service backend, which is stopped meanwhile/);
    assert.match(said, /Nothing stands in the way of a restore through the service backend/);
    const owned = said.slice(said.indexOf('sudo chown'));
    for (const path of [
      'backend/data',
      'backend/data/pats.db',
      'backend/data/pats.db-wal',
      'backend/data/pats.db-shm',
      'backend/uploads',
    ]) {
      assert.ok(owned.includes(`"${at(path)}"`), path);
    }
  });

  it('are restored through the service, which the plan and the question say beforehand', async () => {
    mark('two');
    assert.deepEqual(marks(), ['one', 'two']);
    const dry = await run(0, 'restore', 'good', '--dry-run');
    assert.match(dry.replace(/\s+/g, ' '), /the restore is done through the service backend/);
    assert.match(dry, /backend\/data\/pats\.db/);
    assert.doesNotMatch(dry, /may not write/);
    const plan = JSON.parse(await run(0, 'restore', 'good', '--dry-run', '--json')) as RestorePlan;
    assert.deepEqual(plan.obstacles, []);
    assert.deepEqual(plan.replaces, [at('backend/data/pats.db'), at('backend/uploads')]);
    const { detail } = restoreQuestion(plan, project.root, { now: new Date(), locale: 'en' });
    assert.match(detail, /the restore is done through the service backend/);
    assert.match(detail, /these containers are stopped, and started again afterwards: \S*backend/);
    assert.equal(project.state(), 'running');
    await run(0, 'restore', 'good', '--force');
    assert.deepEqual(marks(), ['one']);
    assert.equal(readFileSync(at('backend/uploads/always.txt'), 'utf8'), 'one');
    assert.equal(existsSync(at('backend/uploads/two.txt')), false);
    isOfRoot();
    assert.equal(project.state(), 'running');
    const safety = readdirSync(at('backups')).find((name) => name.startsWith('pre_restore')) ?? '';
    assert.equal(readFileSync(at(`backups/${safety}/uploads/two.txt`), 'utf8'), 'two');
    const [first] = (JSON.parse(await run(0, 'show', safety, '--json')) as { uploads: { source: string }[] }).uploads;
    assert.equal(first?.source, 'backend/uploads');
  });

  it('are undone so, too', async () => {
    await run(0, 'undo', '--force');
    assert.deepEqual(marks(), ['one', 'two']);
    assert.equal(readFileSync(at('backend/uploads/two.txt'), 'utf8'), 'two');
    isOfRoot();
    assert.equal(project.state(), 'running');
  });

  it('are refused where Docker may not be asked, and nothing is changed', async () => {
    const { code, stderr } = await ended(start(['restore', 'good', '--force'], { DOCKER_HOST: 'unix:///nowhere/docker.sock' }));
    assert.equal(code, 1);
    assert.match(stderr, /may not write|may not move/);
    assert.deepEqual(marks(), ['one', 'two']);
  });

  inFull('are not replaced where the container was made for another folder, though that is a copy of this one', async () => {
    const plain = readFileSync(at('docker-compose.yml'), 'utf8');
    project.compose('stop', '--timeout', '1');
    execFileSync('cp', ['-a', at('backend/data'), at('backend/moved')]);
    writeFileSync(at('docker-compose.yml'), plain.replace('./backend/data:', './backend/moved:'));
    const bytes = (): string[] => ['data', 'moved'].map((folder) => readFileSync(at(`backend/${folder}/pats.db`), 'base64'));
    const before = bytes();
    assert.equal(before[0], before[1]);
    const { code, stderr } = await ended(start(['restore', 'good', '--force', '--database-only', '--database', 'backend/moved/pats.db']));
    assert.deepEqual(bytes(), before);
    assert.equal(code, 1);
    assert.match(stderr, /may not write|may not move/);
    writeFileSync(at('docker-compose.yml'), plain);
    rmSync(at('backend/moved'), { recursive: true });
    project.up();
    await written(10);
  });

  inFull('are restored while the service has no container, and where only something deep belongs to root', async () => {
    project.compose('down', '--timeout', '1');
    await run(0, 'restore', 'good', '--force', '--database-only');
    assert.deepEqual(marks(), ['one']);
    isOfRoot();
    project.up();
    await run(0, 'undo', '--force');
    assert.deepEqual(marks(), ['one', 'two']);
    chownSync(at('backend/uploads'), USER, USER);
    mkdirSync(at('backend/uploads/deep'));
    writeFileSync(at('backend/uploads/deep/secret.txt'), 'x', { mode: 0o600 });
    const { backup_name: name } = JSON.parse(await run(4, 'backup', '--json')) as { backup_name: string };
    assert.match(await run(0, 'restore', name, '--dry-run'), /through the service backend/);
    rmSync(at('backend/uploads/deep'), { recursive: true });
    chownSync(at('backend/uploads'), 0, 0);
  });

  inFull('are put in order after a kill while the restore writes there', async () => {
    for (const when of ['before', 'after'] as const) {
      const child = start(['restore', 'good', '--force'], { DOCKER_HOST: `unix://${between.socket}` });
      const end = ended(child);
      between.aim({
        at: (method, url) => method === 'PUT' && decodeURIComponent(url).endsWith('/backend/data'),
        ...{ when, isEnd: true },
        deed: async () => {
          child.kill('SIGKILL');
          await end;
        },
      });
      assert.equal((await end).code, null);
      between.aim(null);
      await run(0, 'recover');
      assert.equal(project.state(), 'running');
      assert.deepEqual(marks(), ['one', 'two']);
      isOfRoot();
      assert.equal(docker.docker('ps', '-aq').split('\n').length, 1);
    }
  });
});
