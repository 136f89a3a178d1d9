// What came of a migration, and what is said about it.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Status } from '../../../../src/engine/engine';
import { missingFor, startOf } from '../../../../src/ui/migrating/start';
import { troubles } from '../../../../src/ui/migrating/outcome';
import type { Evidence } from '../../../../src/ui/text/migration';
import {
  cannotStartText,
  failedMigrationText,
  isHarmless,
  leftBehind,
  migratedText,
  noCommandText,
} from '../../../../src/ui/text/migration';

const evidence: Evidence = {
  exitCode: 0,
  backup: { backup_name: 'pre_migration_x' },
  before: { revisions: ['aaa'] },
  after: { revisions: ['bbb'], state: 'current', pending: [], halfApplied: [] },
  check: { problems: [], warnings: [], foreignKeyViolations: 0, schemaChanges: [] },
};

describe('the outcome of a migration', () => {
  it('is good when the command, the state and the checks say so', () => {
    assert.deepEqual(troubles(evidence), []);
    assert.equal(
      migratedText(evidence),
      'Migrated from aaa to bbb. SQLite’s checks found nothing wrong. The state before is in “pre_migration_x”.',
    );
  });

  it('says when the revision did not move, and when something is still pending', () => {
    const pending = [{ revision: 'ccc', title: '', file: '/c.py' }];
    const text = migratedText({ ...evidence, after: { revisions: ['aaa'], state: 'behind', pending, halfApplied: [] } });
    assert.match(text, /the revision is still aaa\. Still 1 migration pending\./);
  });

  it('is bad after an exit code, and names the backup and what a restore keeps', () => {
    const failed: Evidence = { ...evidence, exitCode: 1 };
    const found = troubles(failed);
    assert.deepEqual(found, [{ kind: 'exit', exitCode: 1 }]);
    const text = failedMigrationText(failed, found);
    assert.match(text, /^The migration failed \(exit code 1\)\. The database is at revision bbb now\./);
    assert.match(text, /safe in “pre_migration_x”.*kept in a safety backup\.$/);
  });

  it('names what a failed migration left in the schema, unless its revision was reached', () => {
    const schemaChanges = [
      { kind: 'added', type: 'table', name: 'half' },
      { kind: 'removed', type: 'index', name: 'by_name' },
    ] as const;
    const check = { problems: [], warnings: [], foreignKeyViolations: 0, schemaChanges };
    const after = { revisions: ['aaa'], state: 'behind', pending: [], halfApplied: [] } as const;
    const failed: Evidence = { ...evidence, exitCode: 1, after, check };
    assert.match(
      failedMigrationText(failed, troubles(failed)),
      /\(exit code 1\)\. The revision is the same as before, but the schema is not: new table “half”; index “by_name” is gone\. The state before/,
    );
    const clean: Evidence = { ...failed, check: { ...check, schemaChanges: [] } };
    assert.match(failedMigrationText(clean, troubles(clean)), /\(exit code 1\)\. Revision and schema are as before\. The state before/);
    assert.deepEqual(troubles({ ...evidence, check }), []);
    assert.deepEqual(troubles({ ...evidence, exitCode: 1, check }), [{ kind: 'exit', exitCode: 1 }]);
  });

  it('keeps in mind what is left, by table and column, and nothing of a migration that left nothing', () => {
    const columns = { added: ['archived'], removed: [] };
    const check = {
      problems: [],
      warnings: [],
      foreignKeyViolations: 0,
      schemaChanges: [{ kind: 'changed', type: 'table', name: 'notes', columns }],
    } as const;
    const after = { revisions: ['aaa'], state: 'half-applied', pending: [], halfApplied: ['A leftover.'] } as const;
    const failed: Evidence = { ...evidence, exitCode: 1, after, check };
    assert.deepEqual(leftBehind(failed, troubles(failed)), ['A leftover.', 'new in table “notes”: archived']);
    const clean: Evidence = { ...failed, after: { ...after, state: 'behind', halfApplied: [] }, check: { ...check, schemaChanges: [] } };
    assert.deepEqual(leftBehind(clean, troubles(clean)), []);
  });

  it('is bad when a migration was applied only half, whatever the exit code', () => {
    const half: Evidence = { ...evidence, after: { revisions: ['aaa'], state: 'half-applied', pending: [], halfApplied: ['A leftover.'] } };
    assert.deepEqual(troubles(half), [{ kind: 'half-applied', traces: ['A leftover.'] }]);
    assert.match(failedMigrationText(half, troubles(half)), /^It was only partly applied\. A leftover\. The state before/);
  });

  it('counts only foreign key violations that were not there before', () => {
    const backup = { backup_name: 'x', database: { foreign_key_violations: 2 } } as unknown as Evidence['backup'];
    assert.deepEqual(
      troubles({ ...evidence, backup, check: { problems: [], warnings: [], foreignKeyViolations: 2, schemaChanges: [] } }),
      [],
    );
    const worse = troubles({ ...evidence, backup, check: { problems: [], warnings: [], foreignKeyViolations: 3, schemaChanges: [] } });
    assert.deepEqual(worse, [{ kind: 'foreign-keys', count: 1 }]);
    assert.match(failedMigrationText(evidence, worse), /^A row now refers to a row that does not exist\./);
  });

  it('is bad when the database is damaged or cannot be read, and when the command was ended', () => {
    const damaged = troubles({
      ...evidence,
      check: { problems: ['page 3 is never used'], warnings: [], foreignKeyViolations: 0, schemaChanges: [] },
    });
    assert.match(failedMigrationText(evidence, damaged), /^The database is damaged: page 3 is never used/);
    const unread = troubles({ ...evidence, after: null, check: null });
    assert.match(failedMigrationText({ ...evidence, after: null }, unread), /^The database could not be checked afterwards\./);
    const ended = troubles({ ...evidence, exitCode: undefined });
    assert.match(failedMigrationText(evidence, ended), /^The migration command was stopped before it finished\./);
  });

  it('says why there is nothing to run, and what to do instead, for every state', () => {
    const states: readonly Status['state'][] = [
      'current',
      'behind',
      'ahead',
      'diverged',
      'unknown-revision',
      'half-applied',
      'no-migrations',
    ];
    for (const state of states) {
      const { message, remedy } = noCommandText({ state, revisions: ['aaa'], heads: [], pending: [] } as unknown as Status);
      assert.match(message, /^[A-Z].*[.?]$/, state);
      assert.match(remedy, /^[A-Z].*\.$/, state);
    }
  });
});

describe('a migration command that cannot start', () => {
  const exec = 'docker compose exec backend alembic upgrade head';
  const nobody = (): Promise<null> => Promise.resolve(null);
  const isThere = (): Promise<boolean> => Promise.resolve(true);
  const service = (running: boolean | null) => () =>
    Promise.resolve({
      service: 'backend',
      composeFile: '/c.yml',
      running,
      stop: '',
      start: 'docker compose start backend',
      locksMayNotCross: false,
    });

  it('is told by the program that is not there, or by the service that does not run', async () => {
    const isNowhere = (): Promise<boolean> => Promise.resolve(false);
    assert.deepEqual(await missingFor(`cd backend && ${exec}`, isNowhere, nobody), { kind: 'program', program: 'docker' });
    const stopped = await missingFor(exec, isThere, service(false));
    assert.ok(stopped?.kind === 'service');
    assert.match(
      cannotStartText(exec, stopped),
      /^The service “backend” is not running \(start it with: .*\)\. .*cannot start: docker compose exec.* Nothing was changed\.$/,
    );
    assert.equal(await missingFor(exec, isThere, service(null)), null);
    assert.equal(await missingFor('docker compose run backend alembic upgrade head', isThere, service(false)), null);
    // Any other tool may be in an environment that only the terminal has.
    assert.equal(await missingFor('alembic upgrade head', isNowhere, nobody), null);
  });

  it('gives way to the tool of this machine where there is one', () => {
    const missing = { kind: 'program', program: 'docker' } as const;
    assert.deepEqual(startOf(exec, missing, { applyHere: 'alembic upgrade head' }), {
      command: 'alembic upgrade head',
      insteadOf: missing,
    });
    assert.deepEqual(startOf(exec, missing, {}), missing);
    assert.deepEqual(startOf(exec, null, { applyHere: 'alembic upgrade head' }), { command: exec });
  });

  it('has changed nothing, and nothing is offered to be restored', () => {
    const failed: Evidence = {
      ...evidence,
      exitCode: 127,
      after: { ...evidence.before, state: 'behind', pending: [], halfApplied: [] },
      isUntouched: true,
    };
    const found = troubles(failed);
    assert.ok(isHarmless(failed, found));
    assert.match(
      failedMigrationText(failed, found),
      /^The migration command could not start \(exit code 127\): .*\. Nothing was changed\.$/,
    );
    assert.ok(!isHarmless({ ...failed, isUntouched: false }, found));
  });
});
