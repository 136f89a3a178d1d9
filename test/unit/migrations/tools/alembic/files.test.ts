// Alembic's migration files: every way of writing the variables, and what is broken in them.
import assert from 'node:assert/strict';
import { alembic } from '../../../../../src/engine/migrations/tools/alembic/alembic';
import { readScript } from '../../../../../src/engine/migrations/tools/alembic/script';
import type { SchemaProblem } from '../../../../../src/engine/migrations/schema';
import { alembicProject, migration } from '../../../../support/alembic-project';
import { type MigrationsProject } from '../../../../support/migrations-project';
import { newForEachTest } from '../../../../support/stand-in';

describe('A migration file of Alembic', () => {
  const project = newForEachTest(alembicProject);

  const read = (source: string, name = 'x.py'): ReturnType<typeof readScript> =>
    readScript(project.write(`alembic/versions/${name}`, source), { root: project.root, database: null });
  const WRITTEN: readonly [string, string, readonly string[]][] = [
    ['plain', "revision = 'a'\ndown_revision = 'b'", ['b']],
    ['None', "revision = 'a'\ndown_revision = None", []],
    ['an empty tuple', "revision = 'a'\ndown_revision = ()", []],
    ['annotated', "revision: str = 'a'\ndown_revision: Union[str, Sequence[str], None] = 'b'", ['b']],
    ['annotated with new unions', "revision: str = 'a'\ndown_revision: str | tuple[str, ...] | None = ('b', 'c')", ['b', 'c']],
    ['annotated None', "revision = 'a'\ndown_revision: None = None", []],
    ['a tuple over lines with comments', "revision = 'a'\ndown_revision = (\n  'b',  # the first\n  # and ')'\n  'c',\n)", ['b', 'c']],
    ['a list', "revision = 'a'\ndown_revision = ['b', 'c',]", ['b', 'c']],
    ['a set', "revision = 'a'\ndown_revision = {'b', 'c'}", ['b', 'c']],
    ['a tuple without parentheses', "revision = 'a'\ndown_revision = 'b', 'c'", ['b', 'c']],
    ['parentheses that are no tuple', "revision = ('a')\ndown_revision = ('b')", ['b']],
    ['implicit concatenation', "revision = 'a'\ndown_revision = ('b' \"c\"\n  '''d''')", ['bcd']],
    ['prefixes', "revision = u'a'\ndown_revision = r'b'", ['b']],
    ['an f-string that computes nothing', "revision = f'a'\ndown_revision = 'b'", ['b']],
    ['several statements on a line', "revision = 'a'; down_revision = 'b'; depends_on = None", ['b']],
    ['a continued line', "revision = \\\n  'a'\ndown_revision = 'b'", ['b']],
    ['the last assignment', "revision = 'z'\nrevision = 'a'\ndown_revision = 'y'\ndown_revision = 'b'", ['b']],
    ['a constant', "REV = 'a'\nrevision = REV\nBASE = 'b'\ndown_revision = (BASE,)", ['b']],
    ['a chain', "down_revision = parent = 'b'\nrevision = 'a'", ['b']],
    ['unpacking', "revision, down_revision = 'a', 'b'", ['b']],
    ['CRLF and a byte order mark', "\uFEFFrevision = 'a'\r\ndown_revision = 'b'\r\n", ['b']],
    ['a lying docstring', '"""title\n\nRevision ID: z\nRevises: y\n"""\nrevision = "a"\ndown_revision = "b"', ['b']],
    [
      'names inside functions and classes',
      "revision = 'a'\ndown_revision = 'b'\ndef f():\n    down_revision = 'z'\nclass C:\n    revision = 'z'",
      ['b'],
    ],
    ['text that looks like code', "revision = 'a'\ndown_revision = 'b'\nSQL = '''\ndown_revision = 'z'\n'''", ['b']],
    ['escapes', "revision = '\\x61'\ndown_revision = '\\u0062'", ['b']],
  ];
  for (const [name, source, down] of WRITTEN) {
    it(`is understood when it is written with ${name}`, () => {
      const { script, problems } = read(source);
      assert.deepEqual(problems, []);
      assert.equal(script?.revision, 'a');
      assert.deepEqual(script.down, down);
    });
  }

  const BROKEN: readonly [string, string, RegExp, number | undefined, boolean][] = [
    ['a string that never ends', "revision = 'a'\ndown_revision = 'b\n", /not complete: a string never ends/, 2, true],
    ['a docstring that never ends', '"""half\n\nrevision = "a"\n', /not complete: a string never ends/, 1, true],
    ['a bracket that is never closed', "revision = 'a'\ndown_revision = (\n  'b',\n", /not complete: "\(" is never closed/, 2, true],
    [
      'a merge conflict',
      "<<<<<<< HEAD\nrevision = 'a'\n=======\nrevision = 'b'\n>>>>>>> main\ndown_revision = None\n",
      /a merge conflict is not resolved/,
      1,
      true,
    ],
    ['a function without a body', "revision = 'a'\ndown_revision = None\n\ndef upgrade():\n", /a block has no content/, 4, true],
    ['a body without its function', "revision = 'a'\ndown_revision = None\n    pass\n", /the indentation fits no block/, 3, true],
    ['a computed revision', "import os\nrevision = os.environ['X']\ndown_revision = None", /revision is not a plain text/, 2, true],
    ['a number', 'revision = 12\ndown_revision = None', /revision is not a plain text/, 1, true],
    ['a computed down_revision', "revision = 'a'\ndown_revision = parent()", /down_revision of a is not a plain text/, 2, true],
    ['no down_revision', "revision = 'a'\n", /a has no down_revision/, 1, true],
    ['a revision in a block', "if True:\n    revision = 'a'\ndown_revision = None", /revision is not a plain text/, 2, true],
    ['a computed depends_on', "revision = 'a'\ndown_revision = None\ndepends_on = deps()", /depends_on of a/, 3, true],
    ['an illegal id', "revision = 'a-b'\ndown_revision = None", /does not accept the revision "a-b"/, 1, false],
    ['no revision at all', 'def helper():\n    pass\n', /no revision: every alembic command fails/, undefined, false],
  ];
  for (const [name, source, message, line, incomplete] of BROKEN) {
    it(`is a problem with its file and line when it has ${name}`, () => {
      const answer = read(source);
      assert.equal(answer.problems.length, 1);
      assert.match(answer.problems[0]?.message ?? '', message);
      assert.equal(answer.problems[0]?.line, line);
      assert.ok(answer.problems[0]?.file?.endsWith('x.py'));
      assert.equal(answer.incomplete, incomplete);
    });
  }

  it('may have branch labels that only running it could tell', () => {
    const { script, problems } = read("revision = 'a'\ndown_revision = None\nbranch_labels = labels()");
    assert.deepEqual(problems, []);
    assert.deepEqual(script?.labels, []);
  });

  it('has the first line of its docstring as title, or the name of the file', () => {
    assert.equal(read('"""\nAdd users.\n\nRevision ID: a\n"""\nrevision = "a"\ndown_revision = None').script?.title, 'Add users.');
    assert.equal(read('revision = "a"\ndown_revision = None', '2026_add_users.py').script?.title, '2026_add_users');
  });

  it('takes its revision from its name when it is as old as Alembic 0.1', () => {
    assert.equal(read('down_revision = None', '1a2b3c.py').script?.revision, '1a2b3c');
  });
});

describe('A folder of migrations', () => {
  let project: MigrationsProject;
  afterEach(() => {
    project.remove();
  });

  const problems = (): readonly SchemaProblem[] => alembic.history(project.folder())?.problems ?? [];
  const ids = (): string[] => (alembic.history(project.folder())?.migrations ?? []).map(({ revision }) => revision);

  it('shows a broken file and everything else as well', () => {
    project = alembicProject({ a1: 'base', b2: 'a1', c3: 'b2' });
    project.write('alembic/versions/d4.py', "revision = 'd4'\ndown_revision = 'c3");
    assert.deepEqual(ids(), ['a1', 'b2', 'c3']);
    assert.deepEqual(alembic.history(project.folder())?.heads, ['c3']);
    assert.equal(problems().length, 1);
    assert.equal(problems()[0]?.line, 2);
  });

  it('holds every .py file but those that Alembic passes over', () => {
    project = alembicProject({ a1: 'base' });
    project.write('alembic/versions/__init__.py', 'nonsense (');
    project.write('alembic/versions/.#a1.py', 'nonsense (');
    project.write('alembic/versions/a1.py.orig', 'nonsense (');
    project.write('alembic/versions/.hidden.py', migration('b2', 'a1'));
    project.write('alembic/versions/archive/c3.py', migration('c3', 'b2'));
    assert.deepEqual(ids(), ['a1', 'b2']);
    assert.deepEqual(problems(), []);
  });

  it('names a parent that is in no file, and its heads all the same', () => {
    project = alembicProject({ b2: 'a1', c3: 'b2' });
    assert.match(problems()[0]?.message ?? '', /down_revision of b2, "a1", is in no file/);
    assert.deepEqual(alembic.history(project.folder())?.heads, ['c3']);
  });

  it('names a revision that two files have', () => {
    project = alembicProject({ a1: 'base', b2: 'a1' });
    project.write('alembic/versions/copy.py', migration('b2', 'a1'));
    assert.match(problems()[0]?.message ?? '', /b2 is in several files/);
  });

  it('names a branch label that two revisions have', () => {
    project = alembicProject();
    project.write('alembic/versions/a1.py', migration('a1', 'base', "branch_labels = 'x'"));
    project.write('alembic/versions/b2.py', migration('b2', 'base', "branch_labels = ('x',)"));
    assert.match(problems()[0]?.message ?? '', /branch label "x" of b2 is already used by a1/);
  });

  it('survives a cycle and says which files are in it', () => {
    project = alembicProject({ a1: 'base', b2: 'c3', c3: 'b2', d4: 'd4' });
    assert.deepEqual(
      problems().map(({ message }) => message.split(' ')[1]),
      ['b2', 'c3', 'd4'],
    );
    assert.equal(alembic.history(project.folder())?.incomplete, true);
  });

  it('does not take a prefix or a label for a down_revision', () => {
    project = alembicProject();
    project.write('alembic/versions/a1.py', migration('a1b2c3d4', 'base', "branch_labels = 'core'"));
    project.write('alembic/versions/b2.py', migration('b2', 'a1b2'));
    project.write('alembic/versions/c3.py', migration('c3', 'core'));
    assert.equal(problems().length, 2);
  });

  it('resolves depends_on by id and by label: only real heads are wanted in the database', () => {
    project = alembicProject({ a1: 'base' });
    project.write('alembic/versions/b2.py', migration('b2', 'base', "branch_labels = ('other',)"));
    project.write('alembic/versions/c3.py', migration('c3', 'a1', "depends_on = 'other'"));
    const history = alembic.history(project.folder());
    assert.deepEqual(history?.heads, ['c3']);
    assert.deepEqual(history.environments[0]?.graph.heads, ['b2', 'c3']);
    assert.equal(history.conflict, null);
  });

  it('says that migrations without source cannot be read', () => {
    project = alembicProject({ a1: 'base' });
    project.write('alembic.ini', '[alembic]\nscript_location = alembic\nsourceless = true\n');
    project.write('alembic/versions/__pycache__/a1.cpython-311.pyc', '');
    project.write('alembic/versions/__pycache__/b2.cpython-311.pyc', '');
    assert.match(problems()[0]?.message ?? '', /without source cannot be read: b2/);
    assert.equal(alembic.history(project.folder())?.incomplete, true);
  });
});
