// Random kills of every verb that writes, with an application that goes on before the next run: nothing acknowledged is lost.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createEngine } from '../../src/engine/create-engine';
import { Application } from '../support/application';
import { runWithFault } from '../support/failing-calls';
import { makeProject, type PatsProject } from '../support/pats-project';
import { Chance } from '../support/random';
import { seed, share } from '../support/seed';

const engine = createEngine();
const chance = new Chance(seed);
const ROUNDS = share(3, 20);
const KILLS_A_ROUND = share(6, 10);

const VERBS: readonly (readonly string[])[] = [
  ['backup'],
  ['restore', 'good', '--force'],
  ['restore', 'good', '--force'],
  ['undo', '--force'],
  ['restore-dump', 'plain.sql', '--force'],
  ['prune', '--keep-last', '3', '--force'],
  ['list'],
];

/** How many calls each verb makes, so that kills fall anywhere in it. */
const calls = new Map<string, number>();

function killed(project: PatsProject): string {
  const args = chance.of(VERBS);
  const fault = { call: 'any', path: project.root, mode: 'kill' } as const;
  const key = args.join(' ');
  const known = calls.get(key) ?? 60;
  const at = 1 + chance.below(known + 5);
  const run = runWithFault(project.root, args, { ...fault, at });
  if (!run.killed) {
    calls.set(key, Math.max(run.calls, 10));
  }
  return run.killed ? `${key} killed at call ${String(at)}` : `${key}: exit ${String(run.code)}`;
}

describe(`random kills while an application goes on (seed ${String(seed)})`, () => {
  for (let round = 1; round <= ROUNDS; round++) {
    it(`lose nothing and stop no verb (round ${String(round)} of ${String(ROUNDS)})`, async function () {
      this.timeout(120_000);
      const project = makeProject({ journalMode: chance.is(0.5) ? 'wal' : 'delete' });
      const story: string[] = [];
      try {
        const application = new Application(project);
        application.commit('first');
        await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
        await engine.setPinned({ root: project.root }, { names: ['good'], pinned: true });
        await engine.dump({ root: project.root }, { file: join(project.root, 'plain.sql') });
        for (let kill = 1; kill <= KILLS_A_ROUND; kill++) {
          application.commit(`row-${String(kill)}`);
          application.save(`saved-${String(kill)}`);
          story.push(killed(project));
          application.commit(`after-${String(kill)}`);
          application.save(`saved-after-${String(kill)}`);
          const { backups } = await engine.list({ root: project.root });
          const complete = backups.filter(({ status }) => status === 'ok');
          if (!story.some((line) => line.startsWith('prune'))) {
            assert.deepEqual(application.lost(complete), [], story.join('\n'));
          }
        }
        await engine.create({ root: project.root }, { trigger: 'manual' });
        const { backups } = await engine.list({ root: project.root });
        const names = backups.filter(({ status }) => status === 'ok').map(({ name }) => name);
        const checks = await engine.verify({ root: project.root }, { names, deep: true });
        assert.deepEqual(
          checks.filter(({ ok }) => !ok),
          [],
          story.join('\n'),
        );
      } finally {
        project.remove();
      }
    });
  }
});
