// What somebody agreed to is the state that was shown: a restore replaces that one, or asks again.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { failsWith } from '../../support/failing';
import { hiddenIn, makeProject, stateOf, visibleIn, writeUpload, type PatsProject } from '../../support/pats-project';

const engine = createEngine();
const all = { name: 'good', scope: 'all' } as const;

for (const journalMode of ['wal', 'delete'] as const) {
  describe(`a restore of what was seen, in ${journalMode} mode`, () => {
    let project: PatsProject;
    let application: Database.Database;
    let request: { readonly root: string };
    beforeEach(async () => {
      project = makeProject({ journalMode });
      request = { root: project.root };
      application = new Database(project.database);
      await engine.create(request, { trigger: 'manual', name: 'good' });
      application.exec("INSERT INTO companies (name) VALUES ('new')");
    });
    afterEach(() => {
      application.close();
      project.remove();
    });

    it('replaces it, whatever was only looked at in between', async () => {
      const { live } = await engine.planRestore(request, all);
      assert.ok(live !== undefined);
      await engine.compare(request, { from: null, to: 'good' });
      await engine.status(request);
      assert.equal((await engine.planRestore(request, all)).live, live);
      await engine.restore(request, { ...all, seen: live });
      assert.equal(application.prepare("SELECT count(*) FROM companies WHERE name = 'new'").pluck().get(), 0);
    });

    const moves: Record<string, () => void> = {
      'a row': () => application.exec("UPDATE companies SET name = 'newer' WHERE name = 'new'"),
      'an upload': () => {
        writeUpload(project, 'new.pdf', 'new');
      },
      'the end of an upload': () => {
        appendFileSync(join(project.uploads, 'cv.pdf'), '!');
      },
      'a missing upload': () => {
        rmSync(join(project.uploads, 'empty.txt'));
      },
    };
    for (const [what, move] of Object.entries(moves)) {
      it(`replaces nothing when ${what} came after it`, async () => {
        const { live } = await engine.planRestore(request, all);
        assert.ok(live !== undefined);
        move();
        const before = [stateOf(project), visibleIn(project.backups)];
        await failsWith('STATE_CHANGED', engine.restore(request, { ...all, seen: live }));
        assert.deepEqual([stateOf(project), visibleIn(project.backups), hiddenIn(project.backups)], [...before, []]);
        const again = await engine.planRestore(request, all);
        await engine.restore(request, { ...all, ...(again.live !== undefined && { seen: again.live }) });
      });
    }

    it('leaves alone what it does not replace', async () => {
      const { live } = await engine.planRestore(request, { ...all, scope: 'uploads' });
      application.exec("INSERT INTO companies (name) VALUES ('newer')");
      await engine.restore(request, { ...all, scope: 'uploads', ...(live !== undefined && { seen: live }) });
    });
  });
}
