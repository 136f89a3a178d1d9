// Specification of the built command line where something is in its way: its answer, its exit code, and what stays on disk.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { CliProject, ended, failure, list, manifest, restored, verified } from '../../support/cli-project';
import { newForEachTest } from '../../support/stand-in';

/** Without the privileges that let root read everything. */
const AS_ORDINARY_USER = process.getuid?.() === 0 ? ['setpriv', '--inh-caps=-all', '--bounding-set=-dac_override,-dac_read_search'] : [];

describe('the command line in trouble', function () {
  this.timeout(60_000);
  const project = newForEachTest(() => CliProject.create());
  let root: string;
  beforeEach(() => {
    ({ root } = project);
  });

  const databaseFile = (): string => project.database;
  const start: CliProject['start'] = (...args) => project.start(...args);
  const run: CliProject['run'] = (...args) => project.run(...args);
  const json: CliProject['json'] = (...args) => project.json(...args);

  it('exits with 1 when a backup has problems, and names them', async () => {
    const created = await json(manifest, 0, 'backup', 'first');
    await writeFile(join(created.path, 'pats.db'), 'not what it was');
    const [result] = await json(verified, 1, 'verify', 'first');
    assert.equal(result?.ok, false);
    assert.match(result.problems.join(), /pats\.db/);
  });

  for (const [args, code, error] of [
    [['show', 'nowhere'], 1, 'BACKUP_NOT_FOUND'],
    [['backup', '../outside'], 2, 'NAME_INVALID'],
    [['undo', '--force'], 1, 'NOTHING_TO_UNDO'],
    [['unknown'], 2, 'USAGE'],
    [['restore', 'x', '--database-only', '--uploads-only'], 2, 'USAGE'],
    [['list', '--project', 'nowhere'], 1, 'PROJECT_NOT_FOUND'],
    [['backup', '--backups', 'backend/uploads/backups'], 1, 'BACKUPS_INSIDE_UPLOADS'],
  ] as const) {
    it(`answers "${args.join(' ')}" with ${error} and exit code ${code}`, async () => {
      assert.equal((await json(failure, code, ...args)).error.code, error);
      const asText = await run(...args);
      assert.deepEqual([asText.code, asText.stdout], [code, '']);
      assert.match(asText.stderr, /^.+\n.+\n$/);
    });
  }

  it('keeps causes and stacks to PATS_BACKUP_LOG=1', async () => {
    await writeFile(databaseFile(), 'this is text, and no database at all');
    const quiet = await run('backup');
    assert.equal(quiet.code, 1);
    assert.ok(!/^\s+at /m.test(quiet.stderr));
    const loud = await ended(start(['backup'], [], { PATS_BACKUP_LOG: '1' }));
    assert.match(loud.stderr, /^\s+at /m);
  });

  it('exits with 4 when a file could not be read, and the rest is in the backup', async function () {
    if (process.platform === 'win32') {
      // Permissions do not close a file to its owner there.
      return;
    }
    await writeFile(join(root, 'backend/uploads/closed.txt'), 'secret');
    await chmod(join(root, 'backend/uploads/closed.txt'), 0);
    const result = await ended(start(['backup', 'first', '--json'], AS_ORDINARY_USER));
    assert.equal(result.code, 4, result.stderr + result.stdout);
    const created = manifest.extend({ partial: z.array(z.looseObject({ path: z.string() })) }).parse(JSON.parse(result.stdout));
    assert.match(created.partial[0]?.path ?? '', /closed\.txt$/);
    assert.equal(await readFile(join(created.path, 'uploads/photo.txt'), 'utf8'), 'first');
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`ends with 130 at ${signal}, and leaves nothing behind`, async function () {
      if (process.platform === 'win32') {
        // Signals end a process there, they do not reach it.
        return;
      }
      await json(manifest, 0, 'backup', 'first');
      // While somebody else is at work, the backup waits.
      const lock = new Database(join(root, 'backups/.pats-backup.lock'));
      lock.exec('BEGIN EXCLUSIVE');
      const child = start(['backup', 'second', '--json'], [], { PATS_BACKUP_LOG: '1' });
      assert.ok(child.stderr);
      await once(child.stderr, 'data');
      const end = ended(child);
      child.kill(signal);
      const result = await end;
      lock.close();
      assert.equal(result.code, 130);
      assert.equal(failure.parse(JSON.parse(result.stdout)).error.code, 'CANCELLED');
      assert.deepEqual(
        (await readdir(join(root, 'backups'))).filter((name) => !name.startsWith('.pats-backup')),
        ['first'],
      );
    });
  }

  it('does its work although nobody reads what it says', async () => {
    const child = start(['backup', 'first', '--json']);
    child.stdout?.destroy();
    const [code] = (await once(child, 'close')) as [number | null];
    assert.equal(code, 0);
    assert.equal((await json(list, 0, 'list')).length, 1);
  });

  it('brings back an upload whose name holds what separates folders elsewhere', async function () {
    if (process.platform === 'win32') {
      this.skip();
    }
    const odd = join(root, 'backend/uploads/a\\b.txt');
    await writeFile(odd, 'odd');
    await json(manifest, 0, 'backup', 'first');
    await writeFile(odd, 'changed');
    assert.deepEqual((await json(verified, 0, 'verify', 'first', '--deep'))[0]?.problems, []);
    await json(restored, 0, 'restore', 'first', '--force');
    assert.equal(await readFile(odd, 'utf8'), 'odd');
    // A zip file would bring it back under another name.
    assert.match((await json(failure, 1, 'export', 'first', 'first.zip')).error.message, /a\\b\.txt/);
    assert.ok(!(await readdir(root)).includes('first.zip'));
  });

  it('lists a link among the backups as incomplete, never follows it, and deletes nothing but the link', async () => {
    await json(manifest, 0, 'backup', 'first');
    await symlink(join(root, 'backups/first'), join(root, 'backups/other'), 'junction');
    assert.equal((await json(failure, 1, 'restore', 'other', '--force')).error.code, 'BACKUP_INCOMPLETE');
    await json(z.looseObject({}), 0, 'delete', 'other', '--force');
    assert.deepEqual(
      (await json(list, 0, 'list')).map((entry) => [entry.name, entry.status]),
      [['first', 'ok']],
    );
    await json(verified, 0, 'verify', 'first', '--deep');
  });

  it('keeps a damaged database as it is with the option that its failure names', async () => {
    const bytes = await readFile(databaseFile());
    // The table's only page: the header and the schema stay readable.
    await writeFile(databaseFile(), Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(bytes.length - 4096, 0xff)]));
    const { error } = await json(failure, 1, 'backup', 'first');
    assert.equal(error.code, 'DATABASE_DAMAGED');
    assert.match(error.remedy, /--allow-damaged/);
    assert.equal((await json(manifest, 0, 'backup', 'first', '--allow-damaged')).backup_name, 'first');
  });

  it('says what stands in the place of the database, and moves it away for a restore', async function () {
    await json(manifest, 0, 'backup', 'first');
    await rm(databaseFile());
    await mkdir(databaseFile());
    assert.equal((await json(failure, 1, 'backup', 'second')).error.code, 'NOT_A_DATABASE');
    await json(z.unknown(), 0, 'restore', 'first', '--force');
    assert.ok((await stat(databaseFile())).isFile());
    if (process.platform !== 'win32') {
      await rm(databaseFile());
      execFileSync('mkfifo', [databaseFile()]);
      assert.equal((await json(failure, 1, 'backup', 'second')).error.code, 'NOT_A_DATABASE');
      await json(z.unknown(), 0, 'restore', 'first', '--force');
      assert.ok((await stat(databaseFile())).isFile());
    }
  });

  it('names the database when that is what may not be read', async function () {
    if (process.platform === 'win32') {
      this.skip();
    }
    await json(manifest, 0, 'backup', 'first');
    await chmod(databaseFile(), 0o000);
    const result = await ended(start(['restore', 'first', '--force', '--json'], AS_ORDINARY_USER));
    const { error } = failure.parse(JSON.parse(result.stdout));
    assert.deepEqual([result.code, error.code], [1, 'NO_PERMISSION']);
    assert.match(error.message, /pats\.db/);
  });

  it('does not end as done when its answer could not be written', async function () {
    if (process.platform !== 'linux') {
      this.skip();
    }
    const { code, stderr } = await ended(start(['list', '--json'], ['sh', '-c', '"$@" > /dev/full', 'sh']));
    assert.equal(code, 4);
    assert.match(stderr, /could not be written/);
  });
});
