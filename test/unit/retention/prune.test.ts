// What a restore replaced may be in its safety backup alone: retention removes only safety backups that others make needless.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { realEnvironment } from '../../../src/engine/store/environment';
import { execute, filesOf, makeProject, rowsOf, visibleIn, writeUpload, type PatsProject } from '../../support/pats-project';

const all = { name: 'good', scope: 'all' } as const;

describe('retention and what only a safety backup holds', () => {
  let project: PatsProject;
  let request: { readonly root: string };
  beforeEach(() => {
    project = makeProject();
    request = { root: project.root };
    keepSafety({ perTrigger: { safety: { keepLast: 1 } } });
  });
  afterEach(() => {
    project.remove();
  });

  function keepSafety(retention: object): void {
    mkdirSync(join(project.root, '.vscode'), { recursive: true });
    writeFileSync(join(project.root, '.vscode/settings.json'), JSON.stringify({ 'patsBackup.retention': retention }));
  }

  function everywhere(find: (backup: string) => readonly string[]): string[] {
    return visibleIn(project.backups).flatMap((name) => find(join(project.backups, name)));
  }

  it('loses no row and no file that was acknowledged, in however many restores', async () => {
    const engine = createEngine({
      ...realEnvironment,
      step: (name) => {
        if (name === 'safety-taken') {
          writeUpload(project, `late-${++late}.txt`, `late ${late}`);
        }
      },
    });
    let late = 0;
    await engine.create(request, { trigger: 'manual', name: 'good' });
    const rows: string[] = [];
    for (let number = 1; number <= 4; number++) {
      rows.push(`row ${number}`);
      execute(project.database, `INSERT INTO companies (name) VALUES ('row ${number}')`);
      await engine.restore(request, number === 3 ? { ...all, scope: 'uploads' } : all);
    }
    const names = (file: string): string[] =>
      existsSync(file) ? (rowsOf(file)['companies'] as { name: string }[]).map(({ name }) => name) : [];
    const held = everywhere((backup) => names(join(backup, 'pats.db')));
    assert.deepEqual(
      rows.filter((row) => !held.includes(row)),
      [],
    );
    const files = everywhere((backup) => Object.keys(filesOf(join(backup, 'uploads'))));
    assert.deepEqual(
      [1, 2, 3, 4].filter((number) => !files.includes(`late-${number}.txt`)),
      [],
    );
    const plan = await engine.planPrune(request, { policy: { keepLast: 1, maxBytes: 0 } });
    const reasons = plan.filter(({ name }) => name.startsWith('pre_restore')).map(({ action, reason }) => `${action}: ${reason}`);
    assert.equal(reasons.length, 4);
    assert.ok(
      reasons.every((reason) => /^keep: (needed by Undo|no other backup holds .*: remove it by hand)$/.test(reason)),
      reasons.join('\n'),
    );
  });

  it('removes those that hold what another backup holds too, unless that one goes in the same moment', async () => {
    const engine = createEngine();
    await engine.create(request, { trigger: 'manual', name: 'good' });
    execute(project.database, "INSERT INTO companies (name) VALUES ('a row')");
    await engine.create(request, { trigger: 'manual', name: 'newer' });
    const safety: string[] = [];
    for (const name of ['good', 'good', 'newer', 'newer']) {
      safety.push((await engine.restore(request, { ...all, name })).safetyBackup);
    }
    assert.deepEqual(visibleIn(project.backups).sort(), ['good', 'newer', safety.at(-1)].sort());
    keepSafety({ perTrigger: { safety: { keepLast: 10 } } });
    for (const name of ['good', 'newer', 'newer']) {
      safety.push((await engine.restore(request, { ...all, name })).safetyBackup);
    }
    const [needless = '', alsoNeedless = '', asGood = '', undo = ''] = safety.slice(-4);
    keepSafety({ keepLast: 0, perTrigger: { safety: { keepLast: 0 } } });
    const fate = Object.fromEntries((await engine.planPrune(request, {})).map(({ name, action }) => [name, action]));
    assert.deepEqual(fate, {
      good: 'remove',
      newer: 'keep',
      [needless]: 'remove',
      [alsoNeedless]: 'remove',
      [asGood]: 'keep',
      [undo]: 'keep',
    });
  });
});
