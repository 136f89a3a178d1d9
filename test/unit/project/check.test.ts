// Specification of the overlaps that a project may not have.
import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { checkProject } from '../../../src/engine/project/check';
import type { Project } from '../../../src/engine/project/project';
import { newFolder } from '../../support/folder';
import { newForEachTest } from '../../support/stand-in';

describe('a project is refused when', () => {
  const folder = newForEachTest(() => newFolder('check'));
  let root: string;
  beforeEach(() => {
    root = folder.path;
  });

  function project(database: string | null, uploads: string[], backups: string): Project {
    return {
      root,
      database: database && join(root, database),
      databaseOrigin: database === null ? null : 'flag',
      uploads: uploads.map((folder) => join(root, folder)),
      backups: join(root, backups),
    };
  }

  it('the backups folder is inside an uploads folder', async () => {
    await assert.rejects(checkProject(project(null, ['a', 'files'], 'files/backups')), {
      code: 'BACKUPS_INSIDE_UPLOADS',
      message: 'The backups folder files/backups is inside the uploads folder files. Nothing was changed.',
    });
  });

  it('both are the same folder', async () => {
    await assert.rejects(checkProject(project(null, ['files'], 'files')), { code: 'BACKUPS_INSIDE_UPLOADS' });
  });

  it('an uploads folder is inside the backups folder', async () => {
    await assert.rejects(checkProject(project(null, ['data/files'], 'data')), { code: 'BACKUPS_INSIDE_UPLOADS' });
  });

  it('the database is inside the backups folder', async () => {
    await assert.rejects(checkProject(project('data/a.db', [], 'data')), { code: 'BACKUPS_INSIDE_UPLOADS' });
  });

  it('not when the database lies among the uploaded files, at any depth: a restore spares it', async () => {
    await checkProject(project('files/a.db', ['files'], 'backups'));
    await checkProject(project('files/data/a.db', ['files'], 'backups'));
  });

  it('a link leads the backups into the uploads, whether or not the folder exists yet', async () => {
    await mkdir(join(root, 'files/inner'), { recursive: true });
    await symlink(join(root, 'files/inner'), join(root, 'link'));
    await assert.rejects(checkProject(project(null, ['files'], 'link')), { code: 'BACKUPS_INSIDE_UPLOADS' });
    await assert.rejects(checkProject(project(null, ['files'], 'link/new/backups')), { code: 'BACKUPS_INSIDE_UPLOADS' });
  });

  it('not when folders only share the start of their names', async () => {
    await checkProject(project('backend/data/pats.db', ['backend/uploads', 'files'], 'files-backups'));
  });
});
