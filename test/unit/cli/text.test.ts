// Specification of what the command line says to people.
import assert from 'node:assert/strict';
import type { Manifest } from '../../../src/engine/store/manifest';
import type { BackupEntry, RestorePlan, Status } from '../../../src/engine/engine';
import { comparisonText } from '../../../src/cli/text/comparison';
import { listText } from '../../../src/cli/text/list';
import { containerText, planText } from '../../../src/cli/text/plan';
import { progressText } from '../../../src/cli/text/progress';
import { restoredText } from '../../../src/cli/text/restored';
import { statusText } from '../../../src/cli/text/status';
import { verifyText } from '../../../src/cli/text/verify';
import { ageText, countOf, printable, sizeText } from '../../../src/cli/text/words';

const NOW = new Date('2026-03-10T12:00:00Z');

function manifest(changes: Partial<Manifest> = {}): Manifest {
  return {
    backup_name: 'backup_20260310_100000',
    timestamp: '20260310_100000',
    created_at: '2026-03-10T10:00:00Z',
    alembic_revision: 'a1b2c3',
    database_file: 'pats.db',
    uploads_included: true,
    backup_version: '1.1',
    trigger: 'manual',
    ...changes,
  };
}

function entry(name: string, changes: Partial<BackupEntry> = {}): BackupEntry {
  return { name, path: `/p/backups/${name}`, status: 'ok', sizeBytes: 2_500_000, manifest: manifest(), ...changes };
}

describe('sizes, ages and counts', () => {
  it('are short and exact enough', () => {
    assert.deepEqual([0, 999, 1000, 1024, 10_240, 1_048_576, 1_572_864, 5_368_709_120].map(sizeText), [
      '0 B',
      '999 B',
      '1.0 KB',
      '1.0 KB',
      '10 KB',
      '1.0 MB',
      '1.5 MB',
      '5.0 GB',
    ]);
    const ages = [
      '2026-03-10T11:59:30Z',
      '2026-03-10T11:58:00Z',
      '2026-03-10T09:00:00Z',
      '2026-03-09T11:00:00Z',
      '2025-03-01T00:00:00Z',
      'nonsense',
    ];
    assert.deepEqual(
      ages.map((age) => ageText(age, NOW)),
      ['just now', '2 minutes ago', '3 hours ago', 'yesterday', 'last year', 'at an unknown time'],
    );
    const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
    for (const [unit, seconds] of [
      ['year', 31_557_600],
      ['month', 2_629_800],
      ['week', 604_800],
      ['day', 86_400],
      ['hour', 3600],
      ['minute', 60],
    ] as const) {
      for (const count of [1, -1, 2, -2, 3].filter((each) => unit === 'year' || Math.abs(each) === 1)) {
        const then = new Date(NOW.getTime() - count * seconds * 1000).toISOString();
        assert.equal(ageText(then, NOW), relative.format(-count, unit));
      }
    }
    assert.equal(ageText('-001000-01-01T00:00:00Z', NOW), relative.format(-3026, 'year'));
    assert.equal(countOf(1, 'file'), '1 file');
    assert.equal(countOf(1204, 'file'), '1,204 files');
  });
});

describe('the list', () => {
  it('aligns its columns and puts notes and reasons below', () => {
    const text = listText(
      {
        backupsFolder: '/p/backups',
        backups: [
          entry('before-launch', { manifest: manifest({ note: 'the big one', pinned: true }) }),
          { name: 'broken', path: '/p/backups/broken', status: 'incomplete', reason: 'its metadata is missing', sizeBytes: 10 },
        ],
        dumps: [{ name: 'dump.sql', path: '/p/backups/dump.sql', sizeBytes: 2048, modifiedAt: '2026-03-10T11:00:00Z' }],
        warnings: [],
      },
      NOW,
      80,
    );
    assert.equal(
      text,
      [
        'BACKUP         WHEN           SIZE  REVISION  TRIGGER',
        'before-launch  2 hours ago  2.4 MB  a1b2c3    manual',
        '  pinned',
        '  "the big one"',
        'broken                        10 B',
        '  incomplete: its metadata is missing',
        '',
        'SQL DUMP  WHEN          SIZE',
        'dump.sql  1 hour ago  2.0 KB',
      ].join('\n'),
    );
  });

  it('leaves out the last columns on a narrow terminal, never the names', () => {
    const name = 'auto_20260310_100000_a-very-long-branch-name_a1b2c3d-dirty';
    const lines = listText({ backupsFolder: '/p', backups: [entry(name)], dumps: [], warnings: [] }, NOW, 80).split('\n');
    assert.ok(lines.every((line) => line.length <= 80));
    assert.ok(lines[1]?.startsWith(name));
  });

  it('says what the revision of a backup means for the files, and what the last verification found', () => {
    const found = { at: '2026-03-09T12:00:00Z', depth: 'normal', ok: false, problems: ['x'] } as const;
    const backups = [
      entry('a', { relation: { relation: 'behind', behind: 2 } }),
      entry('b', { relation: { relation: 'unknown', behind: 0 } }),
      entry('c', { relation: { relation: 'equal', behind: 0 }, verification: { ...found, problems: [...found.problems] } }),
    ];
    const text = listText({ backupsFolder: '/p', backups, dumps: [], warnings: [] }, NOW, 80);
    assert.match(text, /^a .* a1b2c3, behind by 2 +manual$/m);
    assert.match(text, /^b .* a1b2c3, not in the files +manual$/m);
    assert.match(text, /^c .* a1b2c3 +manual\n +damaged: found yesterday/m);
  });

  it('says where backups would be when there are none', () => {
    assert.equal(
      listText({ backupsFolder: '/p/backups', backups: [], dumps: [], warnings: [] }, NOW, 80),
      'There are no backups in /p/backups yet.',
    );
  });

  it('shows control characters of hostile names instead of sending them to the terminal', () => {
    assert.equal(printable('a\u001b[2Jb\u0007'), 'a\\x1b[2Jb\\x07');
    assert.ok(!listText({ backupsFolder: '/p', backups: [entry('\u001b[31m')], dumps: [], warnings: [] }, NOW, 80).includes('\u001b'));
  });
});

describe('the plan of a restore', () => {
  const plan: RestorePlan = {
    backup: entry('before-launch', { manifest: manifest({ git: { branch: 'main', commit: 'abcdef1234', dirty: false } }) }),
    scope: 'all',
    replaces: ['/p/backend/data/pats.db', '/p/backend/uploads'],
    database: 'in-place',
    uploads: 'replace',
    problems: [],
    warnings: [{ code: 'NOT_CHECKED', message: '2 newer backups' }],
    revisionsBefore: ['ffff'],
    revisionsAfter: ['a1b2c3'],
  };

  it('names the backup, its age and commit, both revisions, what is replaced, and the safety backup', () => {
    const text = planText(plan, '/p', NOW);
    for (const part of [
      'before-launch',
      '2 hours ago',
      'main at abcdef1',
      'a1b2c3, now ffff',
      'backend/data/pats.db',
      '2 newer backups',
      'safety backup',
    ]) {
      assert.ok(text.includes(part), `${part} is missing in\n${text}`);
    }
  });

  it('says that a damaged backup is only restored when told so', () => {
    const text = planText({ ...plan, problems: ['pats.db: wrong hash'] }, '/p', NOW);
    assert.match(text, /Damage +pats\.db: wrong hash\n[^]*--even-if-damaged/);
  });

  it('does not speak of revisions when the database stays', () => {
    assert.ok(!planText({ ...plan, database: 'untouched' }, '/p', NOW).includes('Revision'));
  });
});

describe('results', () => {
  it('of a restore name the safety backup and the commands to run', () => {
    const result = {
      restored: 'b',
      safetyBackup: 's',
      revisionBefore: '2',
      revisionAfter: null,
      commands: ['cd backend && alembic upgrade head'],
      warnings: [],
    };
    assert.equal(
      restoredText(result),
      [
        'Restored b.',
        'The revision is now none; before it was 2.',
        'The state before is kept in s;',
        '"pats-backup undo" brings it back.',
        'To bring the schema and the migration files together:',
        '  cd backend && alembic upgrade head',
      ].join('\n'),
    );
  });

  it('of verify say which backups cannot be trusted, and why', () => {
    const text = verifyText([
      { name: 'a', ok: true, problems: [], damaged: [], warnings: [] },
      { name: 'b', ok: false, problems: ['pats.db: wrong hash'], damaged: [], warnings: [] },
    ]);
    assert.match(text, /^ok +a\nDAMAGED +b\n +pats\.db: wrong hash\n1 backup of 2 cannot be trusted\.$/);
  });
});

describe('a service in the question', () => {
  const container = { service: 'web', composeFile: '/p/compose.yaml', stop: 'docker compose stop web', start: 'docker compose start web' };

  it('is named with what to do when it runs, and not worth a word otherwise', () => {
    assert.equal(containerText(null), '');
    assert.equal(containerText({ ...container, running: false, locksMayNotCross: true }), '');
    assert.match(
      containerText({ ...container, running: true, locksMayNotCross: false }),
      /web .* is running\. If in doubt, stop it first: docker/,
    );
    assert.match(containerText({ ...container, running: true, locksMayNotCross: true }), /locks may not reach into its container: stop it/);
  });
});

describe('the status', () => {
  const status: Status = {
    tool: 'alembic',
    state: 'behind',
    revisions: ['a1'],
    heads: ['b2'],
    pending: [{ revision: 'b2', title: 'add owner', file: '/p/b2.py' }],
    halfApplied: [],
    problems: [],
    commands: { apply: 'alembic upgrade head' },
    database: '/p/backend/data/pats.db',
    lastBackup: { name: 'x', createdAt: '2026-03-10T10:00:00Z', revisions: ['a1'] },
    changedSinceBackup: true,
    stateKey: '1',
    watch: [],
    warnings: [],
    candidates: [],
    notProtected: [],
  };

  it('names the database, what is pending, what to run, and the last backup', () => {
    const text = statusText(status, { explain: false, searched: [], container: null, root: '/p', now: NOW });
    for (const part of [
      'backend/data/pats.db',
      'behind by 1 migration (alembic)',
      'b2  add owner',
      'alembic upgrade head',
      'x, 2 hours ago, same revision',
    ]) {
      assert.ok(text.includes(part), `${part} is missing in\n${text}`);
    }
  });

  it('names the service that mounts the database, and whether it runs', () => {
    const service = { service: 'web', composeFile: '/p/compose.yaml', stop: '', start: '', locksMayNotCross: false };
    for (const [running, words] of [
      [true, 'web of the compose file mounts the database, running'],
      [false, 'web of the compose file mounts the database, not running'],
      [null, 'web of the compose file mounts the database, could not tell whether it is running'],
    ] as const) {
      const text = statusText(status, { explain: false, searched: [], container: { ...service, running }, root: '/p', now: NOW });
      assert.match(text, new RegExp(`Service +${words}\n`));
    }
  });

  it('says what was looked at when there is no database', () => {
    const text = statusText(
      { ...status, database: null, state: 'no-database', pending: [] },
      { explain: false, searched: ['alembic.ini: none.'], container: null, root: '/p', now: NOW },
    );
    assert.match(text, /none was found\n +alembic\.ini: none\.[^]*--database/);
  });
});

describe('the progress line', () => {
  it('fits the terminal at any width', () => {
    const progress = { phase: 'database', doneBytes: 1_234_567, totalBytes: 5_000_000 } as const;
    assert.equal(progressText(progress, 80), 'Copying the database      [######-----------------]  24%  1.2 MB of 4.8 MB');
    for (const width of [20, 40, 60, 80, 200]) {
      assert.ok(progressText(progress, width).length < width);
    }
    assert.equal(progressText({ phase: 'publish', doneBytes: 0, totalBytes: 0 }, 80).trim(), 'Finishing');
  });
});

describe('a comparison on the command line', () => {
  const empty = { added: [], removed: [], changed: [] };
  const table = { name: 'seats', before: 1, after: 1, added: 0, removed: 0, changed: 1, columns: ['v', 'hall', 'seat'] };
  const rows = [{ kind: 'changed', before: ['1', "'a'", '7'], after: ['2', "'a'", '7'] }] as const;
  const lines = (key: readonly string[]): string =>
    comparisonText(
      {
        from: 'live',
        to: 'good',
        schema: empty,
        tables: [{ ...table, key, rows }],
        uploads: empty,
        revisions: { from: [], to: [] },
        warnings: [],
      },
      {},
    );

  it('names a changed row by its key', () => {
    assert.match(lines(['hall', 'seat']), /~ hall='a' seat=7 {2}v: 1 -> 2$/m);
    assert.match(lines(['rowid']), /~ v: 1 -> 2$/m);
  });
});
