// Specification of the sync of many files: a failure is a failure, and only an absent program is a reason for another way.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errnoOf, realDisk } from '../../../src/engine/files/disk';
import { syncEach } from '../../../src/engine/files/sync';

describe('the sync of many files', function () {
  let folder: string;
  let files: string[];
  let path: string | undefined;

  before(function () {
    if (process.platform !== 'linux') {
      this.skip();
    }
  });

  beforeEach(() => {
    path = process.env['PATH'];
    folder = mkdtempSync(join(tmpdir(), 'sync-test-'));
    files = Array.from({ length: 40 }, (_, index) => join(folder, `${index}`));
    files.forEach((file) => {
      writeFileSync(file, 'x');
    });
  });

  afterEach(() => {
    process.env['PATH'] = path;
    rmSync(folder, { recursive: true, force: true });
  });

  /** A program `sync` that does this, alone on the PATH. */
  const syncIs = (script: string | null): void => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    if (script !== null) {
      writeFileSync(join(bin, 'sync'), `#!/bin/sh\n${script}\n`);
      chmodSync(join(bin, 'sync'), 0o755);
    }
    process.env['PATH'] = bin;
  };
  const failure = (): Promise<string> => realDisk.syncTree(folder, files).then(() => '', errnoOf);

  for (const [words, code] of [
    ['Input/output error', 'EIO'],
    ['No space left on device', 'ENOSPC'],
    ['Disk quota exceeded', 'EDQUOT'],
    ['Something new', 'EIO'],
    ['', 'EIO'],
  ] as const) {
    it(`fails with ${code} when it says "${words}"`, async () => {
      syncIs(`echo "sync: error syncing 'x': ${words}" >&2; exit 1`);
      assert.equal(await failure(), code);
    });
  }

  it('fails when it was killed', async () => {
    syncIs('kill -9 $$');
    assert.equal(await failure(), 'EIO');
  });

  for (const [what, script] of [
    ['the program is absent', null],
    ['the program does not know the option', `echo "sync: unrecognized option '--file-system'" >&2; exit 1`],
    ['the kernel does not know the call', `echo "sync: error syncing 'x': Function not implemented" >&2; exit 1`],
  ] as const) {
    it(`goes file by file when ${what}, and a failure of one of them is a failure`, async () => {
      syncIs(script);
      assert.equal(await failure(), '');
      files.push(join(folder, 'not-there'));
      assert.equal(await failure(), 'ENOENT');
    });
  }

  it('is done for several at once where there is no call for all: each waits for the drive', async () => {
    let [now, most] = [0, 0];
    await syncEach(files, async () => {
      most = Math.max(most, ++now);
      await new Promise((done) => setImmediate(done));
      now--;
    });
    assert.equal(most, 8);
  });
});
