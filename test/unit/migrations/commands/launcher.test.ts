// The commands that are handed out start the tools as the project itself does.
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { launchedHere, withInstalledPython } from '../../../../src/engine/migrations/commands/launcher';
import { platformOf } from '../../../../src/engine/platform/platform';
import { readSchemaState } from '../../../../src/engine/migrations/state/state';
import { migration, rows } from '../../../support/alembic-project';
import { emptyProject } from '../../../support/migrations-project';
import { newForEachTest } from '../../../support/stand-in';

describe('Commands of a project', () => {
  const project = newForEachTest(emptyProject);
  const here = (line: string, folder = '.'): string | null => launchedHere(line, join(project.root, folder), project.root);

  const LOCKS: readonly (readonly [file: string, line: string, launched: string])[] = [
    ['uv.lock', 'alembic upgrade head', 'uv run alembic upgrade head'],
    ['uv.lock', 'alembic current && (cd b && alembic current)', 'uv run alembic current && (cd b && uv run alembic current)'],
    ['poetry.lock', 'flask db upgrade', 'poetry run flask db upgrade'],
    ['pdm.lock', 'alembic merge -m "merge" heads', 'pdm run alembic merge -m "merge" heads'],
    ['Pipfile', 'python manage.py migrate', 'pipenv run python manage.py migrate'],
    ['package-lock.json', 'npx knex migrate:latest', 'npx knex migrate:latest'],
    ['pnpm-lock.yaml', 'npx prisma migrate deploy', 'pnpm exec prisma migrate deploy'],
    ['yarn.lock', 'npx drizzle-kit migrate', 'yarn drizzle-kit migrate'],
    ['bun.lock', 'npx drizzle-kit migrate', 'bunx drizzle-kit migrate'],
    ['yarn.lock', 'alembic upgrade head', 'alembic upgrade head'],
    ['uv.lock', 'bin/rails db:migrate', 'bin/rails db:migrate'],
  ];
  for (const [file, line, launched] of LOCKS) {
    it(`with ${file} beside them or above: ${launched}`, () => {
      project.write(file, '');
      project.write('backend/x', '');
      assert.deepEqual([here(line), here(line, 'backend')], [launched, launched]);
    });
  }

  it('are started from the virtual environment where nothing is locked', () => {
    const program = project.write(process.platform === 'win32' ? '.venv/Scripts/alembic.exe' : '.venv/bin/alembic', '');
    chmodSync(program, 0o755);
    project.write('.venv/pyvenv.cfg', '');
    project.write('backend/x', '');
    const bin = process.platform === 'win32' ? String.raw`.venv\Scripts` : '.venv/bin';
    assert.equal(here('alembic upgrade head'), join(bin, 'alembic upgrade head'));
    assert.equal(here('alembic upgrade head', 'backend'), join('..', bin, 'alembic upgrade head'));
    // Flask is not in it.
    assert.equal(here('flask db upgrade'), 'flask db upgrade');
    project.write('backend/poetry.lock', '');
    assert.equal(here('alembic upgrade head', 'backend'), 'poetry run alembic upgrade head');
  });

  it('are as they are without a lock file', () => {
    assert.equal(here('alembic upgrade head'), 'alembic upgrade head');
    assert.equal(here('npx prisma migrate deploy'), 'npx prisma migrate deploy');
  });

  it('name Python as it is called on the machine', () => {
    const bin = dirname(project.write('bin/python3', ''));
    assert.equal(withInstalledPython('python web/manage.py migrate', platformOf('linux'), bin), 'python3 web/manage.py migrate');
    assert.equal(
      withInstalledPython('poetry run python manage.py migrate', platformOf('linux'), bin),
      'poetry run python manage.py migrate',
    );
    project.write('bin/python', '');
    assert.equal(withInstalledPython('python manage.py migrate', platformOf('linux'), bin), 'python manage.py migrate');
  });

  it('change to the folder of the ini first', () => {
    project.write('backend/uv.lock', '');
    project.write('backend/alembic.ini', '[alembic]\nscript_location = alembic\nsqlalchemy.url = sqlite:///%(here)s/../app.db\n');
    project.write('backend/alembic/env.py', 'from alembic import context\n');
    project.write('backend/alembic/versions/a1.py', migration('a1', 'base'));
    project.write('backend/alembic/versions/b2.py', migration('b2', 'a1'));
    project.sql(rows('a1'));
    const { commands } = readSchemaState(project.folder());
    assert.deepEqual(commands, {
      show: 'cd backend && uv run alembic current',
      apply: 'cd backend && uv run alembic upgrade head',
    });
  });

  const IMAGES: readonly (readonly [why: string, dockerfile: string, launched: string])[] = [
    ['the image runs its programs with uv', 'FROM python\nRUN uv sync\nCMD ["uv", "run", "serve"]\n', 'uv run alembic upgrade head'],
    ['the image has only the packages', 'FROM python\nCOPY --from=build /venv /venv\n', 'alembic upgrade head'],
  ];
  for (const [why, dockerfile, launched] of IMAGES) {
    it(`in a service are "${launched}" when ${why}`, () => {
      project.write('uv.lock', '');
      project.write('Dockerfile', dockerfile);
      project.write('compose.yaml', 'services:\n  api:\n    build: .\n    volumes: [".:/app"]\n    working_dir: /app\n');
      project.write('alembic.ini', '[alembic]\nscript_location = alembic\nsqlalchemy.url = sqlite:///app.db\n');
      project.write('alembic/env.py', 'from alembic import context\n');
      project.write('alembic/versions/a1.py', migration('a1', 'base'));
      project.write('alembic/versions/b2.py', migration('b2', 'a1'));
      project.sql(rows('a1'));
      const { apply = '' } = readSchemaState(project.folder()).commands;
      assert.equal(apply.replace(/^docker[ -]compose/, ''), ` exec api ${launched}`);
    });
  }
});
