// Specification of the built command line as a process: exit codes, the one JSON document, and what stays on disk.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { CLI, CliProject, REPOSITORY, failure, manifest, restored } from '../../support/cli-project';

const list = z.array(
  z.strictObject({
    name: z.string(),
    path: z.string(),
    status: z.enum(['ok', 'incomplete']),
    reason: z.string().optional(),
    sizeBytes: z.number(),
    manifest: z.looseObject({}).optional(),
  }),
);
const verified = z.array(
  z.strictObject({ name: z.string(), ok: z.boolean(), problems: z.array(z.string()), warnings: z.array(z.string()) }),
);

describe('the command line as a process', function () {
  this.timeout(60_000);
  let project: CliProject;
  let root: string;

  beforeEach(async () => {
    project = await CliProject.create();
    ({ root } = project);
  });

  afterEach(async () => {
    await project.remove();
  });

  const setRow = (value: string): void => {
    project.setRow(value);
  };
  const row = (): unknown => project.row();
  const photo = (): Promise<string> => project.photo();
  const run: CliProject['run'] = (...args) => project.run(...args);
  const json: CliProject['json'] = (...args) => project.json(...args);

  it('creates, lists, shows, verifies and restores a backup, and undoes the restore', async () => {
    const created = await json(manifest, 0, 'backup', 'first', '--note', 'a note');
    assert.equal(created.backup_name, 'first');
    assert.equal(created.path, join(root, 'backups/first'));
    assert.deepEqual(await json(manifest, 0, 'show', 'first'), created);
    const [entry] = await json(list, 0, 'list');
    assert.deepEqual([entry?.name, entry?.status, entry?.path], ['first', 'ok', created.path]);
    assert.deepEqual(await json(verified, 0, 'verify', '--deep'), [{ name: 'first', ok: true, problems: [], warnings: [] }]);

    setRow('second');
    await writeFile(join(root, 'backend/uploads/photo.txt'), 'second');
    const result = await json(restored, 0, 'restore', 'first', '--force');
    assert.equal(result.restored, 'first');
    assert.deepEqual([row(), await photo()], ['first', 'first']);

    const undone = await json(restored, 0, 'undo', '--force');
    assert.equal(undone.restored, result.safetyBackup);
    assert.deepEqual([row(), await photo()], ['second', 'second']);
  });

  it('restores only the database, or only the uploads', async () => {
    await json(manifest, 0, 'backup', 'first');
    setRow('second');
    await writeFile(join(root, 'backend/uploads/photo.txt'), 'second');
    await json(restored, 0, 'restore', 'first', '--force', '--uploads-only');
    assert.deepEqual([row(), await photo()], ['second', 'first']);
    await writeFile(join(root, 'backend/uploads/photo.txt'), 'third');
    await json(restored, 0, 'restore', 'first', '--force', '--database-only');
    assert.deepEqual([row(), await photo()], ['first', 'third']);
  });

  it('speaks to people without --json, and not at all with --quiet', async () => {
    assert.match((await run('backup', 'first')).stdout, /^Created first\.\n/);
    assert.deepEqual(await run('backup', 'second', '--quiet'), { code: 0, stdout: '', stderr: '' });
    assert.match((await run('list', '--quiet')).stdout, /second[^]*first/);
    assert.match((await run('status')).stdout, /^Database +backend\/data\/pats\.db\n/);
  });

  for (const args of [['restore', 'first'], ['undo'], ['delete', 'first']]) {
    it(`refuses ${args[0] ?? ''} without --force where nobody can be asked, and changes nothing`, async () => {
      await json(manifest, 0, 'backup', 'first');
      setRow('second');
      assert.equal((await json(failure, 3, ...args)).error.code, 'REFUSED');
      assert.equal((await run(...args)).code, 3);
      assert.equal(row(), 'second');
      assert.deepEqual(
        (await json(list, 0, 'list')).map((entry) => entry.name),
        ['first'],
      );
    });
  }

  for (const [answer, code, expected] of [
    ['y', 0, 'first'],
    ['n', 3, 'second'],
    ['', 3, 'second'],
    ['\u0003', 130, 'second'],
    ['\u0004', 3, 'second'],
  ] as const) {
    it(`shows the plan and asks on a terminal: ${JSON.stringify(answer)} exits with ${code}`, async function () {
      if (process.platform !== 'linux') {
        // No other system has a command that makes a terminal in this way.
        return;
      }
      await json(manifest, 0, 'backup', 'first');
      setRow('second');
      const command = `'${process.execPath}' '${CLI}' restore first`;
      const child = spawn('script', ['-qec', command, '/dev/null'], { cwd: root, env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } });
      let seen = '';
      child.stdout.on('data', (data: Buffer) => {
        const before = seen;
        seen += data.toString();
        if (!before.includes('[y/N]') && seen.includes('[y/N]')) {
          child.stdin.write(/^[\u0003\u0004]$/.test(answer) ? answer : `${answer}\r`);
        }
      });
      const [exitCode] = (await once(child, 'close')) as [number | null];
      assert.equal(exitCode, code, seen);
      assert.match(seen, /Replaces +backend\/data\/pats\.db/);
      assert.match(seen, /safety backup/);
      assert.equal(row(), expected);
    });
  }

  it('only shows what a restore would do with --dry-run', async () => {
    await json(manifest, 0, 'backup', 'first');
    setRow('second');
    const result = await run('restore', 'first', '--dry-run');
    assert.equal(result.code, 0);
    assert.match(result.stdout, /Replaces +backend\/data\/pats\.db/);
    assert.equal(row(), 'second');
  });

  it('deletes backups, or none when one of the names is wrong', async () => {
    await json(manifest, 0, 'backup', 'first');
    await json(manifest, 0, 'backup', 'second');
    assert.equal((await json(failure, 1, 'delete', 'first', 'nowhere', '--force')).error.code, 'BACKUP_NOT_FOUND');
    assert.equal((await json(list, 0, 'list')).length, 2);
    assert.deepEqual(await json(z.strictObject({ deleted: z.array(z.string()) }), 0, 'delete', 'first', 'second', '--force'), {
      deleted: ['first', 'second'],
    });
    assert.deepEqual(await json(list, 0, 'list'), []);
  });

  it('prunes what no rule keeps, pinned backups never, and shows the reasons before', async () => {
    for (const name of ['first', 'second', 'third']) {
      await json(manifest, 0, 'backup', name);
    }
    assert.deepEqual(await json(z.strictObject({ pinned: z.array(z.string()) }), 0, 'pin', 'first'), { pinned: ['first'] });
    const decisions = z.array(z.strictObject({ name: z.string(), action: z.enum(['keep', 'remove']), reason: z.string().min(1) }));
    const planned = await json(decisions, 0, 'prune', '--keep-last', '1', '--dry-run');
    assert.deepEqual(
      planned.map(({ name, action }) => `${action} ${name}`),
      ['keep third', 'remove second', 'keep first'],
    );
    assert.equal((await run('prune', '--keep-last', '1')).code, 3);
    assert.equal((await json(list, 0, 'list')).length, 3);
    assert.deepEqual(await json(decisions, 0, 'prune', '--keep-last', '1', '--force'), planned);
    assert.deepEqual(
      (await json(list, 0, 'list')).map((entry) => entry.name),
      ['third', 'first'],
    );
  });

  it('exports a backup, encrypted, and imports it again', async () => {
    await json(manifest, 0, 'backup', 'first');
    await writeFile(join(root, 'passphrase'), 'correct horse battery staple\n');
    const exported = z.looseObject({ file: z.string(), encrypted: z.boolean() });
    const file = join(root, 'first.age');
    assert.deepEqual((await json(exported, 0, 'export', 'first', 'first.age', '--passphrase-file', 'passphrase')).file, file);
    await json(z.strictObject({ deleted: z.array(z.string()) }), 0, 'delete', 'first', '--force');
    await json(failure, 3, 'import', 'first.age');
    assert.equal((await json(manifest, 0, 'import', 'first.age', '--passphrase-file', 'passphrase')).backup_name, 'first');
    assert.deepEqual(await json(verified, 0, 'verify', '--deep'), [{ name: 'first', ok: true, problems: [], warnings: [] }]);
  });

  it('rehearses a restore and touches nothing', async () => {
    await json(manifest, 0, 'backup', 'first');
    setRow('second');
    assert.deepEqual(await json(z.unknown(), 0, 'drill', 'first'), { ok: true, problems: [], warnings: [] });
    assert.equal(row(), 'second');
    await writeFile(join(root, 'backups/first/uploads/photo.txt'), 'other');
    const result = await json(
      z.strictObject({ ok: z.literal(false), problems: z.array(z.string()), warnings: z.array(z.string()) }),
      1,
      'drill',
      'first',
    );
    assert.match(result.problems.join(), /photo\.txt/);
  });

  it('has a doctor that answers even where nothing else can work', async () => {
    await mkdir(join(root, '.vscode'));
    await writeFile(join(root, '.vscode/settings.json'), '{ broken');
    assert.equal((await json(failure, 1, 'list')).error.code, 'SETTINGS_INVALID');
    const findings = await json(z.array(z.looseObject({ level: z.string(), message: z.string() })), 1, 'doctor');
    assert.match(findings.map((finding) => finding.message).join(), /settings\.json, line 1/);
  });

  it('takes names that start with a dash after --', async () => {
    const name = (await run('backup', '--', '-name')).code;
    const shown = await run('show', '--', '-name');
    assert.ok(name === 0 ? shown.code === 0 : name === 2 && shown.code !== 0);
  });

  it('runs from the folder on the PATH, on the Node that the environment names', async () => {
    const windows = process.platform === 'win32';
    const child = spawn(join(REPOSITORY, 'bin', windows ? 'pats-backup.cmd' : 'pats-backup'), ['backup', 'named', '--quiet'], {
      cwd: root,
      env: { ...process.env, PATS_BACKUP_NODE: process.execPath },
      shell: windows,
    });
    const [code] = (await once(child, 'close')) as [number | null];
    assert.equal(code, 0);
    assert.deepEqual(
      (await json(list, 0, 'list')).map((entry) => entry.name),
      ['named'],
    );
  });

  it('reads the settings of the project, and flags override them', async () => {
    await mkdir(join(root, '.vscode'));
    await writeFile(join(root, '.vscode/settings.json'), '{"patsBackup.backupsFolder": "kept", /* one */ "patsBackup.uploads": ["files"]}');
    await mkdir(join(root, 'files'));
    assert.equal((await json(manifest, 0, 'backup', 'first')).path, join(root, 'kept/first'));
    assert.equal((await json(manifest, 0, 'backup', 'first', '--backups', 'other')).path, join(root, 'other/first'));
  });

  it('works on a project named by --project, through a link, from anywhere', async () => {
    const link = `${root}-link`;
    await symlink(root, link, 'junction');
    try {
      const child = spawn(process.execPath, [CLI, '--project', link, 'backup', 'first', '--quiet'], {
        cwd: tmpdir(),
        env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      });
      const [code] = (await once(child, 'close')) as [number | null];
      assert.equal(code, 0);
      assert.deepEqual(
        (await json(list, 0, 'list')).map((entry) => entry.name),
        ['first'],
      );
    } finally {
      await rm(link);
    }
  });
});
