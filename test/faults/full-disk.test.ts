// Fault 11: a disk that is full at every size. A backup or a restore is done or fails with nothing changed; every verb answers.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { createEngine } from '../../src/engine/create-engine';
import { BackupError } from '../../src/engine/errors';
import { execute, makeProject, stateOf, type PatsProject } from '../support/pats-project';
import { isWhole } from '../support/seed';

const MEGABYTES = 24;
const STEP = isWhole ? 1 : 4;
const engine = createEngine();
const mayMount = process.platform === 'linux' && process.getuid?.() === 0;

/** A project of about two megabytes with everything on one small disk. */
function onSmallDisk(disk: string): PatsProject {
  const model = makeProject({ journalMode: 'delete' });
  execute(model.database, 'CREATE TABLE ballast (bytes BLOB); INSERT INTO ballast VALUES (randomblob(1500000))');
  cpSync(model.root, disk, { recursive: true });
  model.remove();
  const backend = join(disk, 'backend');
  return {
    ...model,
    root: disk,
    database: join(backend, 'data/pats.db'),
    uploads: join(backend, 'uploads'),
    backups: join(disk, 'backups'),
  };
}

/** Fills the disk until so much of it is left. */
function leaveFree(disk: string, megabytes: number): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(Math.max(0, bavail * bsize - megabytes * 1024 * 1024), 1));
}

async function withDisk(use: (disk: string) => Promise<void>): Promise<void> {
  const disk = mkdtempSync(join(tmpdir(), 'pats-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(MEGABYTES)}m`, 'tmpfs', disk]);
  try {
    await use(disk);
  } finally {
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true, force: true });
  }
}

/** A failure has a code that a person can act on. */
async function answer(work: Promise<unknown>): Promise<'done' | 'failed'> {
  try {
    await work;
    return 'done';
  } catch (error) {
    assert.ok(error instanceof BackupError && ['NO_SPACE', 'WRITE_FAILED'].includes(error.code), String(error));
    return 'failed';
  }
}

describe('a disk that is nearly full', () => {
  if (!mayMount) {
    console.log('Not run: only root may mount the small disk that is filled.');
    return;
  }
  for (let free = 0; free <= 12; free += STEP) {
    it(`with ${String(free)} MB left: a backup and a restore are done, or nothing was changed`, async function () {
      this.timeout(60_000);
      await withDisk(async (disk) => {
        const project = onSmallDisk(disk);
        const request = { root: project.root };
        await engine.create(request, { trigger: 'manual', name: 'good' });
        const good = stateOf(project);
        execute(project.database, 'DELETE FROM applications');
        rmSync(join(project.uploads, 'cv.pdf'));
        const wrecked = stateOf(project);
        leaveFree(disk, free);
        const made = await answer(engine.create(request, { trigger: 'manual', name: 'second' }));
        const { backups } = await engine.list(request);
        assert.deepEqual(backups.map(({ name }) => name).sort(), made === 'done' ? ['good', 'second'] : ['good']);
        const restored = await answer(engine.restore(request, { name: 'good', scope: 'all' }));
        assert.ok(isDeepStrictEqual(stateOf(project), restored === 'done' ? good : wrecked), `the restore was ${restored}`);
        const names = (await engine.list(request)).backups.map(({ name }) => name);
        assert.deepEqual(
          (await engine.verify(request, { names, deep: true })).filter(({ ok }) => !ok),
          [],
        );
        assert.ok(isDeepStrictEqual(stateOf(project), restored === 'done' ? good : wrecked), 'something changed later');
      });
    });
  }
});
