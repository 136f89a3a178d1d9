// What a window may do with a folder that is not trusted: look at its backups, and nothing else.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine, OPERATIONS } from '../../src/engine/create-engine';
import type { Engine } from '../../src/engine/engine';
import { failsWith } from '../support/failing';
import { StandInDocker } from '../support/stand-in-docker';
import { filesOf, git, makeProject, type PatsProject } from '../support/pats-project';

/** What answers where the caller may only look; everything else is refused. */
const LOOKING: readonly (keyof Engine)[] = ['discover', 'recover', 'list', 'show', 'storage', 'container', 'locateRevision'];

describe('A folder that is only looked at', () => {
  const engine = createEngine();
  let project: PatsProject;
  let ran: string;
  let before: unknown;
  beforeEach(async () => {
    project = makeProject();
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
    ran = join(project.root, '.git', 'ran');
    git(project, 'init', '--quiet');
    const program = join(project.root, '.git', 'program');
    writeFileSync(program, `#!/bin/sh\ntouch "${ran}"\n`);
    chmodSync(program, 0o755);
    git(project, 'config', 'core.fsmonitor', program);
    // What an interrupted run left, and settings that nobody may read.
    mkdirSync(join(project.backups, '.tmp-left-12345678'));
    writeFileSync(join(project.backups, '.restore-journal.json'), '{}');
    mkdirSync(join(project.root, '.vscode'));
    writeFileSync(join(project.root, '.vscode/settings.json'), '{"patsBackup.backupsFolder": "backend", "patsBackup.database": 3');
    writeFileSync(project.database, 'not opened');
    rmSync(join(project.backups, '.pats-backup.lock'), { force: true });
    before = filesOf(project.root);
  });
  afterEach(() => {
    project.remove();
  });

  it('shows its backups without reading its settings, recovering or writing anything', async () => {
    const request = { root: project.root, readOnly: true };
    const { backups } = await engine.list(request);
    assert.deepEqual(
      backups.map(({ name, status, relation }) => [name, status, relation]),
      [['good', 'ok', undefined]],
    );
    assert.equal((await engine.show(request, { name: 'good' })).backup_name, 'good');
    assert.equal((await engine.storage(request)).backups.length, 1);
    assert.deepEqual(await engine.recover(request, {}), { actions: [], waiting: null });
    assert.equal(await engine.container(request), null);
    assert.equal(await engine.locateRevision(request, { revision: 'a1b2c3d4e5f6' }), null);
    const { project: found } = await engine.discover(request);
    assert.deepEqual([found.database, found.uploads, found.backups], [null, [], project.backups]);
    assert.deepEqual(filesOf(project.root), before);
    assert.equal(existsSync(ran), false);
  });

  it('asks Docker nothing, whatever its compose file and its settings name', async function () {
    if (process.platform === 'win32') {
      this.skip();
    }
    const docker = await StandInDocker.start(() => undefined);
    const host = process.env['DOCKER_HOST'];
    process.env['DOCKER_HOST'] = `unix://${docker.socket}`;
    try {
      const service = 'services: { web: { image: x, environment: { DATABASE_URL: "sqlite:////data/a.db" }, volumes: ["d:/data"] } }';
      writeFileSync(join(project.root, 'docker-compose.yml'), `${service}\nvolumes: { d: {} }\n`);
      writeFileSync(join(project.root, '.vscode/settings.json'), '{"patsBackup.database": "web:/data/a.db"}');
      const request = { root: project.root, readOnly: true };
      const params = { name: 'good', names: ['good'], trigger: 'manual', scope: 'all', still: true, action: 'stop', container: true };
      for (const name of Object.keys(OPERATIONS) as (keyof Engine)[]) {
        const run = engine[name].bind(engine) as (request: unknown, params: unknown) => Promise<unknown>;
        await run(request, params).catch(() => undefined);
      }
      assert.deepEqual(docker.asked, []);
      // Where it is trusted, it is asked.
      await engine.status({ root: project.root });
      assert.notDeepEqual(docker.asked, []);
    } finally {
      process.env['DOCKER_HOST'] = host;
      if (host === undefined) {
        delete process.env['DOCKER_HOST'];
      }
      await docker.remove();
    }
  });

  it('refuses every other operation before it does anything', async () => {
    const request = { root: project.root, readOnly: true };
    const params = { name: 'good', names: ['good'], trigger: 'manual', scope: 'all', pinned: true, note: '', file: 'x', action: 'stop' };
    const others = (Object.keys(OPERATIONS) as (keyof Engine)[]).filter((name) => !LOOKING.includes(name));
    assert.ok(others.length > 15);
    for (const name of others) {
      const run = engine[name].bind(engine) as (request: unknown, params: unknown) => Promise<unknown>;
      await failsWith('REFUSED', run(request, params));
    }
    assert.deepEqual(filesOf(project.root), before);
    assert.equal(existsSync(ran), false);
  });
});
