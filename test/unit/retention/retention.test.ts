import assert from 'node:assert/strict';
import type { BackupEntry, RetentionPolicy } from '../../../src/engine/engine';
import type { Trigger } from '../../../src/engine/store/terms';
import { DEFAULT_RETENTION, planRetention } from '../../../src/engine/retention/retention';

const NOW = new Date(2026, 10, 23, 12, 0, 0);
const HOUR = 60 * 60 * 1000;

interface Given {
  readonly name: string;
  readonly hoursAgo: number;
  readonly trigger?: Trigger;
  readonly pinned?: boolean;
  readonly damaged?: boolean;
}

function entry({ name, hoursAgo, trigger, pinned, damaged }: Given): BackupEntry {
  const database = {
    source: 'pats.db',
    size: 1,
    sha256: 'a'.repeat(64),
    page_size: 1,
    user_version: 0,
    application_id: 0,
    journal_mode: 'wal',
  };
  return {
    name,
    path: `/backups/${name}`,
    status: 'ok',
    sizeBytes: 1,
    manifest: {
      backup_name: name,
      timestamp: '20260101_000000',
      created_at: new Date(NOW.getTime() - hoursAgo * HOUR).toISOString(),
      alembic_revision: null,
      database_file: 'pats.db',
      uploads_included: false,
      backup_version: '1.1',
      trigger: trigger ?? 'manual',
      pinned: pinned ?? false,
      ...(trigger === 'safety' ? { safety: { restored: 'some', database: 'present', uploads: 'present' } } : {}),
      database: { ...database, ...(damaged === true ? { damaged } : {}) },
    },
  };
}

function kept(given: readonly Given[], policy: RetentionPolicy, stored = new Map<string, Map<string, number>>()): string[] {
  const decisions = planRetention(given.map(entry), { general: policy, perTrigger: {} }, NOW, stored);
  assert.ok(decisions.every((decision) => decision.reason !== ''));
  return decisions.filter((decision) => decision.action === 'keep').map((decision) => decision.name);
}

const hourly = Array.from({ length: 10 }, (_, index) => ({ name: `h${index}`, hoursAgo: index }));
const daily = Array.from({ length: 100 }, (_, index) => ({ name: `d${index}`, hoursAgo: index * 24 }));

describe('retention', () => {
  it('keeps everything while nobody asked for less', () => {
    const decisions = planRetention(daily.map(entry), DEFAULT_RETENTION, NOW, new Map());
    assert.ok(decisions.every((decision) => decision.action === 'keep'));
  });

  it('bounds automatic and safety backups by default', () => {
    const given = Array.from({ length: 70 }, (_, index) => ({ name: `a${index}`, hoursAgo: index, trigger: 'auto' as const }));
    const decisions = planRetention(given.map(entry), DEFAULT_RETENTION, NOW, new Map());
    assert.equal(decisions.filter((decision) => decision.action === 'keep').length, 50);
  });

  it('keeps the last n', () => {
    assert.deepEqual(kept(hourly, { keepLast: 3 }), ['h0', 'h1', 'h2']);
  });

  it('keeps the newest of each of the last n days, weeks and months that have a backup', () => {
    const twiceADay = daily.slice(0, 10).flatMap((day) => [day, { name: `${day.name}-early`, hoursAgo: day.hoursAgo + 3 }]);
    assert.deepEqual(kept(twiceADay, { keepDaily: 3 }), ['d0', 'd1', 'd2']);
    assert.deepEqual(kept(daily, { keepWeekly: 3 }), ['d0', 'd1', 'd8']);
    assert.deepEqual(kept(daily, { keepMonthly: 3 }), ['d0', 'd23', 'd54']);
  });

  it('keeps what is younger than a number of days', () => {
    assert.deepEqual(kept(daily, { keepDays: 3 }), ['d0', 'd1', 'd2']);
  });

  it('keeps what any rule keeps', () => {
    assert.deepEqual(kept(daily, { keepLast: 1, keepDaily: 2, keepMonthly: 2 }), ['d0', 'd1', 'd23']);
  });

  it('never removes pinned backups, the newest good one, the newest safety backup, or damaged copies', () => {
    const given: Given[] = [
      { name: 'damaged', hoursAgo: 0, damaged: true },
      { name: 'safety-new', hoursAgo: 1, trigger: 'safety' },
      { name: 'newest-good', hoursAgo: 2 },
      { name: 'other', hoursAgo: 3 },
      { name: 'safety-old', hoursAgo: 4, trigger: 'safety' },
      { name: 'pinned', hoursAgo: 5, pinned: true },
    ];
    assert.deepEqual(kept(given, { keepLast: 0 }), ['damaged', 'safety-new', 'newest-good', 'pinned']);
  });

  it('does not count a damaged copy as the newest good backup', () => {
    assert.ok(
      kept(
        [
          { name: 'damaged', hoursAgo: 0, damaged: true },
          { name: 'good', hoursAgo: 1 },
        ],
        { keepDays: 0 },
      ).includes('good'),
    );
  });

  it('removes the oldest until all fit the limit, and counts shared files once', () => {
    const stored = new Map(
      hourly.map(({ name }) => [
        name,
        new Map([
          [`own-${name}`, 10],
          ['shared', 1000],
        ]),
      ]),
    );
    assert.deepEqual(kept(hourly, { keepLast: 10, maxBytes: 1040 }, stored), ['h0', 'h1', 'h2', 'h3']);
  });

  it('leaves incomplete folders to a person', () => {
    const broken: BackupEntry = { name: 'broken', path: '/backups/broken', status: 'incomplete', reason: 'no manifest', sizeBytes: 1 };
    const [decision] = planRetention([broken], { general: { keepLast: 0 }, perTrigger: {} }, NOW, new Map());
    assert.equal(decision?.action, 'keep');
  });
});
