// The Docker of the tests itself: the example runs in it in a volume and beside it, migrated by the real Alembic.
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { containerProject, type Shape } from '../support/container-project';
import { describeWithDocker } from '../support/docker-suite';

describeWithDocker('the example in a container', (docker) => {
  for (const shape of ['volume', 'user'] satisfies Shape[]) {
    it(`writes into its ${shape === 'volume' ? 'volume' : 'folder on this machine, as user 1000'}`, () => {
      const project = containerProject(docker, { shape, rate: 50 });
      try {
        project.up();
        assert.equal(project.state(), 'running');
        assert.match(
          project.python(
            'import sqlite3; print(sqlite3.connect("data/pats.db").execute("SELECT version_num FROM alembic_version").fetchone()[0])',
          ),
          /^\w{12}$/,
        );
        const file = join(project.root, 'backend/data/pats.db');
        assert.equal(existsSync(file), shape !== 'volume');
        if (shape === 'user') {
          assert.equal(statSync(file).uid, 1000);
        }
      } finally {
        project.remove();
      }
      assert.equal(docker.leftOver(), '');
    });
  }
});
