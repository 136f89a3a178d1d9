// Specification of discovery: what the search says it did, and where it ends.
import assert from 'node:assert/strict';
import { chmod } from 'node:fs/promises';
import { discover } from '../../../../src/engine/project/discovery/discovery';
import { searchedFolder } from '../../../support/searched-folder';

describe('discovery', () => {
  const project = searchedFolder();
  const { write, folder } = project;
  let root: string;
  beforeEach(() => {
    root = project.root;
  });

  it('says what was looked at when there is no database', async () => {
    const { project, searched } = await discover({ root });
    assert.equal(project.database, null);
    assert.deepEqual(searched, [
      'The PATS layout: backend/data/pats.db does not exist.',
      '.env files: none names a SQLite database.',
      'Compose files: none names a SQLite database.',
      "SQLite's file header: in none of 0 files of the project.",
    ]);
  });

  it('stops at its limit and says so', async () => {
    for (let i = 0; i < 30; i++) {
      await write(`many/${i}.txt`);
    }
    const { searched } = await discover({ root }, { maxEntries: 20 });
    assert.ok(searched.includes('The search stopped after 20 files and folders.'));
  });

  it('skips folders that may not be read and says so', async function () {
    if (process.platform === 'win32' || process.getuid?.() === 0) {
      // Root may read everything: the folder is then simply searched.
      await folder('closed');
      assert.equal((await discover({ root })).project.database, null);
      return;
    }
    const closed = await folder('closed');
    await chmod(closed, 0);
    const { searched } = await discover({ root });
    await chmod(closed, 0o700);
    assert.ok(searched.includes('Not searched, because it may not be read: closed.'));
  });
});
