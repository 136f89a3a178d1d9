// When a backup is asked for or taken by itself, and when nobody is disturbed.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BackupEntry, Status } from '../../../../src/engine/engine';
import { afterSwitch, becamePending, beforeMigration, isForeign, remembering } from '../../../../src/ui/reminding/decide';
import type { Situation } from '../../../../src/ui/reminding/decide';

const pending = { revision: 'bbb', title: 'add tags', file: '/b.py' };
const status: Status = {
  database: '/p/pats.db',
  tool: 'alembic',
  state: 'behind',
  revisions: ['aaa'],
  heads: ['bbb'],
  pending: [pending],
  halfApplied: [],
  problems: [],
  commands: {},
  lastBackup: { name: 'good', createdAt: '2026-03-01T10:00:00Z', revisions: ['aaa'] },
  changedSinceBackup: true,
  stateKey: 'key-1',
  watch: [],
  warnings: [],
  candidates: [],
  notProtected: [],
};
const situation: Situation = { mode: 'remind', occasion: 'pending', status, told: [], isAsked: false, isBusy: false };

describe('before a migration', () => {
  it('reminds when a migration is pending and data changed since the newest backup', () => {
    assert.equal(beforeMigration(situation), 'remind');
  });

  it('takes the backup by itself when that is the setting, and keeps still when it is off', () => {
    assert.equal(beforeMigration({ ...situation, mode: 'backup' }), 'backup');
    assert.equal(beforeMigration({ ...situation, mode: 'off' }), 'nothing');
  });

  it('keeps still when the newest backup holds the current state', () => {
    assert.equal(beforeMigration({ ...situation, status: { ...status, changedSinceBackup: false } }), 'nothing');
  });

  it('reminds when there is no backup, and when it is unknown whether data changed', () => {
    assert.equal(beforeMigration({ ...situation, status: { ...status, lastBackup: null, changedSinceBackup: null } }), 'remind');
    assert.equal(beforeMigration({ ...situation, status: { ...status, changedSinceBackup: null } }), 'remind');
  });

  it('never speaks twice of one state, and speaks again of another', () => {
    assert.equal(beforeMigration({ ...situation, told: ['key-1'] }), 'nothing');
    assert.equal(beforeMigration({ ...situation, told: ['key-0'] }), 'remind');
  });

  it('never piles up: no second message beside one that is not answered, which does not hold a backup back', () => {
    assert.equal(beforeMigration({ ...situation, isAsked: true }), 'nothing');
    assert.equal(beforeMigration({ ...situation, isAsked: true, mode: 'backup' }), 'backup');
  });

  it('waits for the end of a running operation, and forgets nothing meanwhile', () => {
    assert.equal(beforeMigration({ ...situation, isBusy: true }), 'later');
    assert.equal(beforeMigration({ ...situation, isBusy: true, mode: 'backup' }), 'later');
    assert.equal(beforeMigration({ ...situation, isBusy: true, told: ['key-1'] }), 'nothing');
  });

  it('needs something pending, unless a migration command was started', () => {
    const current: Status = { ...status, state: 'current', pending: [] };
    assert.equal(beforeMigration({ ...situation, status: current }), 'nothing');
    assert.equal(beforeMigration({ ...situation, status: current, occasion: 'command' }), 'remind');
  });

  it('has nothing to save where there is no database', () => {
    assert.equal(beforeMigration({ ...situation, status: { ...status, database: null } }), 'nothing');
    assert.equal(beforeMigration({ ...situation, status: { ...status, state: 'no-database' } }), 'nothing');
  });
});

describe('a migration that becomes pending', () => {
  it('is one that was not pending before', () => {
    assert.ok(becamePending({ ...status, pending: [] }, status));
    assert.ok(becamePending(undefined, status));
    assert.ok(!becamePending(status, { ...status, stateKey: 'key-2' }));
    assert.ok(!becamePending(status, { ...status, pending: [] }));
  });
});

describe('after a branch switch', () => {
  const foreign: Status = { ...status, state: 'unknown-revision', pending: [] };
  const backup = (name: string, relation: 'equal' | 'behind' | 'unknown' | 'none', changes: Partial<BackupEntry> = {}): BackupEntry => ({
    name,
    path: `/p/backups/${name}`,
    status: 'ok',
    sizeBytes: 1,
    relation: { relation, behind: relation === 'behind' ? 1 : 0 },
    manifest: {
      backup_version: '1.1',
      backup_name: name,
      timestamp: '20260301_100000',
      created_at: '2026-03-01T10:00:00Z',
      alembic_revision: 'aaa',
      database_file: 'pats.db',
      uploads_included: false,
    },
    ...changes,
  });

  it('offers the newest backup that these files know', () => {
    const backups = [backup('newest', 'unknown'), backup('fits', 'behind'), backup('older', 'equal')];
    assert.equal(afterSwitch(foreign, backups, [], false)?.backup?.name, 'fits');
  });

  it('offers no incomplete or damaged backup, and says when none fits', () => {
    const { manifest } = backup('damaged', 'equal');
    assert.ok(manifest);
    const database = { source: 'pats.db', size: 1, sha256: 'a'.repeat(64), damaged: true };
    const backups = [
      backup('incomplete', 'equal', { status: 'incomplete' }),
      backup('damaged', 'equal', { manifest: { ...manifest, database } as NonNullable<BackupEntry['manifest']> }),
      backup('uploads', 'equal', { manifest: { ...manifest, database_file: null } }),
    ];
    assert.deepEqual(afterSwitch(foreign, backups, [], false), { backup: null });
  });

  it('is silent for states that the files know, for states that were told, and while busy', () => {
    assert.equal(afterSwitch(status, [], [], false), null);
    assert.equal(afterSwitch(foreign, [], ['key-1'], false), null);
    assert.equal(afterSwitch(foreign, [], [], true), null);
    assert.deepEqual(
      (['unknown-revision', 'ahead', 'diverged', 'behind'] as const).map((state) => isForeign({ ...status, state })),
      [true, true, true, false],
    );
  });
});

describe('what was told', () => {
  it('is remembered once each and not without end', () => {
    assert.deepEqual(remembering(['a', 'b'], 'a'), ['b', 'a']);
    const many = Array.from({ length: 80 }, (_, n) => `${n}`).reduce<readonly string[]>(remembering, []);
    assert.equal(many.length, 50);
    assert.equal(many.at(-1), '79');
  });
});
