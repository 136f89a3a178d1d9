// Restores into volumes of a real Docker: what was there comes back, what was there before is kept, and the application goes on.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createEngine } from '../../src/engine/create-engine';
import type { Engine } from '../../src/engine/engine';
import { containerProject, type ContainerProject } from '../support/container-project';
import { newFolder } from '../support/folder';
import { needsDocker, OwnDocker, whyNoDocker } from '../support/own-docker';
import { newForSuite } from '../support/stand-in';

const why = whyNoDocker();

describe('a restore into volumes', function () {
  this.timeout(120_000);
  if (why !== null && !needsDocker()) {
    console.log(`Not run: ${why}.`);
    it('is not tried here', () => undefined);
    return;
  }
  let project: ContainerProject;
  let engine: Engine;
  const before_ = { ...process.env };
  after(() => {
    project.remove();
    assert.equal(docker.leftOver(), '');
    process.env['DOCKER_HOST'] = before_['DOCKER_HOST'] ?? '';
    process.env['XDG_STATE_HOME'] = before_['XDG_STATE_HOME'] ?? '';
  });
  const docker = newForSuite(() => OwnDocker.start());
  const home = newForSuite(() => newFolder('state'));
  before(() => {
    process.env['DOCKER_HOST'] = docker.env['DOCKER_HOST'];
    process.env['XDG_STATE_HOME'] = home.path;
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
  const sql = (text: string): string =>
    project.python(
      `import sqlite3; db = sqlite3.connect("data/pats.db", isolation_level=None, timeout=20); print(db.execute("""${text}""").fetchone()[0])`,
    );
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
    assert.deepEqual(
      readdirSync(join(home.path, 'pats-backup')).filter((name) => name.startsWith('paused-')),
      [],
    );
    assert.ok(result.safetyBackup.length > 0);
    await live();
  });
});
