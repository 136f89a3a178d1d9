// Specification of verification in the background: it reads everything, gives way to all others, and can be stopped at once.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { rmSync, writeFileSync } from 'node:fs';
import { createEngine } from '../../../src/engine/create-engine';
import { realDisk } from '../../../src/engine/files/disk';
import { realEnvironment } from '../../../src/engine/store/environment';
import { failsWith } from '../../support/failing';
import { makeProject, type PatsProject } from '../../support/pats-project';
import { rot } from '../../support/rot';

describe('verification in the background', () => {
  let project: PatsProject;
  const engine = createEngine();
  const background = { names: ['a'], background: true };

  beforeEach(async () => {
    project = makeProject();
    writeFileSync(join(project.uploads, 'big.bin'), Buffer.alloc(3 * 1024 * 1024, 7));
    await engine.create({ root: project.root }, { trigger: 'manual', name: 'a' });
  });
  afterEach(() => {
    project.remove();
  });

  it('reads every file, and keeps what it found', async () => {
    assert.equal((await engine.verify({ root: project.root }, background))[0]?.ok, true);
    const before = (await engine.list({ root: project.root })).backups[0]?.verification;
    assert.deepEqual([before?.ok, before?.depth, before?.readAt], [true, 'full', before?.at]);
    rot(join(project.backups, 'a/uploads/big.bin'), 2_000_000);
    assert.deepEqual((await engine.verify({ root: project.root }, background))[0]?.damaged, [{ path: 'uploads/big.bin', sharedWith: [] }]);
    rot(join(project.backups, 'a/uploads/big.bin'), 2_000_000);
    rot(join(project.backups, 'a/pats.db'), 9000);
    assert.deepEqual(
      (await engine.verify({ root: project.root }, background))[0]?.damaged.map(({ path }) => path),
      ['pats.db'],
    );
  });

  it('reads nothing while another operation runs', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let reached = (): void => undefined;
    const isInside = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const read: string[] = [];
    const disk = {
      ...realDisk,
      hash: (path: string, onBytes?: (bytes: number) => void, pause?: () => Promise<void>) =>
        realDisk.hash(
          path,
          (bytes) => {
            read.push(path);
            onBytes?.(bytes);
          },
          pause,
        ),
      makeFolder: async (path: string) => {
        if (path.includes('.tmp-other')) {
          reached();
          await gate;
        }
        await realDisk.makeFolder(path);
      },
    };
    const busy = createEngine({ ...realEnvironment, disk });
    const other = busy.create({ root: project.root }, { trigger: 'manual', name: 'other' });
    await isInside;
    const verification = busy.verify({ root: project.root }, background);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const inBackup = (): number => read.filter((path) => path.startsWith(join(project.backups, 'a'))).length;
    const piecesMeanwhile = inBackup();
    assert.ok(piecesMeanwhile <= 1, `${piecesMeanwhile} pieces were read`);
    open();
    await other;
    assert.equal((await verification)[0]?.ok, true);
    assert.ok(inBackup() > 4);
  });

  it('ends at once when it is cancelled, also while it waits for others', async () => {
    const controller = new AbortController();
    const verification = engine.verify({ root: project.root }, background, { signal: controller.signal });
    controller.abort();
    await failsWith('CANCELLED', verification);
  });

  it('says nothing about a backup that is deleted meanwhile', async () => {
    const disk = {
      ...realDisk,
      hash: async (path: string, onBytes?: (bytes: number) => void, pause?: () => Promise<void>) => {
        rmSync(join(project.backups, 'a'), { recursive: true, force: true });
        return realDisk.hash(path, onBytes, pause);
      },
    };
    const engineOfDeleted = createEngine({ ...realEnvironment, disk });
    assert.deepEqual(await engineOfDeleted.verify({ root: project.root }, background), []);
  });
});
