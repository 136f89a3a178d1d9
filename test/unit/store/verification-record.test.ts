// The record of a verification says what its sentences were made of, and believes no file that says something else.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realDisk } from '../../../src/engine/files/disk';
import { said, saidOf } from '../../../src/engine/said';
import { readVerification, writeVerification } from '../../../src/engine/store/verification-record';

const found = { at: '2026-01-02T03:04:05+00:00', depth: 'full', ok: false, damaged: ['a.db'] } as const;

describe('record of a verification', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'record-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const file = (): string => join(folder, '.verification.json');

  it('keeps what its sentences were made of', async () => {
    const problems = [said`${'a.db'} is missing.`, 'as SQLite says'];
    const record = { ...found, damaged: [...found.damaged], problems };
    assert.equal(await writeVerification(realDisk, folder, record), true);
    assert.deepEqual((JSON.parse(readFileSync(file(), 'utf8')) as { words: unknown }).words, {
      'a.db is missing.': { id: '{0} is missing.', parameters: ['a.db'] },
    });
    assert.deepEqual(readVerification(realDisk, folder), record);
  });

  it('tells them to whoever reads it, if they say the very sentence', () => {
    const words = {
      'never-said.db is missing.': { id: '{0} is missing.', parameters: ['never-said.db'] },
      'it is gone': { id: '{0} is fine', parameters: ['it'] },
    };
    writeFileSync(file(), JSON.stringify({ ...found, problems: Object.keys(words), words }));
    assert.deepEqual(readVerification(realDisk, folder)?.problems, Object.keys(words));
    assert.deepEqual(saidOf('never-said.db is missing.'), words['never-said.db is missing.']);
    assert.equal(saidOf('it is gone'), undefined);
  });

  it('takes away what was left of an earlier one, and nothing else', async () => {
    writeFileSync(join(folder, '.tmp-verification-0123abcd'), '{');
    writeFileSync(join(folder, '.tmp-of-somebody'), '');
    assert.equal(await writeVerification(realDisk, folder, { ...found, damaged: [], problems: [] }), true);
    assert.deepEqual(readdirSync(folder).sort(), ['.tmp-of-somebody', '.verification.json']);
  });
});
