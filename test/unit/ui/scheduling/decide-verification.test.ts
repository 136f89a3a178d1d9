// When a backup is read again in the background, and which one.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BackupEntry } from '../../../../src/engine/engine';
import { decideVerification } from '../../../../src/ui/scheduling/decide-verification';

const NOW = new Date('2026-06-15T12:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const ago = (days: number): string => new Date(NOW.getTime() - days * DAY).toISOString();

interface Facts {
  readonly made?: number;
  readonly contentRead?: number;
  readonly read?: number;
  readonly ok?: boolean;
  readonly uploads?: boolean;
  readonly status?: 'ok' | 'incomplete';
}

function entry(name: string, { made = 30, contentRead, read, ok, uploads = true, status = 'ok' }: Facts): BackupEntry {
  return {
    name,
    path: `/b/${name}`,
    status,
    sizeBytes: 1,
    manifest: {
      backup_name: name,
      timestamp: '20260601_120000',
      created_at: ago(made),
      alembic_revision: null,
      database_file: 'pats.db',
      uploads_included: uploads,
      backup_version: '1.1',
      ...(contentRead === undefined ? {} : { content_read_at: ago(contentRead) }),
    },
    verification:
      read === undefined && ok === undefined
        ? null
        : { at: ago(0), depth: 'full', ok: ok ?? true, problems: [], ...(read === undefined ? {} : { readAt: ago(read) }) },
  };
}

const decide = (
  backups: BackupEntry[],
  days = 7,
  triedAt: ReadonlyMap<string, number> = new Map(),
): ReturnType<typeof decideVerification> => decideVerification({ days, backups, triedAt, now: NOW });

describe('verification in the background', () => {
  it('is off at 0, and at what is no number of days', () => {
    for (const days of [0, -1, NaN, Infinity]) {
      assert.deepEqual(decide([entry('a', {})], days), { name: null, askAgainMs: null });
    }
  });

  it('has nothing to read where there are no backups, and looks again', () => {
    assert.deepEqual(decide([]), { name: null, askAgainMs: 7 * DAY });
  });

  it('reads the one that was not read for the longest time, then soon the next', () => {
    const backups = [entry('new', { contentRead: 1 }), entry('old', { contentRead: 9 }), entry('older', { contentRead: 20, read: 12 })];
    assert.deepEqual(decide(backups), { name: 'older', askAgainMs: MINUTE });
  });

  it('reads first what nobody knows when it was read', () => {
    assert.equal(decide([entry('old', { contentRead: 300 }), entry('unknown', {})]).name, 'unknown');
  });

  it('waits until one is due', () => {
    assert.deepEqual(decide([entry('a', { contentRead: 5 }), entry('b', { contentRead: 20, read: 2 })]), {
      name: null,
      askAgainMs: 2 * DAY,
    });
    assert.deepEqual(decide([entry('a', { contentRead: 5 })], 2), { name: 'a', askAgainMs: MINUTE });
  });

  it('takes a backup without uploads as read when it was made', () => {
    assert.equal(decide([entry('a', { made: 3, uploads: false })]).name, null);
    assert.equal(decide([entry('a', { made: 8, uploads: false })]).name, 'a');
  });

  it('does not believe times in the future', () => {
    assert.equal(decide([entry('a', { contentRead: -100, read: -3 })]).name, 'a');
  });

  it('leaves alone what is known to be damaged, or is no whole backup', () => {
    assert.equal(decide([entry('a', { ok: false }), entry('b', { status: 'incomplete' })]).name, null);
  });

  it('does not try again and again where no record can be kept', () => {
    const tried = new Map([['a', NOW.getTime() - DAY]]);
    assert.deepEqual(decide([entry('a', {})], 7, tried), { name: null, askAgainMs: 6 * DAY });
  });
});
