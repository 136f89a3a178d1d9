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

  it('names a folder that says in two words that it holds files', async () => {
    const file = await database('apps/server/main.sqlite');
    await write('apps/server/index.ts');
    await write('apps/server/local-documents/a/b.pdf', 'x');
    await write('apps/server/vector-documents/load.ts');
    const { project, uploadsLookLike } = await discover({ root });
    assert.deepEqual([project.database, project.uploads, uploadsLookLike], [file, [], [join(root, 'apps/server/local-documents')]]);
  });

  it('names what the service with the database keeps beside it', async () => {
    await write(
      'compose.yml',
      'services:\n  shelf:\n    image: shelf\n    volumes: ["./config:/config", "./books:/books", "./log:/log", "./site:/site"]\n  other:\n    image: other\n    volumes: ["./seed:/seed"]\n',
    );
    await database('config/main.sqlite');
    for (const path of ['books/a.epub', 'log/a.txt', 'site/index.html', 'seed/a.png']) {
      await write(path, 'x');
    }
    assert.deepEqual((await discover({ root })).uploadsLookLike, [join(root, 'books')]);
  });

  it('keeps the uploads of the PATS layout in their place however its database was named', async () => {
    const { project } = await discover({ root, database: 'backend/data/pats.db' });
    assert.deepEqual(project.uploads, [join(root, 'backend/uploads')]);
  });
});
