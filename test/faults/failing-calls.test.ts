// Faults 11 and 12 below SQLite: its own writes and syncs fail or are cut short, at chosen calls of every verb that writes.
import assert from 'node:assert/strict';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { createEngine } from '../../src/engine/create-engine';
import { runWithFault, type CallFault, type FaultyRun } from '../support/failing-calls';
import { execute, filesOf, makeProject, stateOf, wreck, type PatsProject } from '../support/pats-project';
import { Chance } from '../support/random';
import { isWhole, positions, seed, share } from '../support/seed';

const engine = createEngine();
const chance = new Chance(seed);

interface Verb {
  readonly name: string;
  readonly args: readonly string[];
  /** Whether the live data may change at all. */
  readonly replaces: boolean;
  prepare(project: PatsProject): Promise<void>;
}

const VERBS: readonly Verb[] = [
  { name: 'backup', args: ['backup', 'second'], replaces: false, prepare: async () => Promise.resolve() },
  {
    name: 'restore',
    args: ['restore', 'good', '--force'],
    replaces: true,
    prepare: async (project) => {
      wreck(project);
      await Promise.resolve();
    },
  },
  {
    name: 'undo',
    args: ['undo', '--force'],
    replaces: true,
    prepare: async (project) => {
      wreck(project);
      await engine.restore({ root: project.root }, { name: 'good', scope: 'all' });
      execute(project.database, 'DELETE FROM applications WHERE id > 10');
    },
  },
  {
    name: 'restore-dump',
    args: ['restore-dump', 'plain.sql', '--force'],
    replaces: true,
    prepare: async (project) => {
      await engine.dump({ root: project.root }, { file: join(project.root, 'plain.sql') });
      wreck(project);
    },
  },
];

/** Each kind of call that SQLite makes, and what may go wrong with it. */
const FAULTS: readonly Omit<CallFault, 'at'>[] = [
  { call: 'write', path: '.db', mode: 'fail', code: 'EIO' },
  { call: 'write', path: '.db', mode: 'fail', code: 'ENOSPC', stays: true },
  { call: 'write', path: '.db', mode: 'short' },
  { call: 'sync', path: '.db', mode: 'fail', code: 'EIO' },
  { call: 'sync', path: '', mode: 'fail', code: 'EIO' },
  { call: 'sync', path: '', mode: 'fail', code: 'EIO', stays: true },
  { call: 'remove', path: '.db', mode: 'fail', code: 'EIO' },
  { call: 'any', path: '/pats-test-', mode: 'fail', code: chance.of(['EROFS', 'ENODEV', 'ESTALE', 'EMFILE', 'ENOMEM']), stays: true },
];

async function prepared(verb: Verb, journalMode: 'wal' | 'delete'): Promise<PatsProject> {
  const project = makeProject({ journalMode });
  await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
  await verb.prepare(project);
  return project;
}

/** What the live data is after the verb where nothing fails. */
async function outcomeOf(
  verb: Verb,
  journalMode: 'wal' | 'delete',
  fault: Omit<CallFault, 'at'>,
): Promise<{ after: unknown; calls: number }> {
  const project = await prepared(verb, journalMode);
  try {
    const { code, calls, stderr } = runWithFault(project.root, verb.args, { ...fault, at: 0 });
    assert.equal(code, 0, stderr);
    return { after: stateOf(project), calls };
  } finally {
    project.remove();
  }
}

/** The answer agrees with the disk: done, or nothing changed; and every backup that is listed is good. */
async function agrees(project: PatsProject, run: FaultyRun, before: unknown, after: unknown, what: string): Promise<void> {
  const said = `${what}: exit ${String(run.code)} ${run.stderr}`;
  assert.doesNotMatch(run.stderr, /unexpected/, said);
  const { backups } = await engine.list({ root: project.root });
  const complete = backups.filter(({ status }) => status === 'ok');
  const names = complete.map(({ name }) => name);
  const checks = names.length === 0 ? [] : await engine.verify({ root: project.root }, { names, deep: true });
  assert.deepEqual(
    checks.filter(({ ok }) => !ok),
    [],
    said,
  );
  assert.ok(names.includes('good'), said);
  await engine.recover({ root: project.root }, {});
  const state = isDeepStrictEqual(stateOf(project), after) ? 'after' : isDeepStrictEqual(stateOf(project), before) ? 'before' : 'a mix';
  const told = run.code === 0 || run.code === 4 ? 'after' : 'before';
  const isOpen = run.stderr.includes('cannot be told now') && state !== 'a mix';
  assert.ok(
    state === told || isOpen || isDeepStrictEqual(before, after),
    `the live data is ${state}, and the answer says ${told}: ${said}`,
  );
  const stages = Object.keys(filesOf(join(project.root, 'backend'))).filter((path) => path.includes('.pats-restore-'));
  assert.deepEqual(stages, [], said);
}

describe(`a system call of SQLite that fails (seed ${String(seed)})`, () => {
  for (const verb of VERBS) {
    for (const fault of FAULTS) {
      const { call, path, mode, code = '', stays = false } = fault;
      const kind = `${mode} ${code} at ${call === 'any' ? 'any call' : `a ${call}`} on ${path === '' ? 'any file' : path}${stays ? ' and ever after' : ''}`;
      it(`${verb.name}: ${kind}`, async function () {
        this.timeout(isWhole ? 600_000 : 120_000);
        const journalMode = chance.is(0.5) ? 'wal' : 'delete';
        const { after, calls } = await outcomeOf(verb, journalMode, fault);
        for (const at of positions(calls, share(3, 60), chance)) {
          const project = await prepared(verb, journalMode);
          try {
            const before = stateOf(project);
            const run = runWithFault(project.root, verb.args, { ...fault, at });
            await agrees(
              project,
              run,
              before,
              verb.replaces ? after : before,
              `${kind}, call ${String(at)} of ${String(calls)}, ${journalMode}`,
            );
          } finally {
            rmSync(project.root, { recursive: true, force: true });
          }
        }
      });
    }
  }

  for (const verb of VERBS) {
    it(`${verb.name}: a quota that is used up is told as a full disk, at whichever write`, async function () {
      this.timeout(isWhole ? 600_000 : 120_000);
      const fault = { call: 'write', path: '/pats-test-', mode: 'fail', code: 'EDQUOT', stays: true } as const;
      const { after, calls } = await outcomeOf(verb, 'delete', fault);
      for (const at of positions(calls, share(2, 60), chance)) {
        const project = await prepared(verb, 'delete');
        try {
          const before = stateOf(project);
          const run = runWithFault(project.root, verb.args, { ...fault, at });
          await agrees(project, run, before, verb.replaces ? after : before, `EDQUOT at write ${String(at)} of ${String(calls)}`);
          assert.ok(run.code !== 1 || /no space left|quota/i.test(run.stderr), run.stderr);
        } finally {
          rmSync(project.root, { recursive: true, force: true });
        }
      }
    });
  }

  it('what fails once while the safety backup is written says nothing about the live database', async () => {
    for (const at of [2, 3]) {
      const project = await prepared(VERBS[1] as Verb, 'wal');
      const run = runWithFault(project.root, ['restore', 'good', '--force'], { call: 'sync', path: '.db', mode: 'fail', code: 'EIO', at });
      const { backups } = await engine.list({ root: project.root });
      const damaged = backups.filter((backup) => backup.status === 'ok' && backup.manifest?.database?.damaged === true);
      assert.deepEqual(damaged, [], `call ${String(at)}: exit ${String(run.code)} ${run.stderr}`);
      project.remove();
    }
  });

  it('what fails once while the live database is written takes it from no program that has it open', async () => {
    for (const at of [1, 9]) {
      const project = await prepared(VERBS[1] as Verb, 'delete');
      const { ino } = statSync(project.database);
      const fault = { call: 'write', path: 'data/pats.db', mode: 'fail', code: 'EIO', at } as const;
      const run = runWithFault(project.root, ['restore', 'good', '--force'], fault);
      assert.equal(run.code, 0, run.stderr);
      assert.equal(statSync(project.database).ino, ino);
      project.remove();
    }
  });
});
