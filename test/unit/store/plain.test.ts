// Manifests that are told to be good without the schema are good by the schema, and those that we write are told so.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { createEngine } from '../../../src/engine/create-engine';
import { fileList, folderList, manifestSchema } from '../../../src/engine/store/manifest';
import { isPlainFileList, isPlainFolderList, isPlainManifest } from '../../../src/engine/store/plain';
import { makeProject } from '../../support/pats-project';

const HASH = 'a'.repeat(64);
const FILE = { path: 'uploads/a', size: 1, mtime: '1', ctime: '-1', sha256: HASH, mode: 420, uid: 0, gid: 0, sparse: true, hardLink: 'x' };
const FOLDER = { path: 'uploads', mtime: '1', mode: 493, uid: 0, gid: 0 };
const MANIFEST = {
  backup_name: 'one',
  timestamp: '20260131_120000',
  created_at: '2026-01-31T12:00:00+01:00',
  alembic_revision: null,
  database_file: 'app.db',
  uploads_included: true,
  backup_version: '1.2',
  trigger: 'safety',
  note: 'a note',
  pinned: false,
  sequence: 7,
  git: { branch: 'main', commit: null, subject: 'x', dirty: true },
  migrations: { tool: 'alembic', revisions: ['a'], heads: [] },
  database: {
    source: 'data/app.db',
    size: 4096,
    sha256: HASH,
    page_size: 4096,
    user_version: -1,
    application_id: 0,
    journal_mode: 'wal',
    mode: 420,
    uid: 0,
    gid: 0,
    live: ['1'],
    foreign_key_violations: 0,
    unchecked: ['t'],
    tables: [{ name: 't', rows: 1, sha256: HASH }],
    damaged: false,
    side_files: [{ name: 'app.db-wal', size: 0, sha256: HASH }],
  },
  uploads: [{ source: 'uploads', folder: 'uploads', existed: true }],
  files: [FILE],
  folders: [FOLDER],
  links: [{ path: 'uploads/l', target: 'a', mtime: '1', uid: 0, gid: 0 }],
  skipped: [{ path: 'a', reason: 'b' }],
  partial: [{ path: 'a', reason: 'b' }],
  safety: { restored: 'x', database: 'absent', uploads: 'untouched' },
  content_read_at: '2026-01-31T12:00:00+01:00',
  unkept: ['x'],
  imported_at: 'x',
  seal: 'x',
  created_by: 'pats-backup',
};

const ODD = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    '',
    -1,
    1.5,
    1e300,
    2 ** 53,
    4095,
    4096,
    2 ** 32,
    null,
    [],
    {},
    'A'.repeat(64),
    '1'.repeat(20),
    'x'.repeat(256),
    'x'.repeat(10_001),
    '1\n',
  ),
  fc.constantFrom<unknown>(FILE, FOLDER, HASH, 'present', 'x'.repeat(4097), 'manual', Array(1001).fill('x'), {
    file: 'backup_files.json',
    count: 1,
    size: 1,
    sha256: HASH,
  }),
);

/** Another value at some place of it: a field that is there, is not, or has a name of its own. */
function changed(value: unknown, picks: readonly number[], odd: unknown): unknown {
  const [pick = 0, ...others] = picks;
  if (typeof value !== 'object' || value === null || picks.length === 0) {
    return odd;
  }
  if (Array.isArray(value)) {
    const list: unknown[] = [...(value as unknown[])];
    const at = pick % (list.length + 1);
    list[at] = changed(list[at], others, odd);
    return list;
  }
  const names = [...Object.keys(value), 'unheard of'];
  const name = names[pick % names.length] ?? '';
  const copy: Record<string, unknown> = { ...value };
  if (odd === undefined) {
    return Object.fromEntries(Object.entries(copy).filter(([each]) => each !== name));
  }
  copy[name] = changed(copy[name], others, odd);
  return copy;
}

describe('a manifest that is plainly good', () => {
  const picks = fc.array(fc.nat(1000), { minLength: 1, maxLength: 4 });
  const odds = fc.oneof(ODD, fc.constant(undefined));

  it('is good by the schema, whatever somebody changes in one', () => {
    let plain = 0;
    fc.assert(
      fc.property(picks, odds, (where, odd) => {
        const given = changed(MANIFEST, where, odd);
        const isPlain = isPlainManifest(given);
        plain += isPlain ? 1 : 0;
        return !isPlain || manifestSchema.safeParse(given).success;
      }),
      { numRuns: 3000 },
    );
    assert.ok(plain > 0 && isPlainManifest(MANIFEST));
    for (const [isPlain, schema, entry] of [
      [isPlainFileList, fileList, FILE],
      [isPlainFolderList, folderList, FOLDER],
    ] as const) {
      assert.ok(isPlain([entry]));
      fc.assert(
        fc.property(picks, odds, (where, odd) => {
          const given = [changed(entry, where, odd)];
          return !isPlain(given) || schema.safeParse(given).success;
        }),
        { numRuns: 500 },
      );
    }
  });

  it('is what a backup writes', async () => {
    const { root, remove } = makeProject();
    try {
      const { path } = await createEngine().create({ root }, { trigger: 'manual', name: 'one', note: 'x' });
      assert.ok(isPlainManifest(JSON.parse(readFileSync(join(path, 'backup_metadata.json'), 'utf8'))));
    } finally {
      remove();
    }
  });
});
