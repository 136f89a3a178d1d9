// What a restore cannot keep in a backup, cannot move or has no room for: it is known before, and nothing of it is lost.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import type { Engine } from '../../../src/engine/engine';
import { realDisk, type Disk } from '../../../src/engine/files/disk';
import { realEnvironment } from '../../../src/engine/store/environment';
import type { Warned } from '../../../src/engine/warnings';
import { failsWith } from '../../support/failing';
import { execute, filesOf, makeProject, stateOf, wreck, writeUpload, type PatsProject } from '../../support/pats-project';

const engine = createEngine();
const all = { name: 'good', scope: 'all' } as const;

function at(steps: Readonly<Record<string, () => void>>, disk: Partial<Disk> = {}): Engine {
  return createEngine({ ...realEnvironment, disk: { ...realDisk, ...disk }, step: (name) => steps[name]?.() });
}

const codesOf = ({ warnings }: Warned): string[] => warnings.map(({ code }) => code);
const messagesOf = ({ warnings }: Warned): string => warnings.map(({ message }) => message).join('\n');

describe('a restore foresees', () => {
  let project: PatsProject;
  let request: { readonly root: string };
  beforeEach(async () => {
    project = makeProject();
    request = { root: project.root };
    await engine.create(request, { trigger: 'manual', name: 'good' });
  });
  afterEach(() => {
    project.remove();
  });

  describe('that FIFOs, sockets and devices are in no backup:', function () {
    before(function () {
      if (process.platform === 'win32') {
        this.skip();
      }
    });

    const inode = (path: string): bigint => lstatSync(join(project.uploads, path), { bigint: true }).ino;
    const fifo = (path: string): void => {
      mkdirSync(dirname(join(project.uploads, path)), { recursive: true });
      execFileSync('mkfifo', [join(project.uploads, path)]);
    };

    it('they stay where they are, also by undo, and every answer names them', async () => {
      fifo('app.fifo');
      fifo('run/deep/app.fifo');
      writeUpload(project, 'run/deep/beside.txt', 'later');
      const inodes = [inode('app.fifo'), inode('run/deep/app.fifo')];
      const plan = await engine.planRestore(request, all);
      assert.match(messagesOf(plan), /app\.fifo \(a FIFO\), run\/deep\/app\.fifo \(a FIFO\) in .* are no files/);
      assert.match((await engine.doctor(request)).map(({ message }) => message).join(), /run\/deep\/app\.fifo \(a FIFO\)/);
      const before = stateOf(project);
      for (const result of [await engine.restore(request, all), await engine.undo(request, {})]) {
        assert.deepEqual(codesOf(result), ['KEPT_IN_PLACE']);
        assert.deepEqual([inode('app.fifo'), inode('run/deep/app.fifo')], inodes);
      }
      assert.deepEqual(stateOf(project), before);
    });

    it('one in the place of a file stays, and the file is named in the plan and in the result', async () => {
      rmSync(join(project.uploads, 'cv.pdf'));
      fifo('cv.pdf');
      rmSync(join(project.uploads, '2024'), { recursive: true });
      fifo('2024');
      const plan = await engine.planRestore(request, all);
      const result = await engine.restore(request, all);
      for (const answer of [plan, result]) {
        assert.deepEqual(codesOf(answer).sort(), ['FILES_MISSING', 'KEPT_IN_PLACE']);
        assert.match(messagesOf(answer), /cv\.pdf.*not restored: what lies there in .* is no file/);
        assert.match(messagesOf(answer), /2024\/portrait\.png/);
      }
      assert.ok(inode('cv.pdf') > 0n && inode('2024') > 0n);
    });

    for (const fails of [false, true]) {
      it(`those made while it ran are there afterwards${fails ? ', also when it was taken back' : ''}`, async () => {
        const made: Record<string, bigint> = {};
        const make = (...paths: string[]): void => {
          for (const path of paths) {
            fifo(path);
            made[path] = inode(path);
          }
        };
        let isFirst = fails;
        const busy = at(
          {
            'safety-taken': () => {
              make('late.fifo', 'new/late.fifo');
            },
            'uploads-cleared': () => {
              make('between.fifo', '2024/between.fifo');
            },
          },
          {
            syncFolder: async (path) => {
              if (isFirst && path === project.uploads && made['between.fifo'] !== undefined) {
                isFirst = false;
                throw Object.assign(new Error('EIO: the disk of the test fails'), { code: 'EIO' });
              }
              await realDisk.syncFolder(path);
            },
          },
        );
        wreck(project);
        await (fails ? failsWith('WRITE_FAILED', busy.restore(request, all)) : busy.restore(request, all));
        assert.equal(Object.keys(made).length, 4);
        assert.deepEqual(Object.fromEntries(Object.keys(made).map((path) => [path, inode(path)])), made);
      });
    }
  });

  it('that there is no room for all its parts: the plan, the drill and the doctor say so', async () => {
    writeUpload(project, 'big.bin', 'x'.repeat(3_000_000));
    execute(project.database, 'CREATE TABLE ballast AS SELECT zeroblob(3000000) AS b');
    await engine.create(request, { trigger: 'manual', name: 'large' });
    // Room for each part by itself, and for what the doctor asks for without a backup.
    const tight = at({}, { freeBytes: () => Promise.resolve(16 * 1024 * 1024 + 7_000_000) });
    const before = [stateOf(project), filesOf(project.backups)];
    const said = /\d+ MB are needed in .*, but only \d+ MB are free/;
    assert.match((await tight.planRestore(request, { name: 'large', scope: 'all' })).obstacles?.join() ?? '', said);
    assert.match((await tight.drill(request, { name: 'large' })).problems.join(), said);
    assert.match((await tight.doctor(request)).map(({ message }) => message).join(), said);
    await failsWith('NO_SPACE', tight.restore(request, { name: 'large', scope: 'all' }));
    assert.deepEqual([stateOf(project), filesOf(project.backups)], before);
  });

  for (const [size, free, how] of [
    [1, 9_000_000, 'refuses what the files need, where a manifest says less'],
    [Number.MAX_SAFE_INTEGER, 100_000_000, 'brings back what is there, where a manifest says more than any disk holds'],
  ] as const) {
    it(`its room also where damage is accepted: it ${how}`, async () => {
      writeUpload(project, 'big.bin', 'x'.repeat(5_000_000));
      execute(project.database, 'CREATE TABLE ballast AS SELECT zeroblob(3000000) AS b');
      await engine.create(request, { trigger: 'manual', name: 'lying' });
      const file = join(project.backups, 'lying/backup_metadata.json');
      const manifest = JSON.parse(readFileSync(file, 'utf8')) as { database: object; files: { path: string }[] };
      const files = manifest.files.map((each) => (each.path.endsWith('big.bin') ? { ...each, size } : each));
      writeFileSync(file, JSON.stringify({ ...manifest, files, database: { ...manifest.database, size } }));
      const before = stateOf(project);
      wreck(project);
      rmSync(join(project.uploads, 'big.bin'));
      execute(project.database, 'DROP TABLE ballast; VACUUM');
      const wrecked = stateOf(project);
      const on = at(
        {
          'safety-taken': () => {
            assert.ok(size > 1, 'it was not foreseen');
          },
        },
        { freeBytes: () => Promise.resolve(16 * 1024 * 1024 + free) },
      );
      const restored = on.restore(request, { name: 'lying', scope: 'all', ignoreDamage: true });
      await (size === 1 ? failsWith('NO_SPACE', restored) : restored);
      assert.deepEqual(stateOf(project), size === 1 ? wrecked : before);
    });
  }

  it('what chattr has locked: database, its folder, uploads, backups folder', async function () {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) {
      this.skip();
    }
    const before = stateOf(project);
    for (const place of [project.database, dirname(project.database), project.uploads, project.backups]) {
      for (const attribute of ['i', 'a']) {
        try {
          execFileSync('chattr', [`+${attribute}`, place], { stdio: 'ignore' });
        } catch {
          this.skip();
        }
        try {
          const { obstacles = [] } = await engine.planRestore(request, all);
          assert.ok(
            obstacles.some((each) => each.includes(`${place} cannot be`) && each.includes('chattr -i -a')),
            `${attribute} on ${place}: ${obstacles.join()}`,
          );
          await assert.rejects(engine.restore(request, all), { name: 'BackupError' });
        } finally {
          execFileSync('chattr', [`-${attribute}`, place]);
        }
        assert.deepEqual(stateOf(project), before);
      }
    }
  });
});
