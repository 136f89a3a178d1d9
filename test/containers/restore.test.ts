// Restores into volumes of a real Docker: what was there comes back, what was there before is kept, and the application goes on.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createEngine } from '../../src/engine/create-engine';
import type { Engine } from '../../src/engine/engine';
import { realEnvironment } from '../../src/engine/store/environment';
import { containerProject, type ContainerProject } from '../support/container-project';
import { newFolder } from '../support/folder';
import { describeWithDocker, inFull } from '../support/docker-suite';

describeWithDocker('a restore into volumes', (docker) => {
  let project: ContainerProject;
  let engine: Engine;
  after(() => {
    project.remove();
  });
  before(() => {
    project = containerProject(docker, { rate: 50 });
    engine = createEngine();
    project.up();
  });

  const create = async (): ReturnType<Engine['create']> => engine.create({ root: project.root }, { trigger: 'manual' });
  const rowsIn = (file: string): number => {
    const db = new Database(file, { readonly: true });
    try {
      assert.equal(db.pragma('integrity_check', { simple: true }), 'ok');
      return Number(db.prepare('SELECT count(*) FROM written').pluck().get());
    } finally {
      db.close();
    }
  };
  const sql = (text: string, isSilent = false): string =>
    project.python(
      `import sqlite3; db = sqlite3.connect("data/pats.db", isolation_level=None, timeout=20); r = db.execute("""${text}"""); print("" if ${isSilent ? 'True' : 'False'} else r.fetchone()[0])`,
    );
  const volume = (name: string): string => docker.docker('volume', 'ls', '-q', '--filter', `label=com.docker.compose.volume=${name}`);
  const newest = async (): Promise<string> =>
    (await engine.list({ root: project.root })).backups.find(({ name }) => name.startsWith('backup_'))?.name ?? '';
  const live = async (least = 0): Promise<number> => {
    for (let attempt = 0; attempt < 100; attempt++) {
      try {
        const seen = Number(sql('SELECT count(*) FROM written'));
        if (seen >= least) {
          return seen;
        }
      } catch {
        // Not started yet.
      }
      await new Promise((done) => setTimeout(done, 200));
    }
    throw new Error('The application does not write.');
  };

  it('brings back the database and the uploads, keeps what was there, and lets the application go on', async () => {
    await live(30);
    const backup = await create();
    const saved = rowsIn(join(backup.path, backup.database_file ?? ''));
    const mark = project.python(
      'import os; open("uploads/later.txt", "w").write("later"); os.remove("uploads/10.txt"); os.chmod("data/pats.db", 0o640); os.chown("data/pats.db", 1000, 1001); print("done")',
    );
    assert.equal(mark, 'done');
    const more = await live(saved + 20);
    const plan = await engine.planRestore({ root: project.root }, { name: backup.backup_name, scope: 'all' });
    assert.deepEqual(plan.obstacles, []);
    assert.match(plan.warnings.map(({ message }) => message).join('\n'), /these containers are stopped.*backend/);
    const result = await engine.restore({ root: project.root }, { name: backup.backup_name, scope: 'all' });
    assert.deepEqual(
      result.warnings.filter(({ code }) => code !== 'CONTAINERS_STOPPED'),
      [],
    );
    assert.equal(project.state(), 'running');
    await live(saved);
    assert.equal(sql('SELECT count(*) FROM alembic_version'), '1');
    assert.equal(
      project.python(
        'import os; print(sorted(os.path.exists(p) for p in ["uploads/10.txt", "uploads/later.txt"]), open("uploads/10.txt").read())',
      ),
      '[False, True] upload 10',
    );
    assert.equal(
      project.python('import os; s = os.stat("data/pats.db"); print(s.st_uid, s.st_gid, oct(s.st_mode & 0o777))'),
      '1000 1001 0o640',
    );
    assert.equal(project.python('import os; print([n for n in os.listdir("data") + os.listdir("uploads") if "pats-restore" in n])'), '[]');
    assert.equal(docker.docker('ps', '-aq').split('\n').length, 1);
    const { backups } = await engine.list({ root: project.root });
    const safety = backups.find(({ name }) => name === result.safetyBackup);
    assert.ok(safety?.status === 'ok');
    assert.ok(rowsIn(join(safety.path, safety.manifest?.database_file ?? '')) >= more);
    assert.equal(readFileSync(join(safety.path, 'uploads/later.txt'), 'utf8'), 'later');
  });

  it('is undone', async () => {
    const result = await engine.undo({ root: project.root }, {});
    assert.equal(project.python('import os; print(os.path.exists("uploads/10.txt"), open("uploads/later.txt").read())'), 'False later');
    assert.ok(result.safetyBackup.length > 0);
    await live();
  });

  inFull('of a table, or from a dump, replaces that alone', async () => {
    const { file } = await engine.dump({ root: project.root }, {});
    const { backup_name: name } = await create();
    sql("DELETE FROM alembic_version RETURNING 'x'");
    const { part } = await engine.restore({ root: project.root }, { name, scope: 'all', tables: ['alembic_version'] });
    assert.ok(part !== undefined);
    assert.equal(sql('SELECT count(*) FROM alembic_version'), '1');
    const most = await live();
    await engine.restoreDump({ root: project.root }, { file });
    assert.equal(sql('SELECT count(*) FROM alembic_version'), '1');
    assert.ok(most > 0 && readFileSync(file).length > 0);
  });

  inFull('leaves what was stopped or paused as it was, whatever else uses the volume', async () => {
    project.compose('stop');
    const { backup_name: name } = await create();
    await engine.restore({ root: project.root }, { name, scope: 'all' });
    assert.equal(project.state(), 'exited');
    project.up();
    docker.docker('pause', project.id());
    const other = ['--network', 'none', '-v', `${volume('data')}:/elsewhere`, '--restart', 'always'];
    docker.docker('run', '-d', '--name', 'pats-other', ...other, 'pats-example:1', 'python3', '-c', 'import time; time.sleep(1000)');
    docker.docker('run', '-d', '--name', 'pats-failing', ...other, 'pats-example:1', 'python3', '-c', 'raise SystemExit(1)');
    try {
      const { warnings } = await engine.planRestore({ root: project.root }, { name, scope: 'all' });
      assert.match(JSON.stringify(warnings), /pats-other/);
      await engine.restore({ root: project.root }, { name, scope: 'all' });
      assert.equal(project.state(), 'paused');
      assert.equal(docker.docker('inspect', '--format', '{{.State.Status}}', 'pats-other'), 'running');
      assert.match(docker.docker('inspect', '--format', '{{.State.Status}}', 'pats-failing'), /restarting|running/);
    } finally {
      docker.docker('rm', '-f', 'pats-other', 'pats-failing');
      docker.docker('unpause', project.id());
    }
  });

  inFull('stops nothing that would be gone then', async () => {
    const name = await newest();
    docker.docker(
      'run',
      '-d',
      '--rm',
      '--name',
      'pats-passing',
      '--network',
      'none',
      '-v',
      `${volume('data')}:/x`,
      'pats-example:1',
      'python3',
      '-c',
      'import time; time.sleep(1000)',
    );
    try {
      const { obstacles } = await engine.planRestore({ root: project.root }, { name, scope: 'all' });
      assert.match(JSON.stringify(obstacles), /pats-passing/);
      await assert.rejects(engine.restore({ root: project.root }, { name, scope: 'all' }), { code: 'REFUSED' });
      assert.equal(project.state(), 'running');
    } finally {
      docker.docker('rm', '-f', 'pats-passing');
    }
  });

  for (const [step, deed] of [
    ['safety-taken', 'rm'],
    ['safety-taken', 'down'],
    ['database-replaced', 'up'],
  ] as const) {
    (deed === 'up' ? it : inFull)(`gives a true answer when somebody says ${deed} in the middle`, async () => {
      project.up();
      await live();
      const name = await newest();
      sql('CREATE TABLE IF NOT EXISTS marks (name TEXT)', true);
      const meddled = createEngine({
        ...realEnvironment,
        step: (reached) => {
          if (reached === step) {
            const words = { rm: ['rm', '-f', '-s'], down: ['down', '-v'], up: ['up', '-d'] }[deed];
            try {
              project.compose(...words);
            } catch {
              // What is in use is not removed.
            }
          }
        },
      });
      const attempt = meddled.restore({ root: project.root }, { name, scope: 'all' });
      if (deed === 'up') {
        await assert.rejects(attempt, { code: 'DATABASE_LOCKED' });
        assert.match(sql("SELECT group_concat(name) FROM sqlite_schema WHERE name = 'marks'"), /marks/);
      } else {
        const { warnings } = await attempt;
        assert.match(JSON.stringify(warnings), /removed meanwhile/);
        project.up();
        await live();
        assert.equal(sql("SELECT group_concat(name) FROM sqlite_schema WHERE name = 'marks'"), 'None');
      }
      assert.equal(project.state(), 'running');
      assert.equal(docker.docker('ps', '-aq').split('\n').length, 1);
    });
  }

  it('is refused where Docker does not answer', async () => {
    const name = await newest();
    const socket = process.env['DOCKER_HOST'];
    process.env['DOCKER_HOST'] = 'unix:///nowhere/docker.sock';
    try {
      await assert.rejects(engine.restore({ root: project.root }, { name, scope: 'all' }), { code: 'DATABASE_NOT_FOUND' });
    } finally {
      process.env['DOCKER_HOST'] = socket ?? '';
    }
  });
});

describeWithDocker(
  'a restore into a volume of an odd kind',
  (docker) => {
    it('that is full fails before anything is replaced, and succeeds when there is room', async () => {
      const disk = newFolder('small-disk');
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk.path]);
      docker.docker('volume', 'create', '--opt', 'type=none', '--opt', 'o=bind', '--opt', `device=${disk.path}`, 'pats-small');
      const options = '\n    external: true\n    name: pats-small';
      const project = containerProject(docker, { more: '    read_only: true\n', data: options });
      const engine = createEngine();
      try {
        project.up();
        await new Promise((done) => setTimeout(done, 1500));
        const marks = (): string =>
          project.python(
            'import sqlite3; print(sqlite3.connect("data/pats.db").execute("SELECT count(*) FROM sqlite_schema WHERE name = \'marks\'").fetchone()[0])',
          );
        const large = 'CREATE TABLE large AS SELECT zeroblob(1000000) AS body';
        project.python(`import sqlite3; sqlite3.connect("data/pats.db").execute("${large}")`);
        const { backup_name: name } = await engine.create({ root: project.root }, { trigger: 'manual' });
        project.python('import sqlite3; sqlite3.connect("data/pats.db").execute("CREATE TABLE marks (name TEXT)")');
        const file = join(disk.path, 'filler');
        writeFileSync(file, Buffer.alloc(statfsSync(disk.path).bavail * 4096 - 400_000));
        await assert.rejects(engine.restore({ root: project.root }, { name, scope: 'all' }), { code: 'NO_SPACE' });
        assert.equal(project.state(), 'running');
        assert.equal(marks(), '1');
        assert.deepEqual(
          readdirSync(disk.path).filter((each) => each.startsWith('.pats-')),
          [],
        );
        assert.ok((await engine.list({ root: project.root })).backups.every((each) => each.name === name));
        rmSync(file);
        await engine.restore({ root: project.root }, { name, scope: 'all' });
        assert.equal(marks(), '0');
      } finally {
        project.remove();
        docker.docker('volume', 'rm', 'pats-small');
        execFileSync('umount', [disk.path]);
        disk.remove();
      }
    });
  },
  { isInFull: true },
);
