// Command lines that start a migration, and those that only look like it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { migrationCommand } from '../../../../src/engine/migrations/commands/command-line';

const file = join(process.env['PATS_REPO'] ?? process.cwd(), 'test/unit/migrations/commands/migration-commands.tsv');
const lines = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t') as [tool: string, commandLine: string]);

describe('command lines of migrations', () => {
  it('are a list worth the name', () => {
    assert.ok(lines.length >= 69);
  });

  for (const [tool, commandLine] of lines) {
    const isNone = tool.startsWith('-');
    it(`${commandLine}: ${isNone ? 'starts none' : `starts one of ${tool}`}`, () => {
      assert.deepEqual(migrationCommand(commandLine), isNone ? null : { tool });
    });
  }

  const MORE: readonly (readonly [tool: string, lines: readonly string[]])[] = [
    [
      'alembic',
      [
        'cd backend && alembic upgrade head',
        '(cd backend && alembic upgrade head)',
        'uv run --project backend alembic upgrade head',
        'poetry run alembic upgrade head',
        'pipenv run alembic upgrade head',
        'pdm run alembic upgrade heads',
        'docker compose -f dev.yml exec -T -w /app api alembic upgrade head',
        'docker-compose run --rm api alembic upgrade head',
        'docker exec -it api alembic downgrade -1',
        'podman compose exec api uv run alembic upgrade head',
        'sudo -u app alembic upgrade head',
        'env DATABASE_URL=sqlite:///x.db alembic upgrade head',
        'python3 -m alembic --config backend/alembic.ini upgrade head',
        String.raw`.venv\Scripts\alembic.exe upgrade head`,
        String.raw`& "C:\My Code\.venv\Scripts\alembic.exe" upgrade head`,
        'bash -lc "cd /app && alembic upgrade head"',
        'alembic upgrade head --sql > up.sql && alembic upgrade head',
        'echo start; alembic upgrade head',
        'alembic current | tee x; time alembic upgrade +1',
        '../.venv/bin/alembic upgrade head',
        'alembic -x "tenant=a b" upgrade head',
      ],
    ],
    ['flask', ['uv run flask --app "main:app" db upgrade', 'python -m flask db stamp head']],
    [
      'django',
      ['docker compose run --rm web python manage.py migrate --noinput', './manage.py --settings=a.b migrate', 'django-admin migrate'],
    ],
    [
      'prisma',
      ['yarn prisma migrate deploy', 'pnpm exec prisma migrate deploy', 'bunx prisma migrate deploy', 'npm exec prisma migrate reset'],
    ],
    ['rails', ['bundle exec rails db:create db:migrate', 'RAILS_ENV=test bin/rails db:schema:load']],
    ['flyway', ['flyway clean migrate', './mvnw clean flyway:migrate']],
    ['ecto', ['mix do ecto.create, ecto.migrate']],
  ];
  for (const [tool, commandLines] of MORE) {
    for (const commandLine of commandLines) {
      it(`${commandLine}: starts one of ${tool}`, () => {
        assert.deepEqual(migrationCommand(commandLine), { tool });
      });
    }
  }

  const NONE = [
    'alembic upgrade head --sql',
    'alembic upgrade a:b --sql > upgrade.sql',
    'alembic stamp --sql head',
    'alembic upgrade --help',
    'alembic history --verbose',
    'alembic heads',
    'alembic check',
    'alembic revision --autogenerate -m "please upgrade head"',
    'alembic merge -m "upgrade both" heads',
    'uv run alembic current',
    'docker compose exec api alembic history',
    'docker compose exec api sh -c "alembic current && alembic history"',
    'alembic current && echo upgrade',
    'pip install --upgrade alembic',
    'which alembic && echo upgrade head',
    'flask db current',
    'flask db upgrade --sql',
    'python manage.py showmigrations',
    'python manage.py migrate --plan',
    'python manage.py migrate --check',
    'python manage.py sqlmigrate app 0001',
    'python manage.py help migrate',
    'python manage.py test migrate',
    'npx prisma migrate diff',
    'npx prisma validate',
    'php artisan migrate --pretend',
    'liquibase update-sql',
    'atlas migrate apply --dry-run',
    'git commit -m "run alembic upgrade head"',
    'git log --grep="x && alembic upgrade head"',
    'echo "alembic upgrade head"',
    'echo alembic upgrade head && ls',
    'grep -r "alembic upgrade head" . | less',
    '# alembic upgrade head',
    'make migrate',
    '"',
    '',
  ];
  for (const commandLine of NONE) {
    it(`${commandLine === '' ? 'an empty line' : commandLine}: starts none`, () => {
      assert.equal(migrationCommand(commandLine), null);
    });
  }
});
