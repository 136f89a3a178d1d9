// Kills of backups and restores of volumes at random moments: nothing is lost, nothing is half, and nothing stands still afterwards.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { createEngine } from '../../src/engine/create-engine';
import type { Engine } from '../../src/engine/engine';
import { containerProject, type ContainerProject } from '../support/container-project';
import { describeWithDocker } from '../support/docker-suite';
import { Chance } from '../support/random';
import { seed, share } from '../support/seed';

const KILLS = Number(process.env['PATS_KILLS'] ?? share(0, 100));
const chance = new Chance(seed);
type Verb = 'backup' | 'restore' | 'undo';
const WORDS: Readonly<Record<Verb, readonly string[]>> = {
  backup: ['backup'],
  restore: ['restore', 'good', '--force'],
  undo: ['undo', '--force'],
};
/** An undo needs a restore that took place. */
const VERBS: readonly Verb[] = KILLS > 1 ? ['backup', 'restore', 'undo'] : ['backup', 'restore'];

/** Docker's requests that write are counted, and with one of them the process is gone. */
const KILLER = `
const http = require('node:http');
const request = http.request;
let count = 0;
http.request = (options, ...rest) => {
  const isIt = options.socketPath !== undefined && options.method === 'PUT' && options.path.includes(process.env.KILL_ON) && ++count === Number(process.env.KILL_AT);
  if (isIt && !process.env.KILL_LATE) {
    process.kill(process.pid, 'SIGKILL');
  }
  const asked = request(options, ...rest);
  if (isIt) {
    asked.once('finish', () => setImmediate(() => process.kill(process.pid, 'SIGKILL')));
  }
  return asked;
};
`;
/** So many of them a restore makes, as far as is known. */
let requests = 24;

describeWithDocker(
  `kills of backups and restores of volumes (seed ${String(seed)})`,
  (docker, home) => {
    let project: ContainerProject;
    let engine: Engine;
    after(async () => {
      // Docker itself may still have been making what a run that was killed had asked for: whoever looks next removes it.
      for (let attempt = 1; attempt <= 3; attempt++) {
        await sleep(1000);
        await engine.status({ root: project.root });
      }
      assert.equal(docker.docker('ps', '-aq').split('\n').length, 1, docker.docker('ps', '-a'));
      project.remove();
    });
    before(async () => {
      project = containerProject(docker, { rate: 50 });
      engine = createEngine();
      project.up();
      await sleep(1500);
      project.python(`import sqlite3; sqlite3.connect("data/pats.db", timeout=30).execute("CREATE TABLE marks (name TEXT)")`);
      await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
      await engine.setPinned({ root: project.root }, { names: ['good'], pinned: true });
    });

    /** How long each verb takes when nobody kills it, so that kills fall anywhere in it. */
    const took: Record<string, number> = { backup: 2500, restore: 8000, undo: 8000 };

    const killed = async (verb: Verb): Promise<string> => {
      const words = WORDS[verb];
      if (verb === 'restore' && chance.is(0.7)) {
        return killedAtRequest([...words]);
      }
      const start = Date.now();
      const wait = chance.below(took[verb] ?? 0);
      const child = spawn(process.execPath, [join(process.env['PATS_REPO'] ?? '.', 'dist/cli.js'), ...words, '--project', project.root], {
        env: { ...process.env, ...docker.env, XDG_STATE_HOME: home.path },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let said = '';
      child.stdout.on('data', (part: Buffer) => (said += part.toString()));
      child.stderr.on('data', (part: Buffer) => (said += part.toString()));
      const ended = new Promise<number | null>((done) => child.once('exit', done));
      const timer = setTimeout(() => child.kill('SIGKILL'), wait);
      const code = await ended;
      clearTimeout(timer);
      if (code !== null) {
        took[verb] = (took[verb] ?? 0) * 0.5 + (Date.now() - start) * 0.5;
        assert.equal(code, 0, said);
      } else if (wait > 0.8 * (took[verb] ?? 0)) {
        took[verb] = wait * 1.3;
      }
      return `${verb} ${code === null ? `killed after ${String(wait)} ms` : 'ended'}`;
    };
    /** Just before, or just after, Docker is asked to write something: most of what can go wrong lies there. */
    const killedAtRequest = async (words: readonly string[]): Promise<string> => {
      // With the database's alone, the kill is close to the moment in which the restore happens.
      const isDatabase = chance.is(0.5);
      const [at, isLate] = [1 + chance.below(isDatabase ? 9 : requests), chance.is(0.5)];
      const preload = join(home.path, 'kill.cjs');
      writeFileSync(preload, KILLER);
      const child = spawn(process.execPath, [join(process.env['PATS_REPO'] ?? '.', 'dist/cli.js'), ...words, '--project', project.root], {
        env: {
          ...{ ...process.env, ...docker.env, XDG_STATE_HOME: home.path, NODE_OPTIONS: `--require ${preload}` },
          ...{ KILL_AT: String(at), KILL_LATE: isLate ? '1' : '', KILL_ON: isDatabase ? '_data' : '' },
        },
        stdio: 'ignore',
      });
      const code = await new Promise<number | null>((done) => child.once('exit', done));
      requests = isDatabase ? requests : code === null ? Math.max(requests, at + 2) : Math.max(4, at - 1);
      assert.ok(code === null || code === 0);
      return `restore ${code === null ? `killed ${isLate ? 'after' : 'before'} request ${String(at)}${isDatabase ? ' of the database' : ''}` : 'ended'}`;
    };
    const safeties = async (): Promise<string[]> =>
      (await engine.list({ root: project.root })).backups.filter(({ name }) => name.startsWith('pre_restore')).map(({ name }) => name);
    const marksIn = (file: string): string[] => {
      const db = new Database(file, { readonly: true });
      try {
        return db.prepare('SELECT name FROM marks').pluck().all() as string[];
      } finally {
        db.close();
      }
    };

    const check = async (name: string, verb: Verb, known: readonly string[]): Promise<string> => {
      const recovery = await engine.recover({ root: project.root }, {});
      assert.equal(recovery.waiting, null, JSON.stringify(recovery));
      // Docker itself may still be making what it was asked for: whoever looks next puts that in order.
      await sleep(1500);
      for (let attempt = 1; attempt === 1 || (attempt < 20 && docker.docker('ps', '-aq').includes('\n')); attempt++) {
        await sleep(attempt * 100 - 100);
        await engine.status({ root: project.root });
      }
      assert.equal(project.state(), 'running');
      const [marks = '', uploads = '', stages = '', sound = ''] = project
        .python(
          `import sqlite3, os; db = sqlite3.connect("data/pats.db", timeout=30)
print("=" + ",".join(r[0] for r in db.execute("SELECT name FROM marks")))
print("=" + ",".join(n for n in os.listdir("uploads") if n.startswith("mark")))
print("=" + ",".join(n for n in os.listdir("uploads") + os.listdir("data") if "pats-restore" in n))
print("=" + db.execute("PRAGMA quick_check").fetchone()[0])`,
        )
        .split('\n')
        .map((line) => line.slice(1));
      assert.equal(stages, '');
      assert.equal(sound, 'ok');
      const fresh = (await safeties()).filter((each) => !known.includes(each));
      assert.ok(fresh.length <= 1);
      const isRestored = fresh.length === 1;
      assert.ok(verb !== 'backup' || !isRestored);
      assert.equal(marks.split(',').includes(name), !isRestored, `row ${name}, ${JSON.stringify(fresh)}, ${JSON.stringify(recovery)}`);
      assert.equal(uploads.split(',').includes(`${name}.txt`), !isRestored, `upload ${name}`);
      if (isRestored) {
        const folder = join(project.root, 'backups', fresh[0] ?? '');
        assert.ok(marksIn(join(folder, 'pats.db')).includes(name));
        assert.ok(existsSync(join(folder, 'uploads', `${name}.txt`)));
      }
      return isRestored ? 'restored' : 'as before';
    };

    for (let round = 1; round <= KILLS; round++) {
      for (const verb of VERBS) {
        it(`of a ${verb} lose nothing (${String(round)} of ${String(KILLS)})`, async () => {
          const name = `mark-${verb}-${String(round)}`;
          const made = project.python(
            `import sqlite3; db = sqlite3.connect("data/pats.db", timeout=30); open("uploads/${name}.txt", "w").write("x"); db.execute("INSERT INTO marks VALUES ('${name}')"); db.commit(); print("made")`,
          );
          assert.equal(made, 'made');
          const known = await safeties();
          const story = await killed(verb);
          const state = await check(name, verb, known);
          if (process.env['PATS_KILLS'] !== undefined) {
            console.log(`      ${story}: ${state}`);
          }
        });
      }
    }
  },
  { isInFull: process.env['PATS_KILLS'] === undefined },
);
