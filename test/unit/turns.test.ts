// In one process nothing opens or closes a live database while another operation works on it.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createEngine } from '../../src/engine/create-engine';
import { headerKind, openDatabase } from '../../src/engine/sqlite/connection';
import { realEnvironment } from '../../src/engine/store/environment';
import { inTurn } from '../../src/engine/turns';
import { makeProject, type PatsProject } from '../support/pats-project';

const INTRUDER = 'PATS_INTRUDER';

/** Runs in a child: whether it can write to the database now. */
function intrude(file: string): void {
  const db = new Database(file, { timeout: 0 });
  try {
    db.exec("INSERT INTO companies (name) VALUES ('foreign')");
    process.exitCode = 1;
  } catch {
    process.exitCode = 0;
  }
}

async function foreignCommits(file: string): Promise<number> {
  const child = spawn(process.execPath, [__filename], { env: { ...process.env, [INTRUDER]: file }, stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}

function suite(): void {
  let project: PatsProject;
  beforeEach(() => {
    project = makeProject({ journalMode: 'delete' });
  });
  afterEach(() => {
    project.remove();
  });

  it('a look at the header of a database keeps the locks that this process has on it', async () => {
    const db = openDatabase(project.database);
    db.exec('BEGIN IMMEDIATE');
    assert.equal(headerKind(project.database), 'sqlite');
    assert.equal(await foreignCommits(project.database), 0);
    db.close();
    assert.equal(await foreignCommits(project.database), 1);
  });

  it('the plan of a restore waits for a backup that is being made, and so does all else that opens the database', async () => {
    const order: string[] = [];
    const request = { root: project.root };
    const others: Promise<unknown>[] = [];
    await createEngine().create(request, { trigger: 'manual', name: 'first' });
    const engine = createEngine({
      ...realEnvironment,
      step: (name) => {
        order.push(name);
        if (name === 'stage-made') {
          others.push(
            engine.planRestore(request, { name: 'first', scope: 'all' }).then(() => order.push('planned')),
            engine.status(request).then(() => order.push('status')),
            engine.checkLive(request, {}).then(() => order.push('checked live')),
          );
        }
      },
    });
    await engine.create(request, { trigger: 'manual', name: 'second' });
    await Promise.all(others);
    assert.ok(
      order.indexOf('published') < Math.min(...['planned', 'status', 'checked live'].map((name) => order.indexOf(name))),
      order.join(),
    );
  });

  it('no commit of another program comes through while one operation holds the database and another one is asked for', async () => {
    const engine = createEngine();
    const request = { root: project.root };
    await engine.create(request, { trigger: 'manual', name: 'first' });
    let planned: Promise<unknown> = Promise.resolve();
    const commits = await inTurn(project.database, async () => {
      const db = openDatabase(project.database);
      db.exec('BEGIN IMMEDIATE');
      planned = engine.planRestore(request, { name: 'first', scope: 'all' });
      await new Promise((resolve) => setTimeout(resolve, 100));
      const found = await foreignCommits(project.database);
      db.close();
      return found;
    });
    assert.equal(commits, 0);
    await planned;
  });
}

const file = process.env[INTRUDER];
if (file === undefined) {
  describe('one operation after the other', suite);
} else {
  intrude(file);
}
