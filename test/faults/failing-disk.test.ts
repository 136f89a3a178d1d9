// A disk that fails at its Nth call, for every N: no half backup is listed, and live data is old or new, never a mix.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { realEnvironment } from '../../src/engine/store/environment';
import { createEngine } from '../../src/engine/create-engine';
import { BackupError } from '../../src/engine/errors';
import { realDisk, type Disk } from '../../src/engine/files/disk';
import { execute, filesOf, hiddenIn, makeProject, stateOf, writeUpload, type PatsProject } from '../support/pats-project';

const CHANGES = [
  'makeFolder',
  'ensureFolder',
  'writeText',
  'copy',
  'hardLink',
  'symbolicLink',
  'rename',
  'remove',
  'removeEmpty',
  'overwrite',
  'setMode',
  'setTimes',
  'setOwner',
  'sync',
  'syncFolder',
  'syncTree',
] as const;
const engine = createEngine();

interface Fault {
  readonly code: string;
  /** Which change fails, counted from 1; all later ones fail too when the disk stays broken. */
  readonly at: number;
  readonly stays: boolean;
}

function brokenDisk(fault: Fault): { readonly disk: Disk; readonly count: () => number } {
  let calls = 0;
  const failing = Object.fromEntries(
    CHANGES.map((name) => [
      name,
      (...args: never[]): unknown => {
        calls++;
        if (calls === fault.at || (fault.stays && calls > fault.at)) {
          return Promise.reject(Object.assign(new Error(`${fault.code}: the disk of the test fails`), { code: fault.code }));
        }
        return (realDisk[name] as (...all: never[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Partial<Disk>;
  return { disk: { ...realDisk, ...failing }, count: () => calls };
}

/** A restore makes some two hundred changes: every third in turn is enough for a day, all of them before a release. */
const STRIDE = process.env['PATS_FAULTS'] === 'all' ? 1 : 3;

/** Tries the operation with a fault at every change in turn; returns how many changes it makes. */
async function atEveryChange(
  code: string,
  stays: boolean,
  attempt: (mortal: ReturnType<typeof createEngine>) => Promise<void>,
  stride = 1,
): Promise<number> {
  for (let at = 1; ; at += stride) {
    const { disk, count } = brokenDisk({ code, at, stays });
    await attempt(createEngine({ ...realEnvironment, disk }));
    if (count() < at) {
      return at - 1;
    }
  }
}

async function settled(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}

async function leavesNothing(project: PatsProject, what: string): Promise<void> {
  await engine.recover({ root: project.root }, {});
  assert.deepEqual(hiddenIn(project.backups), [], what);
  assert.deepEqual(
    Object.keys(filesOf(join(project.root, 'backend'))).filter((path) => path.includes('.pats-restore-')),
    [],
    what,
  );
  const results = await engine.verify({ root: project.root }, { deep: true });
  assert.deepEqual(
    results.filter((result) => !result.ok),
    [],
    what,
  );
}

for (const [code, stays] of [
  ['ENOSPC', true],
  ['EIO', false],
  ['EACCES', false],
] as const) {
  describe(`a disk that fails with ${code}${stays ? ' and goes on failing' : ' once'}`, () => {
    let project: PatsProject;
    before(async () => {
      project = makeProject();
      await engine.create({ root: project.root }, { trigger: 'manual', name: 'good' });
      writeUpload(project, 'new.txt', 'new since the backup');
    });
    after(() => {
      project.remove();
    });

    it('fails a backup at every change, or finds another way, and never lists half of one', async function () {
      this.timeout(120_000);
      const before = stateOf(project);
      const changes = await atEveryChange(code, stays, async (mortal) => {
        const error = await settled(mortal.create({ root: project.root }, { trigger: 'manual', name: 'attempt' }));
        assert.ok(error === null || error instanceof BackupError, String(error));
        await leavesNothing(project, String(error));
        const names = (await engine.list({ root: project.root })).backups.map((backup) => `${backup.name} ${backup.status}`);
        // A failure after the rename may leave the whole backup behind, never a part of it.
        assert.ok(
          names.every((name) => ['attempt ok', 'good ok'].includes(name)),
          names.join(),
        );
        assert.ok(error !== null || names.includes('attempt ok'));
        assert.deepEqual(stateOf(project), before);
        if (names.includes('attempt ok')) {
          await engine.remove({ root: project.root }, { names: ['attempt'] });
        }
      });
      assert.ok(changes > 20, String(changes));
    });

    it('leaves the old state or the new one at every change of a restore', async function () {
      this.timeout(300_000);
      const good = filesOf(join(project.backups, 'good'));
      const changes = await atEveryChange(
        code,
        stays,
        async (mortal) => {
          await engine.restore({ root: project.root }, { name: 'good', scope: 'all' });
          const restored = stateOf(project);
          execute(project.database, 'DELETE FROM applications');
          rmSync(join(project.uploads, 'cv.pdf'));
          writeUpload(project, 'later.txt', 'later');
          const wrecked = stateOf(project);
          const error = await settled(mortal.restore({ root: project.root }, { name: 'good', scope: 'all' }));
          assert.ok(error === null || error instanceof BackupError, String(error));
          await leavesNothing(project, String(error));
          // The answer was true, and it stays so.
          assert.deepEqual(stateOf(project), error === null ? restored : wrecked, String(error));
          assert.deepEqual(filesOf(join(project.backups, 'good')), good);
          const others = (await engine.list({ root: project.root })).backups
            .filter((backup) => backup.name !== 'good')
            .map((backup) => backup.name);
          await engine.remove({ root: project.root }, { names: others });
        },
        STRIDE,
      );
      assert.ok(changes > 40, String(changes));
    });
  });
}
