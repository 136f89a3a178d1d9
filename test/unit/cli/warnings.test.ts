// Specification of what scripts rely on: warnings in every verb's document, and exit codes that say whether something is missing.
import assert from 'node:assert/strict';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { exitCodeOf, exitCodeOfRepair, exitCodeOfResult } from '../../../src/cli/exit-codes';
import type { ErrorCode } from '../../../src/engine/errors';
import type { WarningCode } from '../../../src/engine/warnings';
import { CliProject, ended, warnings } from '../../support/cli-project';
import { rot } from '../../support/rot';

/** Without the privileges that let root read everything. */
const AS_ORDINARY_USER = process.getuid?.() === 0 ? ['setpriv', '--inh-caps=-all', '--bounding-set=-all'] : [];

describe('exit codes', () => {
  const failures: [ErrorCode, number][] = [
    ['USAGE', 2],
    ['NAME_INVALID', 2],
    ['REFUSED', 3],
    ['DUMP_REFUSED', 3],
    ['CANCELLED', 130],
    ['BACKUP_NOT_FOUND', 1],
    ['NO_SPACE', 1],
    ['WRITE_FAILED', 1],
    ['INTERNAL', 1],
  ];
  for (const [code, expected] of failures) {
    it(`${code} ends with ${expected}`, () => {
      assert.equal(exitCodeOf(code), expected);
    });
  }

  const results: [WarningCode[], number][] = [
    [[], 0],
    [['NOT_CHECKED', 'REMOTE_FILE_SYSTEM', 'RETENTION_FAILED', 'CLEAN_UP_FAILED', 'SETTINGS_INVALID', 'ATTRIBUTES_LOST'], 0],
    [['VERIFICATION_FAILED'], 0],
    [['FILES_MISSING'], 4],
    [['NOT_CHECKED', 'LINKS_LEFT_OUT'], 4],
    [['BACKUP_DAMAGED'], 4],
  ];
  for (const [codes, expected] of results) {
    it(`a result with ${codes.join(', ') || 'no warnings'} ends with ${expected}`, () => {
      assert.equal(exitCodeOfResult({ warnings: codes.map((code) => ({ code, message: 'x' })) }), expected);
    });
  }

  it('of a repair say whether all, some or none of the damage was mended', () => {
    const mended = [{ path: 'a', backups: ['x'], from: null }];
    const lost = [{ path: 'b', reason: 'x' }];
    const codeOf = (repaired: typeof mended, unrepaired: typeof lost): number =>
      exitCodeOfRepair({ name: 'x', repaired, unrepaired, warnings: [] });
    assert.deepEqual([codeOf([], []), codeOf(mended, []), codeOf(mended, lost), codeOf([], lost)], [0, 0, 4, 1]);
  });
});

describe('the document of every verb', function () {
  this.timeout(120_000);
  let project: CliProject;
  const warned = z.looseObject({ warnings });

  beforeEach(async () => {
    project = await CliProject.create();
  });
  afterEach(async () => {
    await project.remove();
  });

  it('has warnings', async () => {
    await writeFile(join(project.root, 'passphrase'), 'one two three\n');
    const single: string[][] = [
      ['backup', 'first'],
      ['auto-backup'],
      ['auto-backup', '--if-changed'],
      ['show', 'first'],
      ['status'],
      ['diff', 'first'],
      ['find', 't', '--where', '1'],
      ['restore', 'first', '--dry-run'],
      ['restore', 'first', '--force'],
      ['undo', '--dry-run'],
      ['undo', '--force'],
      ['drill', 'first'],
      ['repair', 'first', '--dry-run'],
      ['repair', 'first'],
      ['pin', 'first'],
      ['unpin', 'first'],
      ['dump', 'out.sql'],
      ['restore-dump', 'out.sql', '--force'],
      ['export', 'first', 'first.zip'],
      ['import', 'first.zip'],
      ['delete', 'first_2', '--force'],
    ];
    for (const verb of single) {
      assert.deepEqual((await project.json(warned, 0, ...verb)).warnings, [], verb.join(' '));
    }
    const several: string[][] = [
      ['list'],
      ['log', 't'],
      ['verify'],
      ['prune', '--keep-last', '9', '--dry-run'],
      ['prune', '--keep-last', '9', '--force'],
    ];
    for (const verb of several) {
      const entries = await project.json(z.array(warned).nonempty(), 0, ...verb);
      assert.ok(
        entries.every((entry) => entry.warnings.length === 0),
        verb.join(' '),
      );
    }
    await project.json(z.array(warned).nonempty(), 0, 'doctor');
  });

  it('says of a backup that lacks a file, and of its restore, what is missing', async function () {
    if (process.platform === 'win32') {
      this.skip();
    }
    const secret = join(project.root, 'backend/uploads/secret.txt');
    await writeFile(secret, 'secret');
    await chmod(secret, 0);
    const made = await ended(project.start(['backup', 'first', '--json'], AS_ORDINARY_USER));
    assert.equal(made.code, 4, made.stderr);
    const codesOf = (document: z.infer<typeof warned>): string[] => document.warnings.map(({ code }) => code);
    assert.deepEqual(codesOf(warned.parse(JSON.parse(made.stdout))), ['FILES_MISSING']);
    await chmod(secret, 0o600);
    for (const [code, ...verb] of [
      [0, 'show', 'first'],
      [0, 'restore', 'first', '--dry-run'],
      [0, 'drill', 'first'],
      [4, 'export', 'first', 'first.zip'],
      [4, 'import', 'first.zip'],
      [0, 'restore', 'first', '--force', '--database-only'],
      [4, 'restore', 'first', '--force'],
    ] as const) {
      const document = await project.json(warned, code, ...verb);
      const expected = verb.at(-1) === '--database-only' ? [] : ['FILES_MISSING'];
      assert.deepEqual(codesOf(document), expected, verb.join(' '));
      assert.ok(document.warnings.every(({ message }) => message.includes('uploads/secret.txt')));
    }
    const text = await project.run('restore', 'first', '--force');
    assert.equal(text.code, 4);
    assert.match(text.stderr, /not complete: it lacks 1 file.*uploads\/secret\.txt/);
    const [entry] = await project.json(z.array(warned), 0, 'verify', 'first');
    assert.deepEqual(codesOf(entry ?? { warnings: [] }), ['FILES_MISSING']);
  });

  it('says what a restore of a damaged backup brought, and what a link was left out for', async () => {
    await mkdir(join(project.root, 'elsewhere'));
    const link = join(project.root, 'backend/uploads/link');
    await symlink(join(project.root, 'elsewhere'), link);
    await project.json(warned, 0, 'backup', 'first');
    await rm(link);
    rot(join(project.root, 'backups/first/uploads/photo.txt'));
    await project.json(z.looseObject({ error: z.looseObject({ code: z.literal('BACKUP_DAMAGED') }) }), 1, 'restore', 'first', '--force');
    const restored = await project.json(warned, 4, 'restore', 'first', '--force', '--even-if-damaged');
    assert.deepEqual(restored.warnings.map(({ code }) => code).sort(), ['BACKUP_DAMAGED', 'LINKS_LEFT_OUT']);
  });

  it('says which files were repaired, in which backups, and what cannot be', async () => {
    await writeFile(join(project.root, 'backend/uploads/other.txt'), 'other');
    await project.json(warned, 0, 'backup', 'first');
    await project.json(warned, 0, 'backup', 'second');
    rot(join(project.root, 'backups/first/uploads/photo.txt'));
    const found = await project.json(z.array(z.looseObject({ name: z.string(), damaged: z.unknown() })), 1, 'verify', '--deep', 'first');
    assert.deepEqual(found[0]?.damaged, [{ path: 'uploads/photo.txt', sharedWith: ['second'] }]);
    const repaired = z.looseObject({ repaired: z.array(z.unknown()), unrepaired: z.array(z.looseObject({ path: z.string() })), warnings });
    const expected = [{ path: 'uploads/photo.txt', backups: ['first', 'second'], from: null }];
    assert.deepEqual((await project.json(repaired, 0, 'repair', 'first', '--dry-run')).repaired, expected);
    rot(join(project.root, 'backups/first/uploads/other.txt'));
    await writeFile(join(project.root, 'backend/uploads/other.txt'), 'later');
    const some = await project.json(repaired, 4, 'repair', 'first');
    assert.deepEqual(some.repaired, expected);
    assert.deepEqual(
      [some.unrepaired.map(({ path }) => path), some.warnings.map(({ code }) => code)],
      [['uploads/other.txt'], ['NOT_MENDED']],
    );
    const text = await project.run('repair', 'first');
    assert.deepEqual([text.code, /DAMAGED +uploads\/other\.txt.*\n0 files repaired\./.test(text.stdout)], [1, true], text.stdout);
  });
});
