// The question before backups are deleted, and which good backup stands nearest to a damaged one.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BackupEntry, Manifest } from '../../../../src/engine/engine';
import { nearestGood } from '../../../../src/ui/flows/nearest';
import { deletionQuestion } from '../../../../src/ui/text/deletion';

const MB = 1024 * 1024;

function backup(name: string, hour: number, more: Partial<Manifest> = {}, entry: Partial<BackupEntry> = {}): BackupEntry {
  const manifest: Manifest = {
    backup_name: name,
    timestamp: '20260301_100000',
    created_at: new Date(Date.UTC(2026, 2, 1, hour)).toISOString(),
    alembic_revision: null,
    database_file: 'pats.db',
    uploads_included: true,
    backup_version: '1.2',
    trigger: 'manual',
    ...more,
  };
  return { name, path: `/b/${name}`, status: 'ok', sizeBytes: 3 * MB, manifest, ...entry };
}

const damage = { verification: { at: '', depth: 'normal' as const, ok: false, problems: ['x'] } };
const safety = { trigger: 'safety', safety: { restored: 'old', database: 'present', uploads: 'present' } } as const;
const all = [backup('undo', 12, safety), backup('bad', 11, {}, damage), backup('newest', 10), backup('old', 2, { pinned: true })];

describe('the question before backups are deleted', () => {
  const ask = (names: readonly string[], useTrash = false): string =>
    deletionQuestion({
      entries: all.filter(({ name }) => names.includes(name)),
      all,
      shareOf: (path) => ({ name: path, ownBytes: MB, sharedBytes: path.endsWith('old') ? 0 : 2 * MB }),
      useTrash,
      locale: 'en',
    }).detail;

  it('says what they are still good for, and what is freed', () => {
    assert.match(
      ask(['undo']),
      /^“Undo Last Restore” needs it\.\n\nFrees 1 MB\. 2 MB shared with other backups\.\n\nThis cannot be undone/,
    );
    assert.match(ask(['newest']), /^It is the newest good backup\./);
    assert.match(ask(['old'], true), /^It is pinned\.\n\nFrees 1 MB when the trash is emptied\.\n\nYou can restore/);
    assert.match(ask(['bad']), /^Frees 1 MB/);
    assert.match(
      ask(['old', 'newest', 'undo']),
      /^1 of them is pinned\. “newest” is the newest good backup\. “Undo Last Restore” needs “undo”\./,
    );
  });
});

describe('in the place of a damaged backup', () => {
  it('the good one is proposed that was made at the nearest moment and holds as much', () => {
    assert.equal(nearestGood(all, 'bad')?.name, 'newest');
    assert.equal(
      nearestGood([backup('bad', 3, {}, damage), backup('database', 3, { uploads_included: false }), backup('far', 22)], 'bad')?.name,
      'far',
    );
    assert.equal(nearestGood([backup('bad', 3, {}, damage)], 'bad'), null);
  });
});
