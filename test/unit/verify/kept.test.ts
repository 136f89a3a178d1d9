// What is found damaged is known from then on, whichever deed found it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { createEngine } from '../../../src/engine/create-engine';
import { makeProject } from '../../support/pats-project';
import { rot } from '../../support/rot';
import { newForEachTest } from '../../support/stand-in';

const engine = createEngine();

describe('what a deed found about a backup', () => {
  const project = newForEachTest(makeProject);
  const request = (): { root: string } => ({ root: project.root });
  const kept = async (): Promise<{ ok: boolean; depth: string } | null> => {
    const { verification = null } = (await engine.list(request())).backups.find(({ name }) => name === 'good') ?? {};
    return verification && { ok: verification.ok, depth: verification.depth };
  };
  beforeEach(async () => {
    await engine.create(request(), { trigger: 'manual', name: 'good' });
  });

  const deeds: Record<string, () => Promise<unknown>> = {
    'a restore that is planned': () => engine.planRestore(request(), { name: 'good', scope: 'all' }),
    'a restore': () => assert.rejects(engine.restore(request(), { name: 'good', scope: 'all' })),
    'a test restore': () => engine.drill(request(), { name: 'good' }),
    'an export': () => assert.rejects(engine.exportBackup(request(), { name: 'good', file: join(project.root, 'x.zip') })),
    'a verification in the background': () => engine.verify(request(), { names: ['good'], background: true }),
  };
  for (const [what, deed] of Object.entries(deeds)) {
    it(`is kept when ${what} finds damage`, async () => {
      assert.equal(await kept(), null);
      rot(join(project.backups, 'good/pats.db'), 5000);
      await deed();
      assert.equal((await kept())?.ok, false);
    });
  }

  it('is kept when a restore or a test restore found it good, but never instead of damage that only a closer look sees', async () => {
    await engine.drill(request(), { name: 'good' });
    assert.deepEqual(await kept(), { ok: true, depth: 'deep' });
    rot(join(project.backups, 'good/pats.db'), 5000);
    await engine.drill(request(), { name: 'good' });
    rot(join(project.backups, 'good/pats.db'), 5000);
    await engine.restore(request(), { name: 'good', scope: 'all' });
    assert.deepEqual(await kept(), { ok: false, depth: 'deep' });
  });
});
