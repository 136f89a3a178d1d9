// What `make x` and `npm run x` start.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { migrationCommand } from '../../../src/engine/migrations/command-line';
import { resolveScript, type ScriptSources } from '../../../src/engine/migrations/command-scripts';

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

check::
\t$(MAKE) lint
`;

const sources: ScriptSources = {
  readMakefile: (folder) => (folder === '.' ? MAKEFILE : folder === 'backend/api' ? 'go:\n\tknex migrate:latest\n' : null),
  packageScripts: (folder) =>
    folder === '.'
      ? { 'db:migrate': 'prisma migrate deploy', predev: 'drizzle-kit migrate', dev: 'vite', test: 'mocha' }
      : folder === 'web'
        ? { up: 'knex migrate:latest' }
        : null,
};
const resolved = (commandLine: string): string[] => resolveScript(commandLine, sources);

describe('Scripts that a command line starts', () => {
  const known: readonly (readonly [commandLine: string, lines: readonly string[]])[] = [
    ['make migrate', ['echo migrating', 'cd backend && alembic upgrade head']],
    ['make upgrade', ['echo migrating', 'cd backend && alembic upgrade head']],
    ['make -s migrate ENV=test', ['echo migrating', 'cd backend && alembic upgrade head']],
    ['make', ['echo "make migrate"']],
    ['make django-migrate', ['uv run python manage.py migrate']],
    ['make venv', ['python -m venv venv']],
    ['make check', ['make lint']],
    ['make -C backend/api go', ['knex migrate:latest']],
    ['cd backend && make -C api go', ['knex migrate:latest']],
    ['make --directory=backend/api', ['knex migrate:latest']],
    ['make nothing', []],
    ['npm run db:migrate', ['prisma migrate deploy']],
    ['npm run db:migrate -- --schema x', ['prisma migrate deploy']],
    ['NODE_ENV=test yarn db:migrate', ['prisma migrate deploy']],
    ['pnpm --filter web run db:migrate', ['prisma migrate deploy']],
    ['npm run dev', ['drizzle-kit migrate', 'vite']],
    ['npm test', ['mocha']],
    ['npm --prefix web run up', ['knex migrate:latest']],
    ['cd web; npm run up', ['knex migrate:latest']],
    ['npm install', []],
    ['npm run constructor', []],
    ['git commit -m "make migrate"', []],
    ['', []],
  ];
  for (const [commandLine, lines] of known) {
    it(`${commandLine === '' ? 'an empty line' : commandLine}: ${lines.length === 0 ? 'none' : lines.join('; ')}`, () => {
      assert.deepEqual(resolved(commandLine), lines);
    });
  }

  it('show the migration that they hide', () => {
    assert.equal(migrationCommand('make migrate'), null);
    assert.deepEqual(
      resolved('make migrate').flatMap((line) => migrationCommand(line) ?? []),
      [{ tool: 'alembic' }],
    );
  });
});
