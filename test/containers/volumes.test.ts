// A project whose data lies in named volumes of a real Docker: backups of it are as good as those of files.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createEngine } from '../../src/engine/create-engine';
import type { Engine } from '../../src/engine/engine';
import { containerProject, type ContainerProject } from '../support/container-project';
import { describeWithDocker } from '../support/docker-suite';

describeWithDocker('data in volumes', (docker, home) => {
  let project: ContainerProject;
  let engine: Engine;
  after(() => {
    project.remove();
  });
  before(() => {
    project = containerProject(docker, { rate: 50 });
    engine = createEngine();
  });

  const create = async (): ReturnType<Engine['create']> => engine.create({ root: project.root }, { trigger: 'manual' });
  const written = (file: string): number => {
    const db = new Database(file, { readonly: true });
    try {
      assert.equal(db.pragma('integrity_check', { simple: true }), 'ok');
      return Number(db.prepare('SELECT count(*) FROM written').pluck().get());
    } finally {
      db.close();
    }
  };
  const live = (): number =>
    Number(project.python('import sqlite3; print(sqlite3.connect("data/pats.db").execute("SELECT max(n) FROM written").fetchone()[0])'));
  const pausesSince = (since: number): number => {
    const [from, until] = [since, Date.now()].map((time) => (time / 1000).toFixed(3));
    const events = docker.docker('events', '--since', from ?? '', '--until', until ?? '', '--filter', 'event=pause', '--format', '{{.ID}}');
    return events.split('\n').filter(Boolean).length;
  };
  const state = (): string => join(home.path, 'pats-backup');

  it('are backed up while the application writes: every commit before it, every upload that a row may mean', async () => {
    project.up();
    for (let seen = 0; seen < 30; seen = await waited(live));
    const least = live();
    const backup = await create();
    const most = live();
    const rows = written(join(backup.path, backup.database_file ?? ''));
    assert.ok(least <= rows && rows <= most, `${least} <= ${rows} <= ${most}`);
    assert.equal(backup.database?.source, 'backend:/app/data/pats.db');
    assert.deepEqual(
      backup.uploads?.map(({ source }) => source),
      ['backend:/app/uploads'],
    );
    for (let n = 10; n <= least; n += 10) {
      assert.equal(readFileSync(join(backup.path, 'uploads', `${n}.txt`), 'utf8'), `upload ${n}`);
    }
    assert.ok((backup.pausedMs ?? 0) > 0 && (backup.pausedMs ?? 0) < 5000);
    assert.equal(project.state(), 'running');
    assert.deepEqual(
      (await engine.verify({ root: project.root }, { names: [backup.backup_name], deep: true })).map(({ ok }) => ok),
      [true],
    );
    assert.deepEqual((await engine.drill({ root: project.root }, { name: backup.backup_name })).problems, []);
  });

  it('have a schema state, with commands that go through the service and that the real Alembic runs', async () => {
    const status = await engine.status({ root: project.root });
    assert.equal(status.state, 'current');
    assert.equal(status.databasePlace, 'pats.db in volume data (service backend)');
    assert.match(status.lastBackup?.name ?? '', /^backup_/);
    project.compose('exec', '-T', 'backend', 'alembic', 'downgrade', '-1');
    const behind = await engine.status({ root: project.root });
    assert.equal(behind.state, 'behind');
    assert.equal(behind.commands.apply, 'docker compose exec backend alembic upgrade head');
    project.compose(...'exec -T backend alembic upgrade head'.split(' '));
    assert.equal((await engine.status({ root: project.root })).state, 'current');
    assert.equal((await engine.checkLive({ root: project.root }, {})).problems.length, 0);
  });

  it('are looked at without the application being paused, however often', async () => {
    const since = Date.now();
    await create();
    assert.ok(pausesSince(since) > 0);
    const quiet = Date.now() + 1;
    await waited(live);
    for (let times = 0; times < 5; times++) {
      const { state: name, warnings } = await engine.status({ root: project.root });
      assert.equal(name, 'current');
      assert.deepEqual(
        warnings.filter(({ code }) => code !== 'NOT_CURRENT'),
        [],
      );
    }
    const name = (await engine.list({ root: project.root })).backups[0]?.name ?? '';
    const { tables } = await engine.compare({ root: project.root }, { from: name, to: null });
    assert.ok(tables.some((each) => each.name === 'written'));
    await engine.doctor({ root: project.root });
    await engine.migrationMap({ root: project.root });
    await engine.planUndo({ root: project.root }, {}).catch(() => undefined);
    await engine.planRestore({ root: project.root }, { name, scope: 'all' });
    assert.equal(pausesSince(quiet), 0);
  });

  it('are dumped', async () => {
    const { file } = await engine.dump({ root: project.root }, {});
    assert.match(readFileSync(file, 'utf8'), /INSERT INTO "?written"?/);
  });

  it('are restored into a file of this machine', async () => {
    const { backups } = await engine.list({ root: project.root });
    const file = join(project.root, 'restored.db');
    await engine.restore({ root: project.root, database: file }, { name: backups[0]?.name ?? '', scope: 'database' });
    assert.ok(written(file) > 0);
  });

  it('are backed up while the container is stopped, and when there is none any more', async () => {
    project.compose('stop');
    const stopped = await create();
    const rows = written(join(stopped.path, stopped.database_file ?? ''));
    assert.equal(stopped.pausedMs, undefined);
    project.compose('down');
    const gone = await create();
    assert.equal(written(join(gone.path, gone.database_file ?? '')), rows);
    assert.equal(docker.docker('ps', '-aq'), '');
  });

  it('leave a container alone that somebody else has paused', async () => {
    project.up();
    docker.docker('pause', project.id());
    await create();
    assert.equal(project.state(), 'paused');
    docker.docker('unpause', project.id());
  });

  it('are woken by the next run after a kill at any moment, and the doctor names them', async () => {
    const id = project.id();
    for (const wait of [0, 50, 100, 200]) {
      const child = spawn(process.execPath, [join(process.env['PATS_REPO'] ?? '.', 'dist/cli.js'), 'backup', '--project', project.root], {
        env: { ...process.env, ...docker.env, XDG_STATE_HOME: home.path },
        stdio: 'ignore',
      });
      const ended = new Promise((done) => child.once('exit', done));
      // From the moment on at which the application stands still, or a backup is made.
      await Promise.race([until(() => readdirSync(state()).some((name) => name.startsWith('paused-'))), ended]);
      await new Promise((done) => setTimeout(done, wait));
      child.kill('SIGKILL');
      await ended;
      // Nobody has to run again for that.
      for (let attempt = 0; attempt < 50 && project.state() !== 'running'; attempt++) {
        await new Promise((done) => setTimeout(done, 100));
      }
      assert.equal(project.state(), 'running', `killed after ${wait} ms`);
      await engine.status({ root: project.root });
    }
    docker.docker('pause', id);
    writeFileSync(join(state(), `paused-00000000.json.${2 ** 22 + 1}.new`), '{"pid":');
    writeFileSync(
      join(state(), 'paused-00000000.json'),
      JSON.stringify({
        pid: 2 ** 22 + 1,
        at: Date.now(),
        socket: docker.socket,
        containers: [docker.docker('inspect', '--format', '{{.Id}}', id)],
      }),
    );
    const findings = await engine.doctor({ root: project.root });
    assert.match(JSON.stringify(findings), /had left these containers paused/);
    assert.equal(project.state(), 'running');
    assert.deepEqual(
      readdirSync(state()).filter((name) => name.startsWith('paused-')),
      [],
    );
  });

  it('are out of reach where Docker is, and nothing is made up', async () => {
    const socket = process.env['DOCKER_HOST'];
    process.env['DOCKER_HOST'] = 'unix:///nowhere/docker.sock';
    try {
      const { state: name, problems } = await engine.status({ root: project.root });
      assert.equal(name, 'cannot-analyse');
      assert.match(problems.map(({ message }) => message).join(), /cannot be read/);
      await assert.rejects(create(), { code: 'DATABASE_NOT_FOUND' });
      process.env['DOCKER_HOST'] = 'tcp://192.0.2.1:2375';
      await assert.rejects(create(), /another machine/);
    } finally {
      process.env['DOCKER_HOST'] = socket ?? '';
    }
    assert.equal(existsSync(join(project.root, 'backend/data')), false);
  });
});

async function until(isSo: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 2000 && !isSo(); attempt++) {
    await new Promise((done) => setTimeout(done, 5));
  }
}

/** The number, when the application has made its table; before that 0. */
async function waited(ask: () => number): Promise<number> {
  await new Promise((done) => setTimeout(done, 200));
  try {
    return ask();
  } catch {
    return 0;
  }
}
