// Specification of sharing: no backup takes over a file that is known bad, or that was not read for too long.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { decideSharing, verifyEveryOf } from '../../../src/engine/create/sharing';
import { realEnvironment } from '../../../src/engine/store/environment';
import type { BackupEntry, CreatedBackup } from '../../../src/engine/store/list';
import type { VerificationRecord } from '../../../src/engine/store/verification-record';
import { filesOf, makeProject, type PatsProject } from '../../support/pats-project';
import { rot } from '../../support/rot';

const NOW = new Date('2026-06-15T12:00:00Z');
const DAY = 24 * 60 * 60 * 1000;
const ago = (days: number): string => new Date(NOW.getTime() - days * DAY).toISOString();

function entry(name: string, { readAt, verification }: { readAt?: string; verification?: VerificationRecord } = {}): BackupEntry {
  return {
    name,
    path: `/b/${name}`,
    status: 'ok',
    sizeBytes: 1,
    manifest: {
      backup_name: name,
      timestamp: '20260601_120000',
      created_at: ago(14),
      alembic_revision: null,
      database_file: 'pats.db',
      uploads_included: true,
      backup_version: '1.1',
      files: [],
      ...(readAt === undefined ? {} : { content_read_at: readAt }),
    },
    verification: verification ?? null,
  };
}

const failed = (damaged?: string[]): VerificationRecord => ({
  at: ago(1),
  depth: 'deep',
  ok: false,
  problems: ['x'],
  ...(damaged === undefined ? {} : { damaged }),
});

describe('the decision what to share', () => {
  const decide = (entries: BackupEntry[], days = 7): string => {
    const sharing = decideSharing(entries, days, NOW);
    return sharing === null ? 'copy' : `${sharing.from.name}${sharing.reads ? ', read first' : ''}`;
  };
  const passed: VerificationRecord = { at: ago(1), depth: 'normal', ok: true, problems: [] };
  const cases: [what: string, entries: BackupEntry[], decision: string, days?: number][] = [
    ['nothing to share from', [], 'copy'],
    ['an incomplete folder', [{ name: 'x', path: '/b/x', status: 'incomplete', sizeBytes: 0 }], 'copy'],
    ['read lately', [entry('b', { readAt: ago(2) }), entry('a')], 'b'],
    ['read too long ago', [entry('b', { readAt: ago(8) })], 'b, read first'],
    ['read too long ago, but verified since', [entry('b', { readAt: ago(30), verification: { ...passed, readAt: ago(3) } })], 'b'],
    ['verified without reading', [entry('b', { readAt: ago(30), verification: passed })], 'b, read first'],
    ['read at an unknown time', [entry('b')], 'b, read first'],
    ['read in the future', [entry('b', { readAt: ago(-400) })], 'b, read first'],
    ['read too long ago, no limit', [entry('b', { readAt: ago(800) })], 'b', 0],
    ['the only one failed', [entry('b', { readAt: ago(1), verification: failed(['uploads/x']) })], 'copy'],
    ['the newest failed', [entry('b', { verification: failed(['uploads/x']) }), entry('a', { readAt: ago(1) })], 'a, read first'],
    ['an older one failed', [entry('b', { readAt: ago(1) }), entry('a', { verification: failed(['uploads/x']) })], 'b, read first'],
    ['an older one failed, no limit', [entry('b'), entry('a', { verification: failed(['uploads/x']) })], 'b, read first', 0],
    ['an older one failed somewhere', [entry('b', { readAt: ago(1) }), entry('a', { verification: failed() })], 'b, read first'],
    ['an older database failed', [entry('b', { readAt: ago(1) }), entry('a', { verification: failed(['pats.db']) })], 'b'],
  ];
  for (const [what, entries, decision, days] of cases) {
    it(`${what}: ${decision}`, () => {
      assert.equal(decide(entries, days), decision);
    });
  }

  it('takes the default for a setting that is no number of days', () => {
    assert.deepEqual([undefined, null, '3', -1, Infinity, NaN, 0, 2.5].map(verifyEveryOf), [7, 7, 7, 7, 7, 7, 0, 2.5]);
  });
});

describe('a new backup', () => {
  let project: PatsProject;
  let now: Date;
  const engine = createEngine({ ...realEnvironment, now: () => now });
  const back = (name: string): Promise<CreatedBackup> => engine.create({ root: project.root }, { trigger: 'manual', name });
  const file = (name: string, path = 'uploads/cv.pdf'): string => join(project.backups, name, path);
  const isShared = (a: string, b: string, path?: string): boolean => statSync(file(a, path)).ino === statSync(file(b, path)).ino;

  beforeEach(() => {
    project = makeProject();
    now = new Date(NOW);
  });
  afterEach(() => {
    project.remove();
  });

  it('shares on for as long as the content was read lately, then reads it once and shares again', async () => {
    const first = await back('a');
    assert.equal(Date.parse(first.content_read_at ?? ''), now.getTime());
    now = new Date(NOW.getTime() + 5 * DAY);
    assert.equal((await back('b')).content_read_at, first.content_read_at);
    now = new Date(NOW.getTime() + 8 * DAY);
    const third = await back('c');
    assert.equal(Date.parse(third.content_read_at ?? ''), now.getTime());
    assert.ok(isShared('a', 'b') && isShared('b', 'c'));
    assert.deepEqual(third.warnings, []);
  });

  it('has a copy of its own of what has rotted unseen since it was last read, and says so', async () => {
    await back('a');
    now = new Date(NOW.getTime() + 4 * DAY);
    await back('b');
    rot(file('a'));
    now = new Date(NOW.getTime() + 8 * DAY);
    const third = await back('c');
    assert.deepEqual(filesOf(join(third.path, 'uploads')), filesOf(project.uploads));
    assert.ok(isShared('b', 'c', 'uploads/2024/portrait.png'));
    assert.match(third.warnings.map(({ message }) => message).join(), /uploads\/cv\.pdf in the backup "b" is damaged/);
    assert.equal((await engine.verify({ root: project.root }, { names: ['c'], deep: true }))[0]?.ok, true);
  });

  it('reads the setting of the project', async () => {
    await back('a');
    rot(file('a'));
    mkdirSync(join(project.root, '.vscode'));
    writeFileSync(join(project.root, '.vscode/settings.json'), '{"patsBackup.verifyEvery": 2}');
    now = new Date(NOW.getTime() + 3 * DAY);
    await back('b');
    assert.deepEqual(readFileSync(file('b')), readFileSync(join(project.uploads, 'cv.pdf')));
  });

  it('takes nothing on from a backup that is known bad, whichever of those that share the file was verified', async () => {
    for (const name of ['a', 'b', 'c']) {
      await back(name);
    }
    await engine.verify({ root: project.root }, { names: ['c'], deep: true });
    rot(file('b'));
    const [found] = await engine.verify({ root: project.root }, { names: ['a'], deep: true });
    assert.deepEqual(found?.damaged, [{ path: 'uploads/cv.pdf', sharedWith: ['c', 'b'] }]);
    const { backups } = await engine.list({ root: project.root });
    assert.deepEqual(
      backups.map(({ name, verification }) => [name, verification?.ok, verification?.damaged]),
      ['c', 'b', 'a'].map((name) => [name, false, ['uploads/cv.pdf']]),
    );
    const next = await back('d');
    assert.deepEqual(filesOf(join(next.path, 'uploads')), filesOf(project.uploads));
    assert.equal((await engine.verify({ root: project.root }, { names: ['d'], deep: true }))[0]?.ok, true);
  });

  it('is not deceived by a quick look that sees nothing of what a deep one has found', async () => {
    await back('a');
    rot(file('a'));
    await engine.verify({ root: project.root }, { deep: true });
    assert.equal((await engine.verify({ root: project.root }, {}))[0]?.ok, false);
    await back('b');
    assert.deepEqual(readFileSync(file('b')), readFileSync(join(project.uploads, 'cv.pdf')));
  });

  it('keeps the time of the last whole reading through quick looks', async () => {
    await back('a');
    now = new Date(NOW.getTime() + 6 * DAY);
    await engine.verify({ root: project.root }, { deep: true });
    now = new Date(NOW.getTime() + 12 * DAY);
    await engine.verify({ root: project.root }, {});
    rot(file('a'));
    now = new Date(NOW.getTime() + 14 * DAY);
    await back('b');
    assert.deepEqual(readFileSync(file('b')), readFileSync(join(project.uploads, 'cv.pdf')));
  });
});
