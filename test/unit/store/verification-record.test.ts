// The record of a verification leaves nothing else in a backup, also where the one before was cut off.
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { realDisk } from '../../../src/engine/files/disk';
import { writeVerification } from '../../../src/engine/store/verification-record';
import { newFolder } from '../../support/folder';

describe('the record of a verification', () => {
  it('takes away what was left of an earlier one, and nothing else', async () => {
    const folder = newFolder('record');
    try {
      writeFileSync(folder.at('.tmp-verification-0123abcd'), '{');
      writeFileSync(folder.at('.tmp-of-somebody'), '');
      const before = readdirSync(folder.path).filter((name) => name !== '.tmp-verification-0123abcd');
      const record = { at: '2026-01-01T00:00:00+00:00', depth: 'full' as const, ok: true, problems: [] };
      assert.equal(await writeVerification(realDisk, folder.path, record), true);
      const after = readdirSync(folder.path);
      assert.equal(after.length, before.length + 1);
      assert.ok(after.includes('.tmp-of-somebody'));
      assert.ok(!after.includes('.tmp-verification-0123abcd'));
    } finally {
      folder.remove();
    }
  });
});
