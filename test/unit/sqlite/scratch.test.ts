// Specification of the temporary folders with copies of data: in use they stay, after a kill a later run removes them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeScratch, sweepScratch } from '../../../src/engine/sqlite/scratch';

/** Started as a process of its own by the test: makes a folder, says which, and waits to be killed. */
if (process.argv[2] === 'hold-scratch') {
  const scratch = makeScratch();
  writeFileSync(join(scratch.folder, 'copy.db'), 'data');
  process.stdout.write(scratch.folder);
  // It is held as long as somebody knows it.
  setInterval(() => scratch.folder, 1000);
} else {
  describe('temporary folders with copies of data', tests);
}

function tests(): void {
  let place: string;
  let before: string | undefined;

  beforeEach(() => {
    before = process.env['TMPDIR'];
    place = mkdtempSync(join(tmpdir(), 'scratch-test-'));
    process.env['TMPDIR'] = place;
  });

  afterEach(() => {
    if (before === undefined) {
      delete process.env['TMPDIR'];
    } else {
      process.env['TMPDIR'] = before;
    }
    rmSync(place, { recursive: true, force: true });
  });

  it('stay while they are in use and go with their use', () => {
    const scratch = makeScratch();
    sweepScratch();
    makeScratch().remove();
    assert.ok(existsSync(scratch.folder));
    scratch.remove();
    assert.deepEqual(readdirSync(place), []);
  });

  it('of another process stay while it lives, and are removed when it was killed', async () => {
    const child = spawn(process.execPath, [__filename, 'hold-scratch'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    });
    const [folder] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    sweepScratch();
    assert.ok(existsSync(join(folder, 'copy.db')));
    child.kill('SIGKILL');
    await once(child, 'exit');
    sweepScratch();
    assert.deepEqual(readdirSync(place), []);
  });

  it('that are links, or hold nothing of ours, are left alone', () => {
    const elsewhere = mkdtempSync(join(place, 'elsewhere-'));
    writeFileSync(join(elsewhere, '.in-use'), '');
    symlinkSync(elsewhere, join(place, 'pats-backup-link'));
    mkdirSync(join(place, 'pats-backup-other'));
    writeFileSync(join(place, 'pats-backup-other', 'file'), 'somebody’s');
    sweepScratch();
    assert.ok(existsSync(join(elsewhere, '.in-use')));
    assert.ok(existsSync(join(place, 'pats-backup-other', 'file')));
  });
}
