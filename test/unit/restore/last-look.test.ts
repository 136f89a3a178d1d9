// What was live one moment before the replacement is in the safety backup, whoever wrote it.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import type { Engine } from '../../../src/engine/engine';
import { BackupError } from '../../../src/engine/errors';
import { realDisk } from '../../../src/engine/files/disk';
import { realEnvironment, type Step } from '../../../src/engine/store/environment';
import { failsWith } from '../../support/failing';
import {
  execute,
  filesOf,
  hiddenIn,
  makeProject,
  rowsOf,
  stateOf,
  visibleIn,
  wreck,
  writeUpload,
  type PatsProject,
} from '../../support/pats-project';

const engine = createEngine();
const all = { name: 'good', scope: 'all' } as const;

/** An engine that does something at a step, as an application might at that very moment. */
function at(step: Step, work: () => void): Engine {
  return createEngine({
    ...realEnvironment,
    step: (name) => {
      if (name === step) {
        work();
      }
    },
  });
}

function companies(file: string): string[] {
  return (rowsOf(file)['companies'] as { name: string }[]).map(({ name }) => name);
}

for (const journalMode of ['wal', 'delete'] as const) {
  describe(`the last look at a database in ${journalMode} mode`, () => {
    let project: PatsProject;
    beforeEach(async () => {
      project = makeProject({ journalMode });
      await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
      writeUpload(project, 'work.txt', 'work');
    });
    afterEach(() => {
      project.remove();
    });

    for (const step of ['safety-taken', 'uploads-placed'] as const) {
      it(`sees a commit at "${step}", and keeps it`, async () => {
        let commits = 0;
        const busy = at(step, () => {
          commits++;
          execute(project.database, "INSERT INTO companies (name) VALUES ('at the last moment')");
        });
        const good = rowsOf(join(project.backups, 'good', 'pats.db'));
        await busy.restore({ root: project.root }, all);
        assert.equal(commits, 1);
        assert.deepEqual(rowsOf(project.database), good);
        assert.equal(visibleIn(project.backups).length, 2);
        assert.ok((await engine.verify({ root: project.root }, { deep: true })).every(({ ok }) => ok));
        await engine.undo({ root: project.root }, {});
        assert.equal(companies(project.database).at(-1), 'at the last moment');
        assert.equal(readFileSync(join(project.uploads, 'work.txt'), 'utf8'), 'work');
      });
    }

    it('keeps a table that was made at the last moment', async () => {
      const busy = at('uploads-placed', () => {
        execute(project.database, 'CREATE TABLE late (id INTEGER); INSERT INTO late VALUES (7)');
      });
      await busy.restore({ root: project.root }, all);
      assert.equal(rowsOf(project.database)['late'], undefined);
      await engine.undo({ root: project.root }, {});
      assert.deepEqual(rowsOf(project.database)['late'], [{ id: 7 }]);
    });

    it('keeps what is written while some rows come back, and they come back into it', async () => {
      execute(project.database, 'PRAGMA foreign_keys = OFF; DELETE FROM companies WHERE id = 3');
      const busy = at('uploads-placed', () => {
        execute(project.database, "INSERT INTO companies (name) VALUES ('at the last moment')");
      });
      await busy.restore(
        { root: project.root },
        { name: 'good', scope: 'all', tables: ['companies'], missing: true, files: ['uploads/cv.pdf'] },
      );
      assert.deepEqual(companies(project.database), [...companies(join(project.backups, 'good', 'pats.db')), 'at the last moment']);
      await engine.undo({ root: project.root }, {});
      assert.equal(companies(project.database).length, 50);
      assert.equal(companies(project.database).at(-1), 'at the last moment');
    });

    it('never lets the application wait for a lock that the restore itself holds', async () => {
      const held: number[] = [];
      // Such a lock always takes the five seconds of its patience, a machine that is busy only now and then.
      while (held.length < 4 && !held.some((time) => time < 4500)) {
        let since = 0;
        const busy = createEngine({
          ...realEnvironment,
          step: (name) => {
            if (name === 'safety-taken') {
              execute(project.database, "INSERT INTO companies (name) VALUES ('at the last moment')");
            } else if (name === 'locked-out') {
              since = performance.now();
            } else if (name === 'safety-retaken') {
              held.push(performance.now() - since);
            }
          },
        });
        await busy.restore({ root: project.root }, { name: 'good', scope: 'all', tables: ['companies'], missing: true });
      }
      assert.ok(
        held.some((time) => time < 4500),
        held.join(),
      );
    });

    it('keeps a row together with the file that was saved before it, new or overwritten, and undo brings back both', async () => {
      const busy = createEngine({
        ...realEnvironment,
        step: (name) => {
          if (name === 'uploads-cleared') {
            writeUpload(project, 'deep/er/saved.txt', 'saved with its row');
          }
          if (name === 'uploads-placed') {
            writeUpload(project, 'cv.pdf', 'overwritten with its row');
            execute(project.database, "INSERT INTO companies (name) VALUES ('of saved.txt and cv.pdf')");
          }
          if (name === 'database-replaced') {
            writeUpload(project, 'work.txt', 'of the time after the restore');
          }
        },
      });
      await busy.restore({ root: project.root }, all);
      assert.ok((await engine.verify({ root: project.root }, { deep: true })).every(({ ok }) => ok));
      assert.equal(readFileSync(join(project.uploads, 'deep/er/saved.txt'), 'utf8'), 'saved with its row');
      await engine.undo({ root: project.root }, {});
      assert.equal(companies(project.database).at(-1), 'of saved.txt and cv.pdf');
      assert.equal(readFileSync(join(project.uploads, 'deep/er/saved.txt'), 'utf8'), 'saved with its row');
      assert.equal(readFileSync(join(project.uploads, 'cv.pdf'), 'utf8'), 'overwritten with its row');
      assert.equal(readFileSync(join(project.uploads, 'work.txt'), 'utf8'), 'work');
    });

    for (const failures of [1, 2]) {
      it(`takes a disk that fails ${failures === 1 ? 'once' : 'twice'} neither for a file that is not there nor for a damaged database`, async () => {
        let [isLockedOut, left] = [false, failures];
        const disk = {
          ...realDisk,
          stat: async (path: string): ReturnType<typeof realDisk.stat> => {
            if (isLockedOut && left > 0 && path.endsWith('whole.db')) {
              left--;
              throw Object.assign(new Error('EIO: the disk of the test fails'), { code: 'EIO' });
            }
            return realDisk.stat(path);
          },
        };
        const busy = createEngine({
          ...realEnvironment,
          disk,
          step: (name) => {
            if (name === 'safety-taken') {
              execute(project.database, "INSERT INTO companies (name) VALUES ('at the last moment')");
            }
            isLockedOut ||= name === 'locked-out';
          },
        });
        execute(project.database, 'PRAGMA foreign_keys = OFF; DELETE FROM companies WHERE id = 3');
        const { ino } = statSync(project.database);
        const restored = busy.restore({ root: project.root }, { name: 'good', scope: 'all', tables: ['companies'], missing: true });
        if (failures === 1) {
          await restored;
          assert.deepEqual(companies(project.database), [...companies(join(project.backups, 'good', 'pats.db')), 'at the last moment']);
        } else {
          await assert.rejects(restored, BackupError);
          assert.equal(companies(project.database).length, 50);
          assert.deepEqual(visibleIn(project.backups), ['good']);
        }
        // Programs that have it open would go on writing to a file that is no longer there.
        assert.equal(statSync(project.database).ino, ino);
      });
    }

    it('changes nothing when the last commits cannot be kept', async () => {
      const busy = createEngine({
        ...realEnvironment,
        step: (name) => {
          if (name === 'uploads-placed') {
            execute(project.database, "INSERT INTO companies (name) VALUES ('at the last moment')");
          }
          if (name === 'safety-retaken') {
            throw Object.assign(new Error('ENOSPC: the disk of the test is full'), { code: 'ENOSPC' });
          }
        },
      });
      const uploads = filesOf(project.uploads);
      await failsWith('NO_SPACE', busy.restore({ root: project.root }, all));
      assert.deepEqual(filesOf(project.uploads), uploads);
      assert.equal(companies(project.database).at(-1), 'at the last moment');
      assert.deepEqual([...visibleIn(project.backups), ...hiddenIn(project.backups)], ['good']);
    });
  });
}

for (const journalMode of ['persist', 'truncate'] as const) {
  it(`what an application keeps of its journal in ${journalMode} mode is no part of a safety backup`, async () => {
    const project = makeProject({ journalMode: 'delete' });
    const db = new Database(project.database);
    try {
      db.pragma(`journal_mode = ${journalMode}`);
      await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
      const busy = at('uploads-placed', () => {
        db.exec("INSERT INTO companies (name) VALUES ('at the last moment')");
      });
      const { safetyBackup } = await busy.restore({ root: project.root }, all);
      assert.deepEqual(visibleIn(join(project.backups, safetyBackup)), ['backup_metadata.json', 'pats.db', 'uploads']);
    } finally {
      db.close();
      project.remove();
    }
  });
}

describe('uploads that somebody saves while a restore runs', () => {
  let project: PatsProject;
  beforeEach(async () => {
    project = makeProject();
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
  });
  afterEach(() => {
    project.remove();
  });

  it('are in the safety backup when they came after it, new or overwritten, at any depth, and undo brings them back', async () => {
    wreck(project);
    const busy = at('safety-taken', () => {
      writeUpload(project, 'late.txt', 'late');
      writeUpload(project, 'deep/er/late.txt', 'late and deep');
      writeUpload(project, 'cv.pdf', 'another one');
    });
    await busy.restore({ root: project.root }, all);
    const verified = await engine.verify({ root: project.root }, { deep: true });
    assert.deepEqual(
      verified.filter(({ ok }) => !ok),
      [],
    );
    await engine.undo({ root: project.root }, {});
    assert.equal(readFileSync(join(project.uploads, 'late.txt'), 'utf8'), 'late');
    assert.equal(readFileSync(join(project.uploads, 'deep/er/late.txt'), 'utf8'), 'late and deep');
    assert.equal(readFileSync(join(project.uploads, 'cv.pdf'), 'utf8'), 'another one');
  });

  it('are kept, and not removed with what was replaced, when the disk fails once as that is looked at', async () => {
    let hasFailed = false;
    const failing = createEngine({
      ...realEnvironment,
      disk: {
        ...realDisk,
        stat: async (path: string): ReturnType<typeof realDisk.stat> => {
          if (!hasFailed && path.endsWith('/replaced') && isDone) {
            hasFailed = true;
            throw Object.assign(new Error('EIO: the disk of the test fails'), { code: 'EIO' });
          }
          return realDisk.stat(path);
        },
      },
      step: (name) => {
        isDone = name === 'done';
        if (name === 'safety-taken') {
          writeUpload(project, 'late.txt', 'late');
        }
      },
    });
    let isDone = false;
    await failing.restore({ root: project.root }, all);
    assert.ok(hasFailed);
    await engine.recover({ root: project.root }, {});
    await engine.undo({ root: project.root }, {});
    assert.equal(readFileSync(join(project.uploads, 'late.txt'), 'utf8'), 'late');
  });

  it('are in the safety backup also when that has a list of files of its own', async () => {
    for (let number = 0; number < 1001; number++) {
      writeUpload(project, `many/${number}`, String(number));
    }
    const busy = at('safety-taken', () => {
      writeUpload(project, 'late.txt', 'late');
    });
    await busy.restore({ root: project.root }, all);
    assert.ok((await engine.verify({ root: project.root }, { deep: true })).every(({ ok }) => ok));
    await engine.undo({ root: project.root }, {});
    assert.equal(readFileSync(join(project.uploads, 'late.txt'), 'utf8'), 'late');
    assert.equal(readFileSync(join(project.uploads, 'many/1000'), 'utf8'), '1000');
  });

  it('stay live when they came after the old files were out', async () => {
    const busy = at('uploads-cleared', () => {
      writeUpload(project, 'between.txt', 'between');
      writeUpload(project, '2024/between.txt', 'between');
    });
    await busy.restore({ root: project.root }, all);
    assert.equal(readFileSync(join(project.uploads, 'between.txt'), 'utf8'), 'between');
    assert.equal(readFileSync(join(project.uploads, '2024/between.txt'), 'utf8'), 'between');
    assert.equal(readFileSync(join(project.uploads, '2024/portrait.png'), 'utf8'), 'PNG bytes');
  });

  it('stay live when the restore is taken back', async () => {
    let isFirst = true;
    const disk = {
      ...realDisk,
      syncFolder: async (path: string): Promise<void> => {
        if (isFirst && path === project.uploads && filesOf(project.uploads)['saved.txt'] !== undefined) {
          isFirst = false;
          throw Object.assign(new Error('EIO: the disk of the test fails'), { code: 'EIO' });
        }
        await realDisk.syncFolder(path);
      },
    };
    const failing = createEngine({
      ...realEnvironment,
      disk,
      step: (name) => {
        if (name === 'uploads-cleared') {
          writeUpload(project, 'saved.txt', 'saved');
        }
      },
    });
    wreck(project);
    const before = stateOf(project);
    await failsWith('WRITE_FAILED', failing.restore({ root: project.root }, all));
    assert.equal(readFileSync(join(project.uploads, 'saved.txt'), 'utf8'), 'saved');
    rmSync(join(project.uploads, 'saved.txt'));
    assert.deepEqual(stateOf(project), before);
  });
});

describe('what is staged', () => {
  it('is what the manifest says, or nothing is changed', async () => {
    const project = makeProject();
    try {
      await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
      wreck(project);
      const wrecked = stateOf(project);
      for (const path of ['uploads/cv.pdf', 'pats.db']) {
        const file = join(project.backups, 'good', path);
        const bytes = readFileSync(file);
        const rotten = at('verified', () => {
          const changed = Buffer.from(bytes);
          changed[changed.length - 1] = (changed[changed.length - 1] ?? 0) ^ 1;
          writeFileSync(file, changed);
        });
        const error = await failsWith('BACKUP_DAMAGED', rotten.restore({ root: project.root }, all));
        assert.match(error.message, new RegExp(path));
        assert.deepEqual(stateOf(project), wrecked);
        assert.deepEqual([...visibleIn(project.backups), ...hiddenIn(project.backups)], ['good']);
        writeFileSync(file, bytes);
      }
    } finally {
      project.remove();
    }
  });
});
