// What a stranger made to keep SQLite or a walk busy: it is refused or told, and the program can be interrupted at any moment.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliProject, ended, failure } from '../../support/cli-project';
import { hostileDatabases, hostileDumps, nest } from '../../support/hostile-megabyte';
import { Chance } from '../../support/random';

const LONGEST = 900;

describe('A megabyte that is made to be slow', function () {
  this.timeout(120_000);
  let project: CliProject;
  before(async () => {
    project = await CliProject.create();
    assert.equal((await project.run('backup', 'good')).code, 0);
  });
  after(async () => {
    // What is too deep for Node is not for the system.
    execFileSync('rm', ['-rf', project.root]);
    await project.remove();
  });

  /** Runs a verb and interrupts it after some milliseconds: it has answered, or says that it was interrupted. */
  async function interrupted(args: readonly string[], after: number): Promise<string> {
    const child = project.start([...args, '--json']);
    const end = ended(child);
    await sleep(after);
    child.kill('SIGINT');
    const { stdout, code } = await end;
    // Before it hears signals, one ends it as any program.
    if (stdout === '') {
      assert.equal(code, null, args.join(' '));
      return 'CANCELLED';
    }
    const answer = JSON.parse(stdout) as object;
    return 'error' in answer ? failure.parse(answer).error.code : 'done';
  }

  const chance = new Chance(Number(process.env['PATS_SEED'] ?? 1));

  for (const [what, dump] of Object.entries(hostileDumps)) {
    it(`can be interrupted at any moment: a dump with ${what}`, async () => {
      writeFileSync(join(project.root, 'hostile.sql'), dump());
      const code = await interrupted(['restore-dump', 'hostile.sql', '--force'], chance.below(LONGEST));
      assert.ok(['CANCELLED', 'DUMP_REFUSED', 'DUMP_INVALID'].includes(code), code);
      assert.equal(project.row(), 'first');
    });
  }

  it('is refused, and nothing is left of it', async () => {
    for (const what of ['a slow CHECK', 'tables']) {
      writeFileSync(join(project.root, 'hostile.sql'), hostileDumps[what]?.() ?? '');
      const { error } = await project.json(failure, 3, 'restore-dump', 'hostile.sql', '--force');
      assert.equal(error.code, 'DUMP_REFUSED');
      assert.match(error.message, /far longer than its size explains/);
    }
    assert.deepEqual(
      readdirSync(join(project.root, 'backups')).filter((name) => name.startsWith('.tmp')),
      [],
    );
  });

  for (const [what, make] of Object.entries(hostileDatabases)) {
    it(`is backed up, verified and restored without working it out: a database with ${what}`, async () => {
      const folder = join(project.root, 'backups/bad');
      rmSync(folder, { recursive: true, force: true });
      cpSync(join(project.root, 'backups/good'), folder, { recursive: true });
      rmSync(join(folder, 'pats.db'));
      make(join(folder, 'pats.db'));
      const bytes = readFileSync(join(folder, 'pats.db'));
      const file = join(folder, 'backup_metadata.json');
      const manifest = JSON.parse(readFileSync(file, 'utf8')) as { database: object };
      const database = { ...manifest.database, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
      writeFileSync(file, JSON.stringify({ ...manifest, backup_name: 'bad', database }));
      for (const args of [['verify', 'bad', '--deep'], ['restore', 'bad', '--force'], ['status'], ['doctor'], ['undo', '--force']]) {
        const { code, stdout } = await project.run(...args, '--json');
        assert.ok(code !== null && code < 5, args.join(' '));
        JSON.parse(stdout);
      }
      assert.equal(project.row(), 'first');
    });
  }

  it('is listed, verified and removed although its folders are nested deeper than paths may be long', async function () {
    if (process.platform === 'win32') {
      this.skip();
    }
    cpSync(join(project.root, 'backups/good'), join(project.root, 'backups/deep'), { recursive: true });
    nest(join(project.root, 'backups/deep/uploads/n'), 1500);
    nest(join(project.root, 'backups/nothing/n'), 1500);
    for (const args of [
      ['list'],
      ['verify'],
      ['doctor'],
      ['restore', 'deep', '--force'],
      ['delete', 'nothing', 'deep', '--force'],
      ['list'],
    ]) {
      const { stdout, stderr } = await project.run(...args, '--json');
      assert.doesNotThrow(() => JSON.parse(stdout), `${args.join(' ')} ${stdout} ${stderr}`);
      assert.doesNotMatch(stdout, /"INTERNAL"/, args.join(' '));
    }
    assert.equal(project.row(), 'first');
  });
});
