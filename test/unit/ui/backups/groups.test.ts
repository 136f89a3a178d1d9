// The rows of the backups view: groups by day, safety backups by themselves, and what a filter leaves.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BackupEntry, BackupList, Manifest } from '../../../../src/engine/engine';
import { rowsOf } from '../../../../src/ui/backups/groups';
import { filterText, type Filter } from '../../../../src/ui/text/filter';
import type { OpenProject } from '../../../../src/ui/window/projects';

/** A Friday. */
const now = new Date(2026, 10, 27, 12, 0);
const project = { name: 'pats', root: '/p' } as unknown as OpenProject;
const words = { safety: 'Safety Backups', undated: 'No Date' };

function backup(name: string, daysAgo: number, more: Partial<Manifest> = {}): BackupEntry {
  const made = new Date(now.getTime() - daysAgo * 86_400_000);
  const manifest: Manifest = {
    backup_name: name,
    timestamp: '20261127_120000',
    created_at: made.toISOString(),
    alembic_revision: null,
    database_file: 'pats.db',
    uploads_included: false,
    backup_version: '1.2',
    trigger: 'manual',
    ...more,
  };
  return { name, path: `/b/${name}`, status: 'ok', sizeBytes: 1, manifest };
}

function shown(backups: readonly BackupEntry[], filter: Filter = {}): string[] {
  const list: BackupList = { backupsFolder: '/b', backups, dumps: [], warnings: [] };
  return rowsOf(project, list, filter, { now, locale: 'en' }, words).map((node) =>
    node.kind === 'group' ? `${node.isOpen ? '-' : '+'} ${node.label}: ${node.nodes.map(({ label }) => label).join(', ')}` : node.kind,
  );
}

describe('the rows of the backups view', () => {
  const all = [
    backup('later', -1),
    backup('pre_restore_20261127_110000', 0, {
      trigger: 'safety',
      safety: { restored: 'demo', database: 'present', uploads: 'present' },
    }),
    backup('demo', 0, { note: 'for Ada' }),
    backup('thursday', 1),
    backup('monday', 4),
    backup('sunday', 5),
    backup('early', 20, { trigger: 'scheduled' }),
    backup('october', 40, { pinned: true }),
    backup('last-year', 400),
    { name: 'half', path: '/b/half', status: 'incomplete', reason: 'No metadata.', sizeBytes: 0 } satisfies BackupEntry,
  ];

  it('stand in groups by day, the newest first, and safety backups in a closed one at the end', () => {
    assert.deepEqual(shown(all), [
      '- Today: later, demo',
      '- Yesterday: thursday',
      '- This Week: monday',
      '+ Last Week: sunday',
      '+ This Month: early',
      '+ October 2026: october',
      '+ October 2025: last-year',
      '- No Date: half',
      '+ Safety Backups: Before restore of demo',
    ]);
    assert.deepEqual(shown(all.slice(7, 9)), ['- October 2026: october', '+ October 2025: last-year']);
  });

  it('are those that pass the filter, by reason and by any word that is known of them', () => {
    assert.deepEqual(shown(all, { reason: 'safety' }), ['- Safety Backups: Before restore of demo']);
    assert.deepEqual(shown(all, { text: 'ADA' }), ['- Today: demo']);
    assert.deepEqual(shown(all, { reason: 'pinned' }), ['- October 2026: october']);
    assert.deepEqual(shown(all, { reason: 'trouble' }), ['- No Date: half']);
    assert.deepEqual(shown(all, { reason: 'manual', text: 'early' }), []);
    assert.equal(filterText({ reason: 'pre-migration', text: 'demo' }), 'Before a Migration, “demo”');
  });
});
