// The commands that projects are offered, of every tool and layout: what the real tools run in their own suite must be among them.
import type { Platform } from '../../src/engine/platform/platform';
import { asArgument, stepsOf, typedLine, type Step } from '../../src/engine/platform/shell';

/** As they are written for a project, before a system's own programs are named. */
export const OFFERED: readonly string[] = [
  'alembic upgrade head',
  'alembic upgrade heads',
  'alembic current',
  'alembic merge -m "merge" heads',
  'alembic stamp --purge a1b2c3',
  'alembic -c backend/alembic.ini upgrade head',
  'alembic -c "my conf/alembic.ini" -n users upgrade head',
  'cd backend && alembic upgrade head',
  'cd "my backend/api (old)" && alembic upgrade head',
  'alembic upgrade head && (cd other && alembic -n users upgrade head)',
  'cd a && alembic upgrade head && cd ../b && alembic -n users upgrade head && cd "../c d" && alembic merge -m "merge" heads',
  'cd backend && uv run alembic upgrade head',
  'cd backend && uv run --project .. alembic upgrade head',
  'python -m alembic upgrade head',
  'poetry run alembic upgrade head',
  'pdm run alembic upgrade head',
  'pipenv run python manage.py migrate',
  'flask db upgrade head',
  'flask db upgrade head -d db/migrations',
  'cd web && flask db upgrade head',
  'flask --app pgx db upgrade head',
  'flask --app shop db upgrade head',
  'flask --app shopping.py db upgrade head',
  'flask --app "shop:create_app()" db upgrade head',
  'python manage.py migrate',
  'python manage.py migrate --fake-initial',
  'python manage.py migrate --settings=site_.settings.dev',
  'python manage.py showmigrations',
  'python web/manage.py migrate',
  'cd web && python manage.py migrate',
  'bin/rails db:migrate',
  'bin/rails db:migrate:status',
  'cd backend && bin/rails db:migrate',
  'ruby bin/rails db:migrate',
  'bundle exec rake db:migrate',
  'rake db:migrate',
  'npx prisma migrate deploy',
  'npx prisma migrate deploy --schema=db/schema.prisma',
  'npx prisma migrate resolve --applied 20240101000000_first',
  'pnpm exec prisma migrate deploy',
  'npx drizzle-kit migrate',
  'npx drizzle-kit migrate --config=server/drizzle.config.js',
  'yarn drizzle-kit migrate',
  'bunx drizzle-kit migrate',
  'npx knex migrate:latest',
  'npx knex migrate:latest --knexfile "my db/knexfile.js"',
  'cd server && npx knex migrate:latest',
  'cd server && npx sequelize-cli db:migrate',
  'npm run migrate',
  'npm run db:migrate',
  'npm run db:deploy',
  'pnpm run migrate',
  'yarn run migrate',
  'bun run migrate',
  'make migrate',
  'just migrate',
  'poe migrate',
  'sh scripts/migrate.sh',
  'docker compose exec api alembic upgrade head',
  'docker compose -f deploy/docker-compose.dev.yml exec -w /app/web web python manage.py migrate',
  'docker compose -f "my deploy/compose.yml" exec api npx prisma migrate deploy',
];

/** In a container, as the one argument of its shell. */
const IN_SHELL = ['cd x && alembic upgrade head', 'flask --app "shop:create_app()" db upgrade head', 'alembic current && alembic history'];

/** All of them on a system; `named` names its programs. */
export function offeredOn(platform: Platform, named: (command: string) => string = (command) => command): string[] {
  const inShell = IN_SHELL.map((line) => `docker compose exec -w /app api sh -c ${asArgument(line, platform)}`);
  return [...OFFERED.map((command) => typedLine(stepsOf(named(command)))), ...inShell];
}

/** Where each of its lines is typed, by what was written. */
export function stepsIn(command: string): readonly Step[] {
  return stepsOf(command);
}

/** The program that a line starts. */
export function programOf(line: string): string {
  return line.split(' ', 1)[0] ?? '';
}

/** What is wrong for the PowerShell of Windows, and in cmd as well; null: nothing. */
export function powershellProblem(line: string): string | null {
  const outside = line.replace(/"[^"]*"/g, '""');
  const inside = (line.match(/"[^"]*"/g) ?? []).join(' ');
  const rules: readonly (readonly [boolean, string])[] = [
    [/&&|\|\|/.test(outside), 'it knows no && and no ||'],
    [outside.includes("'"), 'cmd knows no single quotes'],
    [/[()]/.test(outside), 'it would run what stands in brackets by itself'],
    [/[;&|<>{}@$`%^]/.test(outside), 'a character that the shell itself means something by'],
    [/[$`%]/.test(inside), 'a variable, or its escape, in quotes'],
    [/\\"/.test(line), 'it ends a text at every double quote'],
    [(line.match(/"/g) ?? []).length % 2 === 1, 'quotes that are not closed'],
    [line.startsWith('"'), 'a text, which it would only print'],
    [/^(?:\.\/)?(?:\w[\w.-]*\/)+/.test(line), 'a program with slashes, which cmd does not find'],
  ];
  return rules.find(([isBroken]) => isBroken)?.[1] ?? null;
}
