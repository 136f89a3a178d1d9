// Restores into volumes that are not what they look like, or that somebody uses before an interrupted restore is settled.
import assert from 'node:assert/strict';
import { chownSync, cpSync, existsSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { createEngine } from '../../src/engine/create-engine';
import type { Engine } from '../../src/engine/engine';
import { containerProject, type ContainerProject } from '../support/container-project';
import { DockerBetween } from '../support/docker-between';
import { describeWithDocker, inFull } from '../support/docker-suite';
import { newFolder } from '../support/folder';

describeWithDocker('a restore into volumes that are odd', (docker, home) => {
  let project: ContainerProject;
  let engine: Engine;
  let between: DockerBetween;
  let plain = '';
  after(async () => {
    project.remove();
    await between.remove();
  });
  before(async () => {
    project = containerProject(docker);
    plain = readFileSync(join(project.root, 'docker-compose.yml'), 'utf8');
    between = await DockerBetween.start(docker.socket, join(home.path, 'docker.sock'));
    process.env['DOCKER_HOST'] = `unix://${between.socket}`;
    engine = createEngine();
  });
  const isSwapping = (): boolean => {
    const all = join(home.path, 'pats-backup/containers');
    return readdirSync(all).some((name) => {
      const file = join(all, name, 'delivery.json');
      return existsSync(file) && readFileSync(file, 'utf8').includes('"state":"swapping"');
    });
  };
  /** Anew, without anything that was there. */
  const change = async (edit: (text: string) => string): Promise<void> => {
    project.compose('down', '-v', '--remove-orphans', '--timeout', '1');
    rmSync(join(project.root, 'backups'), { recursive: true, force: true });
    writeFileSync(join(project.root, 'docker-compose.yml'), edit(plain));
    await up();
  };
  const up = async (): Promise<void> => {
    project.up();
    for (let attempt = 0; attempt < 100; attempt++) {
      try {
        marks();
        return;
      } catch {
        await sleep(200);
      }
    }
    throw new Error('The application does not start.');
  };
  const OPEN = `import os, sqlite3; db = sqlite3.connect(os.environ["DATABASE_URL"][10:], timeout=20); db.execute("SELECT * FROM written"); db.execute("CREATE TABLE IF NOT EXISTS marks (name TEXT)")`;
  const marks = (): string => project.python(`${OPEN}; print(",".join(r[0] for r in db.execute("SELECT name FROM marks")))`);
  const mark = (name: string): string =>
    project.python(`${OPEN}; db.execute("INSERT INTO marks VALUES ('${name}')"); db.commit(); print(1)`);
  const create = async (): ReturnType<Engine['create']> => engine.create({ root: project.root }, { trigger: 'manual' });
  const restore = async (name: string): ReturnType<Engine['restore']> => engine.restore({ root: project.root }, { name, scope: 'all' });
  const marksIn = (file: string): unknown[] => {
    const db = new Database(file, { readonly: true });
    try {
      return db.prepare('SELECT name FROM marks').pluck().all();
    } finally {
      db.close();
    }
  };

  inFull('goes to the container of the service, not to one that was made for a single command', async () => {
    await change((text) => text.replace('- data:/app/data', '- /app/data').replace('  data:\n  uploads:', '  uploads:'));
    mark('one');
    const other = `import sqlite3; db = sqlite3.connect("data/pats.db"); db.execute("CREATE TABLE marks (name TEXT)"); db.execute("INSERT INTO marks VALUES ('other')"); db.commit()`;
    project.compose('run', '-T', 'backend', 'python3', '-c', other);
    const { backup_name: name } = await create();
    mark('two');
    const { safetyBackup } = await restore(name);
    await up();
    assert.equal(marks(), 'one');
    assert.deepEqual(marksIn(join(project.root, 'backups', safetyBackup, 'pats.db')), ['one', 'two']);
  });

  it('tells of uploads whose names are not UTF-8, and replaces nothing of which the safety backup would lack them', async () => {
    await change((text) => text);
    const odd = `[b"caf\\xe8", b"caf\\xe9"]`;
    project.python(`[open(b"uploads/" + n, "wb").write(n) for n in ${odd}]`);
    const { backup_name: name, warnings } = await create();
    assert.match(JSON.stringify(warnings), /caf.+xe8.*caf.+xe9/);
    await assert.rejects(restore(name), /caf.xe8 .*caf.xe9 /);
    assert.equal(project.state(), 'running');
    assert.equal(project.python(`print(all(open(b"uploads/" + n, "rb").read() == n for n in ${odd}))`), 'True');
  });

  inFull('is refused beforehand where a part of the uploads is another volume', async () => {
    await change((text) => text.replace('- uploads:/app/uploads', '- uploads:/app/uploads\n      - data:/app/uploads/thumbs'));
    const { backup_name: name } = await create();
    const { obstacles } = await engine.planRestore({ root: project.root }, { name, scope: 'all' });
    assert.match(JSON.stringify(obstacles), /thumbs in the service backend is another volume/);
    await assert.rejects(restore(name), { code: 'REFUSED' });
    assert.equal(project.state(), 'running');
  });

  inFull('is refused beforehand where a link in the volume leads to the database', async () => {
    const link =
      'import os; os.makedirs("/app/data/real", exist_ok=True); os.path.lexists("/app/data/now") or os.symlink("real", "/app/data/now"); exec(open("writer.py").read())';
    await change((text) =>
      text
        .replace('/app/data/pats.db', '/app/data/now/pats.db')
        .replace('command: python3 writer.py', `command: ["python3", "-c", '${link}']`),
    );
    mark('one');
    const { backup_name: name } = await create();
    const { obstacles } = await engine.planRestore({ root: project.root }, { name, scope: 'all' });
    assert.match(JSON.stringify(obstacles), /a link leads there/);
    await assert.rejects(restore(name), { code: 'REFUSED' });
    assert.equal(project.python('import os; print(os.path.islink("data/now"))'), 'True');
    await up();
    assert.equal(marks(), 'one');
  });

  /** Interrupted when live data was about to be replaced, with a log in the volume; gives the name of the safety backup. */
  const interrupted = async (): Promise<string> => {
    await change((text) =>
      text.replace('stop_grace_period: 3s', 'stop_grace_period: 3s\n    stop_signal: SIGKILL').replace('RATE: "0"', 'RATE: "20"'),
    );
    const { backup_name: name } = await create();
    mark('two');
    // Docker is gone for us from the first change on of live data.
    between.aim({
      at: (method) => method === 'PUT' && isSwapping(),
      ...{ when: 'before', isEnd: false },
      deed: () => {
        between.isAway = true;
      },
    });
    await assert.rejects(restore(name), { code: 'RESTORE_INTERRUPTED' });
    between.aim(null);
    between.isAway = false;
    return readdirSync(join(project.root, 'backups')).find((each) => each.startsWith('pre_restore')) ?? '';
  };

  it('lays no old log or journal beside a database that the application has used since', async () => {
    await interrupted();
    // The log is taken in and gone; then there is a new one, which is empty.
    await up();
    const use = `${OPEN}; db.execute("PRAGMA journal_mode = DELETE"); db.execute("DELETE FROM written"); db.execute("CREATE TABLE filling (x)"); db.executemany("INSERT INTO filling VALUES (?)", [("y" * 900,)] * 200); db.execute("INSERT INTO marks VALUES ('late')"); db.commit(); print(1)`;
    project.compose('kill');
    project.compose('run', '--rm', '-T', 'backend', 'python3', '-c', use);
    const { waiting } = await engine.recover({ root: project.root }, {});
    assert.equal(waiting, null);
    await up();
    assert.equal(marks(), 'two,late');
    assert.equal(
      project.python(
        `${OPEN}; print(db.execute("PRAGMA integrity_check").fetchone()[0], db.execute("SELECT count(*) FROM filling").fetchone()[0])`,
      ),
      'ok 200',
    );
  });

  it('keeps another checkout with the same volumes out until it is settled', async () => {
    await interrupted();
    const other = newFolder('other-checkout');
    const name = (volume: string): string => docker.docker('volume', 'ls', '-q', '--filter', `label=com.docker.compose.volume=${volume}`);
    const external = ['data', 'uploads'].map((each) => `  ${each}:\n    external: true\n    name: ${name(each)}\n`).join('');
    const text = readFileSync(join(project.root, 'docker-compose.yml'), 'utf8');
    cpSync(join(project.root, 'backend'), join(other.path, 'backend'), { recursive: true });
    writeFileSync(join(other.path, 'docker-compose.yml'), text.replace('  data:\n  uploads:\n', external));
    try {
      docker.compose(other.path, 'up', '--no-start');
      const attempt = (): Promise<unknown> => engine.create({ root: other.path }, { trigger: 'manual' });
      await assert.rejects(attempt(), /Another project restores into the volume/);
      const { waiting } = await engine.recover({ root: project.root }, {});
      assert.equal(waiting, null);
      await attempt();
      await up();
      assert.equal(marks(), 'two');
    } finally {
      docker.compose(other.path, 'down');
      other.remove();
    }
  });

  inFull('goes into a volume that two services share, of user 1000, from a read-only root file system', async () => {
    const service = (name: string): string =>
      `  ${name}:\n    image: pats-example:1\n    network_mode: none\n    command: python3 writer.py\n    user: "1000:1000"\n    read_only: true\n    environment: { DATABASE_URL: "sqlite:////app/data/pats.db", UPLOAD_DIR: /app/uploads, RATE: "20" }\n    volumes: [data:/app/data, uploads:/app/uploads]\n`;
    project.compose('down', '-v', '--remove-orphans', '--timeout', '1');
    rmSync(join(project.root, 'backups'), { recursive: true, force: true });
    writeFileSync(
      join(project.root, 'docker-compose.yml'),
      `services:\n${service('backend')}${service('worker')}volumes:\n  data:\n  uploads:\n`,
    );
    project.compose('up', '--no-start');
    for (const volume of docker.docker('volume', 'ls', '-q').split('\n')) {
      chownSync(docker.docker('volume', 'inspect', '--format', '{{.Mountpoint}}', volume), 1000, 1000);
    }
    await up();
    mark('one');
    const { backup_name: name } = await create();
    mark('two');
    const { warnings } = await engine.planRestore({ root: project.root }, { name, scope: 'all' });
    assert.match(JSON.stringify(warnings), /backend.*worker|worker.*backend/);
    const { safetyBackup } = await restore(name);
    assert.equal(marks(), 'one');
    assert.deepEqual(marksIn(join(project.root, 'backups', safetyBackup, 'pats.db')), ['one', 'two']);
    assert.equal(project.python('import os; print({os.stat(p).st_uid for p in ["data", "data/pats.db", "uploads"]})'), '{1000}');
    const states = docker.docker('ps', '-a', '--format', '{{.Label "com.docker.compose.service"}} {{.State}}').split('\n');
    assert.deepEqual(states.sort(), ['backend running', 'worker running']);
    await engine.undo({ root: project.root }, {});
    assert.equal(marks(), 'one,two');
  });

  inFull('stops whoever has the same folder of this machine under the name of another volume, or by a link', async () => {
    const folder = newFolder('bound');
    const link = `${folder.path}-link`;
    symlinkSync(folder.path, link);
    for (const name of ['pats-bound', 'pats-again']) {
      docker.docker('volume', 'create', '--opt', 'type=none', '--opt', 'o=bind', '--opt', `device=${folder.path}`, name);
    }
    try {
      const external = '  data:\n    external: true\n    name: pats-bound\n';
      await change((text) => text.replace('  data:\n', external).replace('RATE: "0"', 'RATE: "20"'));
      for (const [name, source] of [
        ['pats-other', 'pats-again'],
        ['pats-linked', link],
      ]) {
        const other = ['--name', name ?? '', '--network', 'none', '-v', `${source ?? ''}:/elsewhere`, 'pats-example:1'];
        docker.docker('run', '-d', ...other, 'python3', '-c', 'import time; time.sleep(1000)');
      }
      mark('one');
      const { backup_name: name } = await create();
      mark('two');
      const { warnings } = await engine.planRestore({ root: project.root }, { name, scope: 'all' });
      assert.match(JSON.stringify(warnings), /pats-other/);
      assert.match(JSON.stringify(warnings), /pats-linked/);
      await restore(name);
      assert.equal(marks(), 'one');
      assert.equal(docker.docker('inspect', '--format', '{{.State.Status}}', 'pats-other'), 'running');
    } finally {
      docker.docker('rm', '-f', 'pats-other', 'pats-linked');
      project.compose('down', '-v', '--timeout', '1');
      docker.docker('volume', 'rm', '-f', 'pats-again', 'pats-bound');
      rmSync(link);
      folder.remove();
    }
  });

  inFull('keeps what was written into a database whose time somebody has set back since the last backup', async () => {
    await change((text) => text.replace('JOURNAL_MODE: WAL', 'JOURNAL_MODE: DELETE'));
    mark('one');
    const { backup_name: name } = await create();
    project.python(`${OPEN}; s = os.stat("data/pats.db"); db.execute("INSERT INTO marks VALUES ('two')"); db.commit(); db.close()
os.utime("data/pats.db", ns=(s.st_atime_ns, s.st_mtime_ns))`);
    const { safetyBackup } = await restore(name);
    assert.equal(marks(), 'one');
    assert.deepEqual(marksIn(join(project.root, 'backups', safetyBackup, 'pats.db')), ['one', 'two']);
  });

  inFull('keeps the safety backup when the volume is made anew before anything was replaced', async () => {
    await change((text) => text.replace('stop_grace_period: 3s', 'stop_grace_period: 1s'));
    mark('one');
    const { backup_name: name } = await create();
    mark('two');
    between.aim({
      // The first that is written there: nothing is staged yet.
      at: (method) => method === 'PUT',
      ...{ when: 'before', isEnd: false },
      deed: () => {
        between.aim(null);
        docker.docker('rm', '-f', ...docker.docker('ps', '-aq').split('\n'));
        project.compose('down', '-v', '--timeout', '1');
        project.up();
      },
    });
    await assert.rejects(restore(name));
    const { waiting } = await engine.recover({ root: project.root }, {});
    assert.equal(waiting, null);
    const safety = readdirSync(join(project.root, 'backups')).find((each) => each.startsWith('pre_restore')) ?? '';
    assert.deepEqual(marksIn(join(project.root, 'backups', safety, 'pats.db')), ['one', 'two']);
    assert.equal(project.state(), 'running');
  });

  inFull('keeps the safety backup when the volume is another one since', async () => {
    const safety = await interrupted();
    // The volume can go only without what a run that died has left of its own.
    docker.docker('rm', '-f', ...docker.docker('ps', '-aq').split('\n'));
    project.compose('down', '-v', '--timeout', '1');
    await up();
    const { waiting } = await engine.recover({ root: project.root }, {});
    assert.equal(waiting, null);
    assert.deepEqual(marksIn(join(project.root, 'backups', safety, 'pats.db')), ['two']);
    assert.equal(project.state(), 'running');
  });
});
