// Windows renames, replaces and removes nothing that is open, also by the very process that wants to: a whole day with such a disk.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createEngine } from '../../../src/engine/create-engine';
import { platformOf } from '../../../src/engine/platform/platform';
import { realEnvironment } from '../../../src/engine/store/environment';
import { openFiles } from '../../support/open-files';
import { strictDisk } from '../../support/odd-disks';
import { hiddenIn, makeProject, rowsOf, stateOf, wreck, type PatsOptions } from '../../support/pats-project';
import { makeWrecked } from '../../support/wrecked-database';

describe('a system that touches nothing that is open', () => {
  const engine = createEngine({ ...realEnvironment, disk: strictDisk(), platform: platformOf('win32') });

  async function withProject(options: PatsOptions, use: (project: ReturnType<typeof makeProject>) => Promise<void>): Promise<void> {
    const project = makeProject(options);
    try {
      await use(project);
    } finally {
      project.remove();
    }
    assert.deepEqual(
      openFiles().paths.filter((path) => path.startsWith(project.root)),
      [],
    );
  }

  for (const options of [{ journalMode: 'wal' }, { journalMode: 'delete' }, { journalMode: 'wal', pageSize: 1024 }] as const) {
    it(`has every verb (${options.journalMode}${'pageSize' in options ? ', another page size' : ''})`, () =>
      withProject(options, async (project) => {
        const request = { root: project.root };
        await engine.create(request, { trigger: 'manual', name: 'good' });
        const good = stateOf(project);
        assert.deepEqual((await engine.drill(request, { name: 'good' })).problems, []);
        wreck(project);
        const wrecked = stateOf(project);
        await engine.restore(request, { name: 'good', scope: 'all' });
        assert.deepEqual(stateOf(project), good);
        await engine.undo(request, {});
        assert.deepEqual(stateOf(project), wrecked);
        await engine.restore(request, { name: 'good', scope: 'all', tables: ['companies'], files: ['uploads/cv.pdf'] });
        await engine.undo(request, {});
        assert.deepEqual(stateOf(project), wrecked);
        const { file: dump } = await engine.dump(request, {});
        await engine.restoreDump(request, { file: dump });
        const { file } = await engine.exportBackup(request, { name: 'good' });
        await engine.remove(request, { names: ['good'] });
        await engine.importBackup(request, { file });
        await engine.repair(request, { name: 'good' });
        const policy = { keepLast: 1 };
        const going = (await engine.planPrune(request, { policy })).filter(({ action }) => action === 'remove');
        await engine.prune(request, { policy, names: going.map(({ name }) => name) });
        assert.deepEqual(hiddenIn(project.backups), []);
      }));
  }

  for (const wal of [true, false]) {
    for (const kind of ['cut in half', 'all zeros', 'a zeroed page']) {
      it(`restores over a database that is ${kind}${wal ? ' in WAL mode' : ''}, and goes back`, () =>
        withProject({ journalMode: 'delete' }, async (project) => {
          const request = { root: project.root };
          await engine.create(request, { trigger: 'manual', name: 'good' });
          const rows = rowsOf(project.database);
          makeWrecked(project.database, kind, 1, { pageSize: 512, wal });
          await engine.restore(request, { name: 'good', scope: 'all' });
          assert.deepEqual(rowsOf(project.database), rows);
          await engine.undo(request, {});
          assert.deepEqual(hiddenIn(project.backups), []);
        }));
    }
  }

  it('takes away a database that was not there, when such a backup is restored', () =>
    withProject({}, async (project) => {
      const request = { root: project.root };
      await engine.create(request, { trigger: 'manual', name: 'good' });
      writeFileSync(project.database, '');
      await engine.restore(request, { name: 'good', scope: 'all' });
      await engine.undo(request, {});
    }));
});
