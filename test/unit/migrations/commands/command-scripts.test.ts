// What `make x`, `npm run x` and the like start, read from real files.
import assert from 'node:assert/strict';
import { migrationCommand } from '../../../../src/engine/migrations/commands/command-line';
import { resolveScript } from '../../../../src/engine/migrations/commands/command-scripts';
import { scriptFilesIn } from '../../../../src/engine/migrations/commands/script-files';
import { emptyProject } from '../../../support/migrations-project';
import { newForSuite } from '../../../support/stand-in';

const MAKEFILE = `# Targets
PYTHON ?= uv run python
MANAGE := $(PYTHON) manage.py
.PHONY: help migrate

help:
\t@echo "make migrate"

migrate upgrade: venv
\t@echo migrating
\t-cd backend && \\
\t  alembic upgrade head

venv: ; python -m venv venv

django-migrate:
\t\${MANAGE} migrate

deploy: lint migrate

check::
\t$(MAKE) lint

again: again
`;

const JUSTFILE = `alembic := "uv run alembic"
default: test

# Applies everything.
migrate *args: backup (show "x") && test
  @{{alembic}} upgrade head {{args}}

backup:
    pats-backup create
test:
    pytest
`;

const TASKFILE = `version: '3'
tasks:
  default: echo hello
  migrate:
    deps: [backup]
    cmds:
      - cmd: alembic upgrade head
      - task: seed
  backup:
    - pats-backup create
  seed:
    cmd: python seed.py
`;

const FILES: Readonly<Record<string, string>> = {
  Makefile: MAKEFILE,
  'backend/api/Makefile': 'go:\n\tknex migrate:latest\n',
  justfile: JUSTFILE,
  'Taskfile.yml': TASKFILE,
  'package.json': JSON.stringify({
    scripts: {
      'db:migrate': 'prisma migrate deploy',
      predev: 'drizzle-kit migrate',
      dev: 'vite',
      test: 'mocha',
      setup: 'npm run db:migrate && vite build',
    },
  }),
  'web/package.json': JSON.stringify({ scripts: { up: 'knex migrate:latest' } }),
  'broken/package.json': '{',
  Pipfile: '[scripts]\nmigrate = "alembic upgrade head"\n',
  'poe/pyproject.toml': '[tool.poe.tasks]\nmigrate = { cmd = "flask db upgrade" }\n[tool.pdm.scripts]\nup = "alembic upgrade head"\n',
  'scripts/migrate.sh': '#!/bin/sh\n# alembic downgrade base\nset -e\n\ncd backend\nalembic \\\n  upgrade head\n',
};

describe('Scripts that a command line starts', () => {
  const project = newForSuite(emptyProject);
  before(() => {
    Object.entries(FILES).forEach(([path, text]) => project.write(path, text));
  });
  const resolved = (commandLine: string): string[] => resolveScript(commandLine, scriptFilesIn(project.root));

  const MIGRATE = ['make venv', 'python -m venv venv', 'echo migrating', 'cd backend && alembic upgrade head'];
  const known: readonly (readonly [commandLine: string, lines: readonly string[]])[] = [
    ['make migrate', MIGRATE],
    ['make upgrade', MIGRATE],
    ['make -s migrate ENV=test', MIGRATE],
    ['sudo -E make migrate', MIGRATE],
    ['env X=1 make migrate', MIGRATE],
    ['docker compose exec -T -e A=b api make migrate', MIGRATE],
    ['docker-compose -f x.yml run --rm api sh -c "make migrate"', ['make migrate', ...MIGRATE]],
    ['uv run --frozen make migrate', MIGRATE],
    ['make deploy', ['make lint', 'make migrate', ...MIGRATE]],
    ['make', ['echo "make migrate"']],
    ['make django-migrate', ['uv run python manage.py migrate']],
    ['make venv', ['python -m venv venv']],
    ['make check', ['make lint']],
    ['make -C backend/api go', ['knex migrate:latest']],
    ['cd backend && make -C api go', ['knex migrate:latest']],
    ['(cd backend/api && make)', ['knex migrate:latest']],
    ['make --directory=backend/api', ['knex migrate:latest']],
    ['make nothing', []],
    ['just migrate', ['just backup', 'pats-backup create', 'just show', 'just test', 'pytest', 'uv run alembic upgrade head {{args}}']],
    ['just', ['just test', 'pytest']],
    ['task migrate', ['task backup', 'pats-backup create', 'alembic upgrade head', 'task seed', 'python seed.py']],
    ['task', ['echo hello']],
    ['npm run db:migrate', ['prisma migrate deploy']],
    ['npm run db:migrate -- --schema x', ['prisma migrate deploy']],
    ['npm run setup', ['npm run db:migrate && vite build', 'prisma migrate deploy']],
    ['NODE_ENV=test yarn db:migrate', ['prisma migrate deploy']],
    ['pnpm --filter web run db:migrate', ['prisma migrate deploy']],
    ['npm run dev', ['drizzle-kit migrate', 'vite']],
    ['npm test', ['mocha']],
    ['npm --prefix web run up', ['knex migrate:latest']],
    ['npm run up --workspace=web', ['knex migrate:latest']],
    ['cd web; npm run up', ['knex migrate:latest']],
    ['cd broken && npm run up', []],
    ['npm install', []],
    ['npm run constructor', []],
    ['pipenv run migrate', ['alembic upgrade head']],
    ['cd poe && uv run poe migrate', ['flask db upgrade']],
    ['cd poe && pdm run up', ['alembic upgrade head']],
    ['./scripts/migrate.sh', ['set -e', 'cd backend', 'alembic  upgrade head']],
    ['bash -e scripts/migrate.sh', ['set -e', 'cd backend', 'alembic  upgrade head']],
    ['sh missing.sh', []],
    ['git commit -m "make migrate"', []],
    ['', []],
  ];
  for (const [commandLine, lines] of known) {
    it(`${commandLine === '' ? 'an empty line' : commandLine}: ${lines.length === 0 ? 'none' : lines.join('; ')}`, () => {
      assert.deepEqual(resolved(commandLine), lines);
    });
  }

  it('end where a script starts itself', () => {
    assert.ok(resolved('make again').length < 10);
  });

  it('show the migration that they hide', () => {
    assert.equal(migrationCommand('make migrate'), null);
    assert.deepEqual(
      resolved('make migrate').flatMap((line) => migrationCommand(line) ?? []),
      [{ tool: 'alembic' }],
    );
  });
});
