import assert from 'node:assert/strict';
import { statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { isSafeRelative } from '../../../src/engine/files/paths';
import { clashingNames, unfitNames } from '../../../src/engine/platform/names';
import { platformOf } from '../../../src/engine/platform/platform';
import { realEnvironment } from '../../../src/engine/store/environment';
import { failsWith } from '../../support/failing';
import { choosyDisk, DROPPING, FOLDING, linklessDisk, namingDisk } from '../../support/odd-disks';
import { hiddenIn, makeProject, stateOf, visibleIn, wreck, writeUpload } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

const WINDOWS = platformOf('win32');

describe('names that a system cannot hold', () => {
  const project = newForEachTest(makeProject);

  it('are known by its rules', () => {
    const unfit = [
      'q?.txt',
      'CON',
      'con.txt',
      'a/nul/b',
      'ab:c',
      'dot.',
      'blank ',
      'back\\slash',
      'lpt1.log',
      'com\u00b9',
      'tab\t',
      'x'.repeat(256),
    ];
    const fit = ['console.txt', 'a b.c', '.hidden', 'com', 'com10', 'Ünïcode/файл.txt', 'x'.repeat(255)];
    assert.deepEqual(
      unfitNames([...unfit, ...fit], WINDOWS).map(({ path }) => path),
      unfit,
    );
    assert.deepEqual(unfitNames([...unfit, ...fit], platformOf('linux')), []);
    assert.deepEqual(
      clashingNames(['Docs/a', 'docs/b', 'x/É', 'x/E\u0301', 'y']).map(({ path }) => path),
      ['docs', 'x/E\u0301'],
    );
    assert.deepEqual(
      ['ab:c', 'a\\b', 'C:/x', '/x', 'a/b'].map((path) => isSafeRelative(path, WINDOWS)),
      [false, false, false, false, true],
    );
    assert.deepEqual(
      ['ab:c', 'a\\b', 'C:/x', '/x', 'a/b'].map((path) => isSafeRelative(path, platformOf('linux'))),
      [true, true, false, false, true],
    );
  });

  it('are too long for SQLite on Windows, and are then refused with their length', async () => {
    const engine = createEngine({ ...realEnvironment, platform: WINDOWS });
    const name = 'x'.repeat(200);
    const { message } = await failsWith('NAME_INVALID', engine.create({ root: project.root }, { trigger: 'manual', name }));
    assert.match(message, /SQLite opens no more than 251/);
    assert.deepEqual([visibleIn(project.backups), hiddenIn(project.backups)], [[], []]);
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'short' });
  });

  for (const [what, name, environment] of [
    ['a name of Windows', 'q?.txt', () => ({ platform: WINDOWS })],
    ['two names that differ in case', 'CV.pdf', (root: string) => ({ disk: namingDisk(root, FOLDING) })],
    ['a name that the disk refuses', 'q?.txt', () => ({ disk: choosyDisk(/[?]/) })],
    ['a name that is too long for the disk', `${'€'.repeat(50)}.txt`, () => ({ disk: choosyDisk(/€{50}/, 'ENAMETOOLONG') })],
    ['a name that the disk shortens', 'end.', (root: string) => ({ disk: namingDisk(root, DROPPING) })],
  ] as const) {
    it(`are foreseen by plan, drill, restore and import (${what}), and nothing is changed`, async () => {
      const request = { root: project.root };
      writeUpload(project, name, 'cannot be held there');
      const linux = createEngine();
      await linux.create(request, { trigger: 'manual', name: 'good' });
      const { file } = await linux.exportBackup(request, { name: 'good' });
      wreck(project);
      const wrecked = stateOf(project);
      const since = statSync(project.uploads).mtimeMs;
      const engine = createEngine({ ...realEnvironment, ...environment(dirname(project.uploads)) });
      const importing = createEngine({ ...realEnvironment, ...environment(project.root) });
      const named = new RegExp(`uploads/(?:${name.replace(/[?.]/g, '[$&]')}|cv\\.pdf)`);
      assert.match((await engine.planRestore(request, { name: 'good', scope: 'all' })).obstacles?.join() ?? '', named);
      assert.match((await engine.drill(request, { name: 'good' })).problems.join(), named);
      assert.match((await failsWith('NAME_INVALID', engine.restore(request, { name: 'good', scope: 'all' }))).message, named);
      assert.match((await failsWith('NAME_INVALID', importing.importBackup(request, { file }))).message, named);
      assert.deepEqual([stateOf(project), visibleIn(project.backups), hiddenIn(project.backups)], [wrecked, ['good'], []]);
      assert.ok(Math.abs(statSync(project.uploads).mtimeMs - since) < 1);
      await engine.restore(request, { name: 'good', scope: 'all', files: ['uploads/empty.txt'] });
      await engine.restore(request, { name: 'good', scope: 'database' });
    });
  }

  it('and links are asked about only where a backup has any: nothing is written otherwise', async () => {
    const request = { root: project.root };
    const made: string[] = [];
    const disk = linklessDisk('EPERM');
    const watched = { ...disk, makeFolder: (path: string) => (made.push(path), disk.makeFolder(path)) };
    const engine = createEngine({ ...realEnvironment, disk: watched });
    await createEngine().create(request, { trigger: 'manual', name: 'plain' });
    const plan = await engine.planRestore(request, { name: 'plain', scope: 'all' });
    assert.deepEqual([made, plan.warnings], [[], []]);
    symlinkSync('cv.pdf', join(project.uploads, 'newest'));
    await createEngine().create(request, { trigger: 'manual', name: 'links' });
    const before = stateOf(project);
    const wanted = { code: 'LINKS_LEFT_OUT', message: 'This file system takes no links: uploads/newest will be left out.' };
    assert.deepEqual((await engine.planRestore(request, { name: 'links', scope: 'all' })).warnings, [wanted]);
    assert.deepEqual((await engine.drill(request, { name: 'links' })).warnings, [wanted]);
    assert.ok(made.length > 0);
    assert.deepEqual([stateOf(project), visibleIn(project.backups), hiddenIn(project.backups)], [before, ['links', 'plain'], []]);
  });
});
