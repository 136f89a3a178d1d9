// Every command line of the old guide, word for word, through the launcher that stands in its place: exit codes and what is on disk.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CliProject, ended, REPOSITORY, type Ended } from '../../support/cli-project';
import { newForEachTest } from '../../support/stand-in';

describe('the old backup.sh', function () {
  this.timeout(60_000);
  const project = newForEachTest(async () => {
    const made = await CliProject.create();
    cpSync(join(REPOSITORY, 'examples/pats/backup.sh'), join(made.root, 'backup.sh'));
    return made;
  });

  const onPath = { PATH: [join(REPOSITORY, 'bin'), process.env['PATH']].join(delimiter), PATS_BACKUP_NODE: process.execPath };

  /** Types a line at a shell in the project's folder, as the integrated terminal runs it. */
  function type(line: string, { cwd = project.root, env = onPath }: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Ended> {
    return ended(spawn('sh', ['-c', line], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  async function works(line: string, where?: { cwd: string }): Promise<string> {
    const { code, stdout, stderr } = await type(line, where);
    assert.equal(code, 0, `${line}: ${stderr}`);
    return stdout;
  }

  const inBackups = (): string[] => readdirSync(join(project.root, 'backups')).filter((name) => !name.startsWith('.'));

  it('backs up under a name, lists and restores it', async () => {
    await works('./backup.sh backup before_interviews');
    assert.ok(existsSync(join(project.root, 'backups/before_interviews/backup_metadata.json')));
    assert.match(await works('./backup.sh list'), /before_interviews/);
    project.setRow('second');
    await project.setPhoto('second');
    await works('./backup.sh restore before_interviews --force');
    assert.deepEqual([project.row(), await project.photo()], ['first', 'first']);
  });

  it('names backups itself', async () => {
    await works('./backup.sh backup');
    await works('./backup.sh auto-backup');
    assert.deepEqual(
      inBackups()
        .map((name) => name.split('_')[0])
        .sort(),
      ['auto', 'backup'],
    );
  });

  it('dumps into the backups folder or a file, and restores both', async () => {
    await works('./backup.sh dump');
    const [dump = ''] = inBackups().filter((name) => name.startsWith('database_dump_'));
    await works('./backup.sh dump today.sql');
    assert.match(readFileSync(join(project.root, 'today.sql'), 'utf8'), /INSERT INTO/);
    for (const file of [dump, `backups/${dump}`, 'today.sql']) {
      project.setRow('second');
      await works(`./backup.sh restore-dump ${file} --force`);
      assert.equal(project.row(), 'first');
    }
  });

  it('is about its own folder, wherever it is called from, and paths are those of the caller', async () => {
    const below = join(project.root, 'backend');
    await works('../backup.sh dump here.sql', { cwd: below });
    await works('../backup.sh backup', { cwd: below });
    assert.ok(existsSync(join(below, 'here.sql')));
    assert.equal(inBackups().length, 1);
  });

  for (const line of ['restore before_interviews', 'restore-dump today.sql']) {
    it(`asks before "${line}" and changes nothing without an answer`, async () => {
      await works('./backup.sh backup before_interviews');
      await works('./backup.sh dump today.sql');
      project.setRow('second');
      assert.equal((await type(`./backup.sh ${line}`)).code, 3);
      assert.equal(project.row(), 'second');
      if (process.platform !== 'linux') {
        // No other system has a command that makes a terminal in this way.
        return;
      }
      assert.equal((await type(`echo y | script -qec './backup.sh ${line}' /dev/null`)).code, 0);
      assert.equal(project.row(), 'first');
    });
  }

  it('fails where there is nothing to restore, without a verb, and without the command line', async () => {
    assert.equal((await type('./backup.sh restore nowhere --force')).code, 1);
    assert.equal((await type('./backup.sh')).code, 2);
    const without = await type('/bin/sh ./backup.sh list', { env: { PATH: '/usr/bin:/bin' } });
    assert.deepEqual([without.code, without.stdout], [1, '']);
    assert.match(without.stderr, /not on the PATH/);
  });
});
