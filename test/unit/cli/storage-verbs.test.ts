// Specification of the verbs around storage as a process: dumps, pins, retention, the drill, exports and the doctor.
import assert from 'node:assert/strict';
import { appendFile, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { z } from 'zod';
import { CliProject, ended, failure, manifest, restored, warnings } from '../../support/cli-project';
import { newForEachTest } from '../../support/stand-in';

const decisions = z.array(z.strictObject({ name: z.string(), action: z.enum(['keep', 'remove']), reason: z.string().min(1), warnings }));
const drilled = z.strictObject({ ok: z.boolean(), problems: z.array(z.string()), warnings });
const dumped = z.looseObject({ file: z.string(), sizeBytes: z.number(), tables: z.number(), rows: z.number() });
const exported = z.strictObject({ name: z.string(), file: z.string(), sizeBytes: z.number(), encrypted: z.boolean(), warnings });
const findings = z.array(z.looseObject({ level: z.string(), remedy: z.string().optional() }));
const anything = z.unknown();

describe('the verbs around storage as a process', function () {
  this.timeout(60_000);
  const project = newForEachTest(() => CliProject.create());

  const at = (...parts: string[]): string => join(project.root, ...parts);
  const backupNames = async (): Promise<string[]> => (await readdir(at('backups'))).filter((name) => !name.startsWith('.')).sort();
  /** Backups whose names tell their order. */
  async function makeBackups(...names: string[]): Promise<void> {
    for (const name of names) {
      await project.json(manifest, 0, 'backup', name);
    }
  }
  const actions = (plan: z.infer<typeof decisions>): Record<string, string> =>
    Object.fromEntries(plan.map(({ name, action }) => [name, action]));

  describe('dump and restore-dump', () => {
    for (const [option, ending] of [
      [[], 'sql'],
      [['--gzip'], 'sql.gz'],
      [['--zstd'], 'sql.zst'],
      // The ending of the name says it as well.
      [[], 'sql.gz'],
    ] as const) {
      it(`write ${ending} and bring it back, undo included (${option.join('') || 'no option'})`, async () => {
        const file = at(`out.${ending}`);
        const result = await project.json(dumped, 0, 'dump', file, ...option);
        assert.deepEqual([result.file, result.tables, result.rows], [file, 1, 1]);
        assert.equal((await stat(file)).mode & 0o077, 0);
        const packed = { sql: '--', 'sql.gz': '\u001f\u008b', 'sql.zst': '\u0028\u00b5' }[ending];
        assert.equal((await readFile(file)).toString('latin1', 0, 2), packed);
        project.setRow('second');
        const back = await project.json(restored, 0, 'restore-dump', file, '--force');
        assert.equal(project.row(), 'first');
        await project.json(restored, 0, 'undo', '--force');
        assert.equal(project.row(), 'second');
        assert.match(back.safetyBackup, /^pre_restore_/);
      });
    }

    it('put a dump without a name into the backups folder, from where its name is enough', async () => {
      const { file } = await project.json(dumped, 0, 'dump');
      assert.equal(join(file, '..'), at('backups'));
      project.setRow('second');
      await project.json(restored, 0, 'restore-dump', file.slice(at('backups').length + 1), '--force');
      assert.equal(project.row(), 'first');
    });

    it('write over nothing, and refuse two ways of compression', async () => {
      await writeFile(at('there.sql'), 'mine');
      assert.equal((await project.json(failure, 1, 'dump', at('there.sql'))).error.code, 'BACKUP_EXISTS');
      assert.equal(await readFile(at('there.sql'), 'utf8'), 'mine');
      assert.equal((await project.json(failure, 2, 'dump', '--gzip', '--zstd')).error.code, 'USAGE');
    });

    it('ask first: without a terminal nothing is restored', async () => {
      const { file } = await project.json(dumped, 0, 'dump', at('out.sql'));
      project.setRow('second');
      await project.json(failure, 3, 'restore-dump', file);
      assert.equal(project.row(), 'second');
    });

    it('refuse statements that reach outside, with their line, and a dump that was cut off', async () => {
      const { file } = await project.json(dumped, 0, 'dump', at('out.sql'));
      const text = await readFile(file, 'utf8');
      await writeFile(at('evil.sql'), `CREATE TABLE t(x);\nATTACH '${at('victim.db')}' AS v;\nCREATE TABLE v.t(x);\n`);
      const { error } = await project.json(failure, 3, 'restore-dump', at('evil.sql'), '--force');
      assert.match(error.message, /line 2/i);
      await writeFile(at('cut.sql'), text.slice(0, text.length - 30));
      await project.json(failure, 1, 'restore-dump', at('cut.sql'), '--force');
      await project.json(failure, 1, 'restore-dump', at('none.sql'), '--force');
      assert.equal(project.row(), 'first');
      assert.ok(!(await readdir(project.root)).includes('victim.db'));
    });
  });

  describe('pin, unpin and prune', () => {
    it('keep what a rule or a pin keeps, say why for every backup, and remove only what the plan said', async () => {
      await makeBackups('a', 'b', 'c', 'd');
      await project.json(anything, 0, 'pin', 'a');
      const plan = await project.json(decisions, 0, 'prune', '--keep-last', '2', '--dry-run');
      assert.deepEqual(actions(plan), { d: 'keep', c: 'keep', b: 'remove', a: 'keep' });
      assert.match(plan.find(({ name }) => name === 'a')?.reason ?? '', /pinned/);
      assert.deepEqual(await backupNames(), ['a', 'b', 'c', 'd']);
      assert.deepEqual(await project.json(decisions, 0, 'prune', '--keep-last', '2', '--force'), plan);
      assert.deepEqual(await backupNames(), ['a', 'c', 'd']);
      await project.json(anything, 0, 'unpin', 'a');
      await project.json(decisions, 0, 'prune', '--keep-last', '2', '--force');
      assert.deepEqual(await backupNames(), ['c', 'd']);
    });

    it('never remove the newest good backup, nor the safety backup of the last restore', async () => {
      await makeBackups('a', 'b');
      const { safetyBackup } = await project.json(restored, 0, 'restore', 'a', '--force');
      await makeBackups('c');
      await project.json(decisions, 0, 'prune', '--max-bytes', '0', '--force');
      assert.deepEqual(await backupNames(), ['c', safetyBackup].sort());
    });

    it('remove nothing of one’s own without a rule', async () => {
      await makeBackups('a', 'b', 'c');
      assert.deepEqual(actions(await project.json(decisions, 0, 'prune', '--force')), { a: 'keep', b: 'keep', c: 'keep' });
    });

    it('ask first, refuse what is no number, and name a backup that is not there', async () => {
      await makeBackups('a', 'b');
      await project.json(failure, 3, 'prune', '--keep-last', '1');
      for (const wrong of ['-1', 'many', '1.5']) {
        assert.equal((await project.json(failure, 2, 'prune', `--keep-last=${wrong}`, '--force')).error.code, 'USAGE');
      }
      const { error } = await project.json(failure, 1, 'pin', 'a', 'nobody');
      assert.equal(error.code, 'BACKUP_NOT_FOUND');
      assert.deepEqual(await backupNames(), ['a', 'b']);
    });
  });

  describe('drill', () => {
    it('says that a backup can be restored, and touches nothing', async () => {
      await makeBackups('a');
      project.setRow('second');
      const before = await readdir(project.root, { recursive: true });
      assert.deepEqual(await project.json(drilled, 0, 'drill', 'a'), { ok: true, problems: [], warnings: [] });
      assert.deepEqual([project.row(), await project.photo()], ['second', 'first']);
      // What it found of the backup is kept with it, as by a verification.
      const after = (await readdir(project.root, { recursive: true })).filter((path) => basename(path) !== '.verification.json');
      assert.deepEqual(after, before);
    });

    it('ends with 1 and the problems when a file of the backup was changed', async () => {
      await makeBackups('a');
      await appendFile(at('backups/a/uploads/photo.txt'), 'x');
      const { ok, problems } = await project.json(drilled, 1, 'drill', 'a');
      assert.equal(ok, false);
      assert.match(problems.join(), /uploads\/photo\.txt/);
      await project.json(failure, 1, 'drill', 'nobody');
    });
  });

  describe('export and import', () => {
    it('carry a backup through one file, open or encrypted', async () => {
      await makeBackups('a');
      const identity = await generateIdentity();
      await writeFile(at('words'), 'correct horse\n');
      await writeFile(at('keys'), `# created: today\n\n${identity}\n`);
      const ways: readonly [string, readonly string[], readonly string[]][] = [
        ['a.zip', [], []],
        ['words.age', ['--passphrase-file', 'words'], ['--passphrase-file', 'words']],
        ['keys.age', ['--recipient', await identityToRecipient(identity)], ['--identity-file', 'keys']],
      ];
      for (const [file, writing, reading] of ways) {
        const result = await project.json(exported, 0, 'export', 'a', file, ...writing);
        assert.deepEqual([result.file, result.encrypted], [at(file), writing.length > 0]);
        await project.json(anything, 0, 'delete', 'a', '--force');
        assert.equal((await project.json(manifest, 0, 'import', file, ...reading)).backup_name, 'a');
        assert.deepEqual(await project.json(drilled, 0, 'drill', 'a'), { ok: true, problems: [], warnings: [] });
      }
    });

    it('refuse an encrypted file without its secret, and what is no export', async () => {
      await makeBackups('a');
      await writeFile(at('words'), 'correct horse\n');
      await writeFile(at('empty'), '\n');
      await project.json(exported, 0, 'export', 'a', 'a.age', '--passphrase-file', 'words');
      assert.match((await project.json(failure, 3, 'import', 'a.age')).error.remedy, /--passphrase-file/);
      assert.equal((await project.json(failure, 2, 'import', 'a.age', '--passphrase-file', 'empty')).error.code, 'USAGE');
      assert.equal((await project.json(failure, 1, 'import', 'a.age', '--passphrase-file', 'nothing')).error.code, 'READ_FAILED');
      await project.json(failure, 3, 'import', 'words');
      await project.json(failure, 1, 'import', 'nothing.zip');
      assert.deepEqual(await backupNames(), ['a']);
    });
  });

  describe('doctor', () => {
    it('finds nothing in the way of a sound project, and a leftover where there is one', async () => {
      await makeBackups('a');
      assert.ok((await project.json(findings, 0, 'doctor')).every(({ level }) => level !== 'problem'));
      await writeFile(at('backups/.restore-journal.json'), 'torn');
      const found = await project.json(findings, 1, 'doctor');
      assert.ok(found.some(({ level, remedy }) => level === 'problem' && remedy));
    });

    it('tells nothing of what stands in the database or in a passphrase file', async () => {
      project.setRow('a secret of the database');
      const { stdout } = await ended(project.start(['doctor', '--json']));
      assert.doesNotMatch(stdout, /a secret/);
    });
  });

  describe('auto-backup --if-changed', () => {
    it('makes a backup only when the newest one does not hold the present state, and names the one that does', async () => {
      const first = await project.json(manifest, 0, 'auto-backup', '--if-changed');
      assert.deepEqual(await project.json(manifest, 0, 'auto-backup', '--if-changed'), first);
      assert.match((await project.run('auto-backup', '--if-changed')).stdout, /Nothing has changed since auto_/);
      await project.setPhoto('second one');
      const second = await project.json(manifest, 0, 'auto-backup', '--if-changed');
      project.setRow('second');
      const third = await project.json(manifest, 0, 'auto-backup', '--if-changed');
      assert.equal(new Set([first, second, third].map(({ path }) => path)).size, 3);
      assert.equal((await backupNames()).length, 3);
    });
  });

  it('follow no link out of the backups folder', async () => {
    await makeBackups('a');
    await symlink('/etc', at('backups/etc'));
    for (const verb of ['drill', 'export', 'pin', 'verify']) {
      assert.notEqual((await project.run(verb, 'etc')).code, 0, verb);
    }
    assert.deepEqual(await backupNames(), ['a', 'etc']);
  });
});
