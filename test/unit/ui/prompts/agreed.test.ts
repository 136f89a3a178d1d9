// Specification of what is restored after the question was answered with yes.
import assert from 'node:assert/strict';
import type { RestorePlan } from '../../../../src/engine/engine';
import { agreedParams } from '../../../../src/ui/prompts/agreed';

const plan: RestorePlan = {
  backup: { name: 'safety', path: '/project/backups/safety', status: 'ok', sizeBytes: 1 },
  scope: 'database',
  replaces: [],
  database: 'in-place',
  uploads: 'untouched',
  problems: [],
  warnings: [],
  revisionsBefore: [],
  revisionsAfter: [],
};

describe('after a yes to the question', () => {
  it('the backup of the plan is restored, as far as the plan says', () => {
    assert.deepEqual(agreedParams(plan), { name: 'safety', scope: 'database' });
  });

  it('damage that the question has told does not stop it', () => {
    assert.deepEqual(agreedParams({ ...plan, problems: ['pats.db is missing.'] }), {
      name: 'safety',
      scope: 'database',
      ignoreDamage: true,
    });
  });
});
