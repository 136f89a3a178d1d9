// What the view says about verification, storage, retention, dumps and containers, and when a scheduled backup is due.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Container } from '../../../../src/engine/containers/container';
import type { BackupEntry } from '../../../../src/engine/engine';
import { decideSchedule } from '../../../../src/ui/scheduling/decide';
import { withContainer } from '../../../../src/ui/text/container';
import { doctorReport, withoutHome } from '../../../../src/ui/text/doctor';
import { withLine } from '../../../../src/ui/text/gitignore';
import { goingNames, pruneQuestion, pruneSummary, removeButton } from '../../../../src/ui/text/prune';
import { sharesText, storageSummary, storageWarning } from '../../../../src/ui/text/storage';
import { verificationFact, verificationWords } from '../../../../src/ui/text/verification';

const MB = 1024 * 1024;
const now = new Date('2026-05-04T12:00:00Z');
const reader = { now, locale: 'en' };
const hoursAgo = (hours: number): string => new Date(now.getTime() - hours * 3_600_000).toISOString();

function backup(name: string, more: Partial<NonNullable<BackupEntry['manifest']>> = {}, entry: Partial<BackupEntry> = {}): BackupEntry {
  const manifest: NonNullable<BackupEntry['manifest']> = {
    backup_name: name,
    timestamp: '20260504_100000',
    created_at: hoursAgo(2),
    alembic_revision: null,
    database_file: 'pats.db',
    uploads_included: false,
    backup_version: '1.1',
    ...more,
  };
  return { name, path: `/b/${name}`, status: 'ok', sizeBytes: MB, manifest, ...entry };
}

describe('the last verification', () => {
  it('is told with its result and its age', () => {
    assert.equal(verificationWords({ at: hoursAgo(2), depth: 'normal', ok: true, problems: [] }, reader), 'verified 2 hours ago');
    assert.equal(
      verificationWords({ at: hoursAgo(2), depth: 'normal', ok: false, problems: ['pats.db differs'] }, reader),
      'damaged: pats.db differs',
    );
    assert.equal(verificationWords(null, reader), '');
    const deep = { at: hoursAgo(2), depth: 'deep' as const, ok: true, problems: [] };
    assert.equal(verificationFact(backup('x', {}, { verification: deep }), reader), '2 hours ago, deeply: intact');
  });

  it('of a fresh backup is its own making; an old format and a damaged copy were never checked', () => {
    const database = { source: 'pats.db', size: 1, sha256: '', page_size: 1, user_version: 0, application_id: 0, journal_mode: 'wal' };
    assert.equal(verificationFact(backup('fresh', { files: [], database }), reader), 'when it was created: intact');
    assert.equal(verificationFact(backup('old'), reader), 'never');
    assert.equal(verificationFact(backup('copy', { files: [], database: { ...database, damaged: true } }), reader), 'never');
  });
});

describe('storage', () => {
  it('is summed up with the age of the newest good backup', () => {
    const damaged = { at: hoursAgo(1), depth: 'normal' as const, ok: false, problems: ['x'] } satisfies BackupEntry['verification'];
    const backups = [
      backup('safety', { trigger: 'safety', created_at: hoursAgo(0) }),
      backup('broken', { created_at: hoursAgo(1) }, { verification: damaged }),
      backup('good'),
    ];
    assert.equal(storageSummary(backups, 340 * MB, reader), 'last good 2h ago · 3 backups, 340 MB');
    assert.equal(storageSummary([], 0, reader), '');
    assert.match(storageSummary([backups[1] ?? backup('')], MB, reader), /^none is good · /);
  });

  it('tells own and shared bytes apart', () => {
    assert.equal(sharesText({ ownBytes: MB, sharedBytes: 40 * MB }, 'en'), '1 MB not shared, 40 MB shared with other backups');
  });

  it('is worth a warning at the configured size and when the disk is nearly full', () => {
    const free = 100_000 * MB;
    assert.equal(storageWarning({ totalBytes: 10 * MB, freeBytes: free, backups: [] }, 10, 'en'), null);
    assert.match(storageWarning({ totalBytes: 11 * MB, freeBytes: free, backups: [] }, 10, 'en') ?? '', /11 MB/);
    assert.equal(storageWarning({ totalBytes: 11 * MB, freeBytes: free, backups: [] }, 0, 'en'), null);
    assert.match(storageWarning({ totalBytes: 0, freeBytes: 5 * MB, backups: [] }, 0, 'en') ?? '', /Only 5 MB are free/);
    assert.equal(storageWarning({ totalBytes: 0, freeBytes: null, backups: [] }, 10, 'en'), null);
  });
});

describe('the preview of retention', () => {
  const decisions = [
    { name: 'new', action: 'keep', reason: 'it is the newest good backup' },
    { name: 'old', action: 'remove', reason: 'only the newest one is kept' },
  ] as const;

  it('counts what would be deleted, and asks by name', () => {
    assert.equal(pruneSummary(decisions), '1 of 2 backups would be deleted. The others are kept.');
    assert.deepEqual(goingNames(decisions), ['old']);
    assert.equal(removeButton(1), 'Delete 1');
    assert.match(pruneQuestion(['old']).detail, /• old\n/);
  });

  it('says so when nothing goes', () => {
    assert.match(pruneSummary(decisions.slice(0, 1)), /^Nothing to delete: the only backup is kept/);
  });
});

describe('the schedule', () => {
  const facts = { hours: 4, lastBackupAt: new Date(hoursAgo(5)), changed: true, now };

  it('backs up when the newest backup is old enough and something changed, or that is unknown', () => {
    assert.equal(decideSchedule(facts).backUp, true);
    assert.equal(decideSchedule({ ...facts, changed: null }).backUp, true);
    assert.equal(decideSchedule({ ...facts, lastBackupAt: null, changed: null }).backUp, true);
  });

  it('waits while the newest backup is young', () => {
    const decision = decideSchedule({ ...facts, lastBackupAt: new Date(hoursAgo(1)) });
    assert.deepEqual(decision, { backUp: false, askAgainMs: 3 * 3_600_000 });
  });

  it('does nothing while nothing changed, but looks again', () => {
    const decision = decideSchedule({ ...facts, changed: false });
    assert.equal(decision.backUp, false);
    assert.ok((decision.askAgainMs ?? 0) > 0);
  });

  it('does nothing without hours, and is not fooled by a clock that was set back', () => {
    assert.deepEqual(decideSchedule({ ...facts, hours: 0 }), { backUp: false, askAgainMs: null });
    assert.deepEqual(decideSchedule({ ...facts, lastBackupAt: new Date(hoursAgo(-9)) }), { backUp: false, askAgainMs: 4 * 3_600_000 });
  });
});

describe("the doctor's report", () => {
  it('tells problems first, what to do, and nothing of the home folder', () => {
    const report = doctorReport(
      [
        { topic: 'Git', level: 'ok', message: 'On main.', remedy: '' },
        {
          topic: 'Uploads',
          level: 'problem',
          message: 'May not write /home/ada/app/uploads.',
          remedy: 'Run: chmod u+w "/home/ada/app/uploads"',
        },
      ],
      'app',
      '/home/ada',
    );
    assert.ok(report.indexOf('Uploads') < report.indexOf('Git'));
    assert.match(report, /What to do: Run: chmod u\+w "~\/app\/uploads"/);
    assert.doesNotMatch(report, /ada/);
  });

  it('leaves other paths alone', () => {
    assert.equal(withoutHome('/home/adam/x /home/ada', '/home/ada/'), '/home/adam/x ~');
    assert.equal(withoutHome('C:\\Users\\Ada\\x', 'C:\\Users\\Ada'), '~\\x');
  });
});

describe('the line in .gitignore', () => {
  it('comes last, once, in the line endings of the file', () => {
    assert.equal(withLine('', '/backups/'), '/backups/\n');
    assert.equal(withLine('dist', '/backups/'), 'dist\n/backups/\n');
    assert.equal(withLine('a\r\nb\r\n', '/backups/'), 'a\r\nb\r\n/backups/\r\n');
    assert.equal(withLine('/backups/\n', '/backups/'), '/backups/\n');
  });
});

describe('a compose service in the question before a restore', () => {
  const question = { message: 'Restore?', detail: 'facts', button: 'Restore' };
  const container: Container = {
    service: 'web',
    composeFile: '/p/compose.yaml',
    running: true,
    stop: 'docker compose stop web',
    start: '',
    locksMayNotCross: false,
  };

  it('is named, and can be stopped, when it runs', () => {
    const asked = withContainer(question, container);
    assert.match(asked.detail, /“web” mounts this database and is running/);
    assert.equal(asked.stopping, 'Stop, Restore and Start Again');
    assert.match(withContainer(question, { ...container, locksMayNotCross: true }).detail, /locks may not work across/);
  });

  it('is not worth a word when it does not run', () => {
    assert.equal(withContainer(question, { ...container, running: false }), question);
    assert.equal(withContainer(question, null), question);
  });

  it('gives the command when nobody knows whether it runs', () => {
    const asked = withContainer(question, { ...container, running: null });
    assert.match(asked.detail, /docker compose stop web/);
    assert.equal(asked.stopping, undefined);
  });
});
