// Specification of discovery: the database that stands in Python modules as a literal.
import assert from 'node:assert/strict';
import { discover } from '../../../../src/engine/project/discovery/discovery';
import { searchedFolder } from '../../../support/searched-folder';

describe('discovery', () => {
  const project = searchedFolder();
  const { write, database } = project;
  let root: string;
  beforeEach(() => {
    root = project.root;
  });

  describe('string literals', () => {
    it('of env.py and settings modules are read where nothing is computed', async () => {
      await write('app/config.py', 'import os\nURL = os.getenv("X", "sqlite:///./data/app.db")\nF = f"sqlite:///{HOME}/x.db"\n');
      const file = await database('data/app.db');
      const { project } = await discover({ root });
      assert.equal(project.database, file);
      assert.equal(project.databaseOrigin, 'migrations');
    });
  });
});
