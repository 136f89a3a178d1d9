// Specification of discovery: which folders are taken for uploads.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { discover } from '../../../../src/engine/project/discovery/discovery';
import { searchedFolder } from '../../../support/searched-folder';

describe('discovery', () => {
  const project = searchedFolder();
  const { write, database, folder } = project;
  let root: string;
  beforeEach(() => {
    root = project.root;
  });

  it('finds uploads and media beside the database, one level above it and in backend', async () => {
    await write('.env', 'DATABASE_URL=sqlite:///srv/data/app.db');
    await database('srv/data/app.db');
    const folders = [await folder('srv/data/uploads'), await folder('srv/media'), await folder('backend/media')];
    const { project } = await discover({ root });
    assert.deepEqual([...project.uploads].sort(), folders.sort());
  });

  it('takes no uploads folder with the backups, or with the database deep in it', async () => {
    await write('.env', 'DATABASE_URL=sqlite:///media/data/app.db');
    await database('media/data/app.db');
    await folder('uploads');
    const { project } = await discover({ root, backups: 'uploads/backups' });
    assert.deepEqual(project.uploads, []);
  });

  it('takes an uploads folder with the database beside the files', async () => {
    const file = await database('uploads/app.db');
    const { project } = await discover({ root });
    assert.deepEqual([project.database, project.uploads], [file, [join(root, 'uploads')]]);
  });

  it('keeps the uploads of the PATS layout in their place however its database was named', async () => {
    const { project } = await discover({ root, database: 'backend/data/pats.db' });
    assert.deepEqual(project.uploads, [join(root, 'backend/uploads')]);
  });
});
