// A revision that no file of this checkout has: what the other branches of a real git repository tell about it.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { askGit, locate } from '../../../src/engine/history/unknown-revision';
import { readSchemaState } from '../../../src/engine/migrations/state/state';
import type { SchemaState } from '../../../src/engine/migrations/schema';
import { alembicProject, migration, rows } from '../../support/alembic-project';
import { git as gitIn } from '../../support/git';
import { newForEachTest } from '../../support/stand-in';

describe('A revision that no file of this checkout has', function () {
  this.timeout(60_000);
  const project = newForEachTest(() => alembicProject({ a1: 'base', b2: 'a1' }));
  const git = (...args: string[]): string => gitIn(project.root, ...args);
  beforeEach(() => {
    git('init', '--quiet', '--initial-branch=main');
    commit('first');
  });

  function commit(message: string): void {
    git('add', '--all', 'alembic', 'alembic.ini');
    git('commit', '--quiet', '-m', message);
  }
  async function state(): Promise<SchemaState> {
    const folder = project.folder();
    return askGit(readSchemaState(folder), folder);
  }

  async function checkout(): Promise<string | null> {
    const folder = project.folder();
    return (await locate(readSchemaState(folder), folder)).checkout;
  }

  it('is ahead when a branch has it on top of the newest revision here', async () => {
    git('switch', '--quiet', '-c', 'feature/tags');
    project.write('alembic/versions/c3.py', migration('c3', 'b2'));
    project.write('alembic/versions/d4.py', `"""two lines\n\nand a name"""\nrevision = 'd4'\ndown_revision = (\n    'c3',\n)\n`);
    commit('tags');
    git('switch', '--quiet', 'main');
    project.sql(rows('d4'));
    assert.equal(await checkout(), 'git switch feature/tags');
    const { state: name, pending, problems, revisions } = await state();
    assert.deepEqual([name, pending, revisions], ['ahead', [], ['d4']]);
    assert.deepEqual(problems, [
      {
        message:
          'Revision d4 of the database is newer than these files: the branch feature/tags has it. Check that out, or restore a backup whose revision these files know.',
      },
    ]);
  });

  it('is diverged when a branch has it beside the newest revision here, after a common ancestor', async () => {
    git('switch', '--quiet', '-c', 'other');
    project.write('alembic/versions/c3.py', migration('c3', 'a1'));
    rmSync(`${project.root}/alembic/versions/b2.py`);
    commit('another way');
    git('switch', '--quiet', 'main');
    project.sql(rows('c3'));
    const { state: name, pending, problems } = await state();
    assert.equal(name, 'diverged');
    assert.deepEqual(
      pending.map(({ revision }) => revision),
      ['b2'],
    );
    assert.match(
      problems[0]?.message ?? '',
      /went another way than these files after a1: the branch other has it. Check that out and downgrade to a1/,
    );
  });

  it('is found when it was deleted or squashed', async () => {
    project.write('alembic/versions/c3.py', migration('c3', 'b2'));
    commit('add');
    rmSync(`${project.root}/alembic/versions/c3.py`);
    commit('remove');
    project.sql(rows('c3'));
    assert.equal((await state()).state, 'ahead');
    const command = (await checkout()) ?? '';
    assert.match(command, /^git switch --detach [0-9a-f]{7}~1$/);
    assert.ok((await state()).problems[0]?.message.includes(`the commit ${command.split(' ').at(-1) ?? ''} has it`));
    git(...command.split(' ').slice(1));
    assert.deepEqual([(await state()).state, await checkout()], ['current', null]);
  });

  it('stays unknown when no commit has it, and without git', async () => {
    project.sql(rows('zz99'));
    assert.equal((await state()).state, 'unknown-revision');
    rmSync(`${project.root}/.git`, { recursive: true });
    assert.equal((await state()).state, 'unknown-revision');
  });
});
