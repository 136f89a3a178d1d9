// How backups read in the tree, in tooltips and to screen readers.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BackupEntry } from '../../../../src/engine/engine';
import type { Manifest } from '../../../../src/engine/store/manifest';
import {
  backupDescription,
  backupRow,
  backupSpeech,
  backupTooltip,
  dumpDescription,
  dumpLabel,
  gitText,
} from '../../../../src/ui/text/backup';
import { backupLabel } from '../../../../src/ui/text/label';
import { plain } from '../../../../src/ui/text/markdown';
import { isSameRevision, revisionText, revisionsOf } from '../../../../src/ui/text/revision';
import { sizeText } from '../../../../src/ui/text/size';
import { momentOf, relativeTime } from '../../../../src/ui/text/time';

const now = new Date('2026-03-01T12:00:00Z');
const reader = { now, locale: 'en' };

const base: Manifest = {
  backup_name: 'before_import',
  timestamp: '20260301_100000',
  created_at: '2026-03-01T10:00:00Z',
  alembic_revision: '1a2b3c4d5e6f',
  database_file: 'pats.db',
  uploads_included: true,
  backup_version: '1.1',
};
const manifest: Manifest = {
  ...base,
  trigger: 'manual',
  note: 'before the import',
  git: { branch: 'feature/x', commit: '0123456789abcdef', dirty: true },
};
const entry: BackupEntry = { name: 'before_import', path: '/p/backups/before_import', status: 'ok', sizeBytes: 1_500_000, manifest };

describe('text of a backup', () => {
  it('describes a backup by age, size, revision and note', () => {
    assert.equal(backupDescription(entry, reader), '2 hours ago · before the import · 1.4 MB · 1a2b3c4d5e6f · feature/x 0123456');
  });

  it('leaves room for the age beside a long label, and says all of it behind; a name is never cut short', () => {
    const label = 'feature/reminders - Migration: add reminders';
    assert.deepEqual(backupRow(entry, reader, label), {
      label: 'feature/reminde…',
      description: `2h ago · ${label} · before the import · 1.4 MB · 1a2b3c4d5e6f · feature/x 0123456`,
    });
    assert.equal(backupRow(entry, reader, 'main - add notes').label, 'main - add notes');
    const name = 'before_importing_the_price_list';
    assert.equal(backupRow({ ...entry, name }, reader, name).label, name);
  });

  it('is called by the words of a person, else by what it was made for', () => {
    const given = (name: string, more: Partial<Manifest>): BackupEntry => ({ ...entry, name, manifest: { ...base, ...more } });
    const clean = { branch: 'main', commit: '0123456789abcdef', subject: 'add reminders', dirty: false };
    const one = given('backup_20260301_100000_main_0123456', { trigger: 'manual', git: clean });
    const safety = (restored: string): BackupEntry =>
      given('pre_restore_20260301_100000', {
        trigger: 'safety',
        safety: { restored, database: 'present', uploads: 'present' },
      });
    assert.equal(backupLabel(entry), 'before_import');
    assert.equal(backupLabel(one), 'main - add reminders');
    // What earlier releases called them.
    assert.equal(backupLabel({ ...one, name: 'auto_20260301_100000_main_0123456' }), 'main - add reminders');
    assert.equal(backupLabel(given(one.name, { git: { ...clean, subject: null, dirty: true } })), 'main* - 0123456');
    assert.equal(backupLabel(given(one.name, { git: clean, note: 'data for the demo\nmore' })), 'data for the demo');
    assert.equal(backupLabel(given('backup_20260301_100000', {})), 'backup_20260301_100000');
    assert.equal(backupLabel(given('pre_migration_20260301_100000', { trigger: 'pre-migration', git: clean })), 'Before migration');
    assert.equal(backupLabel(safety(one.name), [one]), 'Before restore of main - add reminders');
    assert.equal(backupLabel(safety('demo')), 'Before restore of demo');
    assert.equal(backupLabel(safety('pre_restore_20260201_100000')), 'Before undo of a restore');
    assert.equal(backupLabel({ ...one, status: 'incomplete' }), one.name);
  });

  it('labels a dump that it named without its timestamp, and any other by its name', () => {
    assert.equal(dumpLabel('database_dump_20260301_100000.sql.gz'), 'database_dump.sql.gz');
    assert.equal(dumpLabel('database_dump_20260301_100000_2.sql'), 'database_dump_20260301_100000_2.sql');
    assert.equal(dumpLabel('mine.sql'), 'mine.sql');
  });

  it('tells damage first, because the end of a row is cut off', () => {
    const verification = { at: now.toISOString(), depth: 'deep' as const, ok: false, problems: ['uploads/a was changed.'] };
    assert.match(backupDescription({ ...entry, verification }, reader), /^damaged: uploads\/a was changed\. · 2 hours ago/);
  });

  it('describes an incomplete folder by its reason', () => {
    const broken: BackupEntry = { name: 'x', path: '/p/x', status: 'incomplete', reason: 'There is no metadata file.', sizeBytes: 0 };
    assert.equal(backupDescription(broken, reader), 'incomplete: There is no metadata file.');
    assert.equal(backupSpeech(broken, reader), 'Incomplete backup x. There is no metadata file.');
    assert.match(backupTooltip(broken, reader), /\$\(warning\) Incomplete: There is no metadata file/);
  });

  it('describes a format-1.0 backup without the fields of 1.1', () => {
    const text = backupDescription({ ...entry, manifest: { ...base, alembic_revision: null, backup_version: '1.0' } }, reader);
    assert.equal(text, '2 hours ago · 1.4 MB · no revision');
  });

  it('says in words what a backup lacks', () => {
    const partial = [{ path: 'uploads/a', reason: 'permission denied' }];
    const text = backupDescription({ ...entry, manifest: { ...base, partial, pinned: true } }, reader);
    assert.equal(text, '2 hours ago · not all files · pinned · 1.4 MB · 1a2b3c4d5e6f');
    assert.match(backupSpeech({ ...entry, manifest: { ...base, partial } }, reader), /not all files/);
  });

  it('says everything that the eye sees to a screen reader', () => {
    const speech = backupSpeech(entry, reader);
    assert.equal(speech, 'Backup before_import, 2 hours ago, 1.4 MB, revision 1a2b3c4d5e6f, created by you, before the import');
  });

  it('shows the whole manifest in the tooltip', () => {
    const tooltip = backupTooltip(entry, reader);
    for (const part of [
      'before\\_import',
      'before the import',
      'feature/x at 0123456',
      'uncommitted changes',
      '1a2b3c4d5e6f',
      'created by you',
    ]) {
      assert.ok(tooltip.includes(part), `${part} is missing in ${tooltip}`);
    }
  });

  it('lets no name, note or branch write Markdown into a tooltip', () => {
    const hostile = '[x](command:evil) `y` <img src=x> | \n\n# z $(trash)';
    const tooltip = backupTooltip({ ...entry, name: hostile, manifest: { ...manifest, note: hostile } }, reader);
    assert.ok(!tooltip.includes('[x](command'));
    assert.ok(!/(^|[^\\])<img/.test(tooltip));
    assert.ok(!/(^|[^\\])\$\(trash/.test(tooltip));
    assert.ok(!plain(hostile).includes('\n'));
  });

  it('counts upload files and their size, in the manifest or beside it', () => {
    const one = { path: 'uploads/a', size: 10, mtime: '1', ctime: '1', sha256: 'a'.repeat(64) };
    assert.match(backupTooltip({ ...entry, manifest: { ...manifest, files: [one] } }, reader), /1 file, 10 B/);
    const many = { file: 'backup_files.json' as const, count: 2000, size: 4096, sha256: 'a'.repeat(64) };
    assert.match(backupTooltip({ ...entry, manifest: { ...manifest, files: many } }, reader), /2000 files, 4 KB/);
  });

  it('names at most five files that could not be read', () => {
    const partial = [1, 2, 3, 4, 5, 6, 7].map((n) => ({ path: `uploads/${n}`, reason: 'permission denied' }));
    assert.match(backupTooltip({ ...entry, manifest: { ...manifest, partial } }, reader), /uploads\/5 and 2 more/);
  });

  it('says where git stood, also without a branch or a commit', () => {
    assert.equal(gitText({ branch: 'main', commit: null, dirty: false }), 'main, no commit yet');
    assert.equal(gitText({ branch: null, commit: '0123456789', dirty: false }), 'detached HEAD at 0123456');
  });

  it('describes a dump by age and size', () => {
    const dump = { name: 'd.sql', path: '/p/d.sql', sizeBytes: 2048, modifiedAt: '2026-02-28T12:00:00Z' };
    assert.equal(dumpDescription(dump, reader), 'yesterday · 2 KB');
  });
});

describe('text of times, sizes and revisions', () => {
  it('says how long ago in the largest unit that fits', () => {
    const ago = (seconds: number): string => relativeTime(new Date(now.getTime() - seconds * 1000), now);
    assert.equal(ago(20), 'now');
    assert.equal(ago(61), '1 minute ago');
    assert.equal(ago(3600 * 5), '5 hours ago');
    assert.equal(ago(86_400 * 8), 'last week');
    assert.equal(ago(86_400 * 800), '2 years ago');
    assert.equal(ago(-7200), 'in 2 hours');
  });

  it('reads the moment from created_at, else from the local timestamp, else not at all', () => {
    assert.equal(momentOf(manifest)?.toISOString(), '2026-03-01T10:00:00.000Z');
    const local = momentOf({ created_at: 'yesterday or so', timestamp: '20260301_100000' });
    assert.equal(local?.getTime(), new Date(2026, 2, 1, 10).getTime());
    assert.equal(momentOf({ created_at: '?', timestamp: '?' }), null);
  });

  it('writes sizes with three digits at most', () => {
    assert.equal(sizeText(0), '0 B');
    assert.equal(sizeText(820), '820 B');
    assert.equal(sizeText(1023), '1 KB');
    assert.equal(sizeText(1024 * 1024 * 12.34), '12.3 MB');
    assert.equal(sizeText(1024 ** 3 * 250), '250 GB');
  });

  it('compares revisions as sets and takes those of 1.1 first', () => {
    assert.ok(isSameRevision(['a', 'b'], ['b', 'a']));
    assert.ok(!isSameRevision(['a'], ['a', 'b']));
    assert.deepEqual(revisionsOf(manifest), ['1a2b3c4d5e6f']);
    assert.deepEqual(revisionsOf({ ...manifest, migrations: { tool: 'alembic', revisions: ['a', 'b'], heads: [] } }), ['a', 'b']);
    assert.deepEqual(revisionsOf({ ...manifest, alembic_revision: 'a, b' }), ['a', 'b']);
    assert.equal(revisionText([]), 'no revision');
    assert.equal(revisionText(['x'.repeat(60)]).length, 24);
  });
});
