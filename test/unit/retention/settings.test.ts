// The rules of retention in the folder's settings: those with a setting of their own, and those inside of the object.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { retentionOf } from '../../../src/engine/retention/settings';
import { failsWith } from '../../support/failing';
import { makeProject } from '../../support/pats-project';
import { newForEachTest } from '../../support/stand-in';

describe('the settings of retention', () => {
  const project = newForEachTest(makeProject);
  const written = async (settings: object): Promise<unknown> => {
    mkdirSync(join(project.root, '.vscode'), { recursive: true });
    writeFileSync(join(project.root, '.vscode/settings.json'), JSON.stringify(settings));
    return (await retentionOf(project.root)).general;
  };

  it('are plain numbers, rules of an object, or both; the object wins', async () => {
    assert.deepEqual(await written({ 'patsBackup.keepLast': 3, 'patsBackup.keepDays': 1.5, 'patsBackup.keepDaily': null }), {
      keepLast: 3,
      keepDays: 1.5,
    });
    assert.deepEqual(await written({ 'patsBackup.keepLast': 3, 'patsBackup.keepDaily': 7, 'patsBackup.retention': { keepLast: 5 } }), {
      keepLast: 5,
      keepDaily: 7,
    });
    assert.equal(await written({ 'patsBackup.keepLast': null }), null);
  });

  it('are refused when they are no numbers, wherever they stand', async () => {
    for (const settings of [
      { 'patsBackup.keepLast': 'all' },
      { 'patsBackup.keepLast': 2, 'patsBackup.retention': [] },
      { 'patsBackup.retention': 3 },
    ]) {
      await failsWith('SETTINGS_INVALID', written(settings));
    }
  });
});
