// How the revisions of a backup relate to the migration files.
import assert from 'node:assert/strict';
import { relationOf } from '../../../../src/engine/migrations/state/state';
import { alembicProject } from '../../../support/alembic-project';
import { emptyProject } from '../../../support/migrations-project';
import { newForSuite } from '../../../support/stand-in';

describe('The relation of a backup to the files', () => {
  const project = newForSuite(() => alembicProject({ a1: 'base', b2: 'a1', c3: 'b2' }));

  const CASES: readonly [readonly string[], string, number][] = [
    [['c3'], 'equal', 0],
    [['a1'], 'behind', 2],
    [['zz'], 'unknown', 0],
    [['a1', 'zz'], 'unknown', 0],
    [[], 'none', 0],
  ];
  for (const [revisions, relation, behind] of CASES) {
    it(`is ${relation} (${behind} behind) for revisions [${revisions.join(', ')}]`, () => {
      assert.deepEqual(relationOf(revisions, project.folder()), { relation, behind });
    });
  }

  it('is none where the project has no migrations', () => {
    const bare = emptyProject();
    assert.deepEqual(relationOf(['a1'], bare.folder()), { relation: 'none', behind: 0 });
    bare.remove();
  });
});
