// Small files whose text would take a careless reader long: every verb that looks at them ends as soon as with any other.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { processorTime } from '../../support/processor-time';
import { Chance } from '../../support/random';
import { linesOfScript } from '../../../src/engine/migrations/commands/script-files';
import { migrationCommand } from '../../../src/engine/migrations/commands/command-line';

/** Milliseconds of processor time: several times what an ordinary project takes, and far from what a slow reader would. */
const LIMIT = 2000;
const KB = 1024;
const engine = createEngine();

/** Fills this many kilobytes with repetitions. */
function filled(kilobytes: number, part: string, before = '', after = ''): string {
  return before + part.repeat(Math.floor((kilobytes * KB - before.length - after.length) / part.length)) + after;
}

/** What makes patterns go back again and again. */
const PARTS = [
  ' ',
  '\n',
  '\t\n',
  '[',
  '{',
  '(',
  "'",
  '"',
  '`',
  "\\'",
  '\\"',
  '/*',
  '//',
  '<%',
  '${',
  '${a:-',
  '$(',
  '%(a)s',
  '%(',
  '= ',
  ': ',
  '- ',
  '? ',
  '#',
  ' ;',
  '\\\n',
  ',',
  '*a ',
  '&a ',
  '"a":',
  "a='",
  'A="\n',
  'export ',
  'f"""{ ',
  'x_',
  '.',
  '-',
  '\u00a0',
  'é',
];
const COMMON = [' ', '\n', '[', '"'];
const FILES = [
  'alembic.ini',
  'setup.ini',
  'pyproject.toml',
  '.env',
  'docker-compose.yml',
  'compose.override.yaml',
  'knexfile.js',
  'drizzle.config.ts',
  'prisma.config.ts',
  'prisma/schema.prisma',
  'package.json',
  'config/database.yml',
  'config/storage.yml',
  'config/database.php',
  'src/data-source.ts',
  'app/config.py',
  'manage.py',
  'shop/settings.py',
  'alembic/env.py',
  'alembic/versions/a.py',
  'shop/migrations/0001_initial.py',
  'drizzle/meta/_journal.json',
  'drizzle/0000_a.sql',
  'prisma/migrations/migration_lock.toml',
  'Dockerfile',
];
const SCRIPTS = ['Makefile', 'justfile', 'Taskfile.yml', 'package.json', 'Pipfile', 'run.sh'];

/** What its kind of file begins with, so that the reader goes on to the rest. */
const BEGINNINGS: Readonly<Record<string, readonly string[]>> = {
  'alembic.ini': ['[alembic]\nscript_location = alembic\nsqlalchemy.url = ', '[alembic]\nsqlalchemy.url = sqlite:///', '[alembic'],
  'docker-compose.yml': ['services:\n  web:\n    environment:\n      A: ', 'services: ', 'services:\n  web:\n    volumes: ["'],
  'knexfile.js': ['module.exports = ', 'export default', 'module.exports = {migrations: {directory: ', 'const a = '],
  'drizzle.config.ts': ['export default { dialect: "sqlite", out: ', 'out:', 'migrations:{', 'const out'],
  'prisma.config.ts': ['export default defineConfig({ migrations: { path: ', 'export default'],
  'prisma/schema.prisma': ['datasource db {', 'datasource', 'datasource db {\n  provider = "sqlite"\n url = "file:'],
  'config/database.yml': ['development: ', '<%'],
  'config/storage.yml': ['local:\n  service: Disk\n  root: ', 'local:\n  root: <%='],
  'config/database.php': ["'default' => env('DB_CONNECTION', "],
  'src/data-source.ts': [
    'new DataSource({ type: "sqlite", database: ',
    'const sqlite = `${',
    'new DataSource({ type: "sqlite", database: process.env.A ?? ',
  ],
  'app/config.py': [
    'DATABASE_URL = "sqlite:///" + ',
    'class Settings(BaseSettings):\n    database_url = ',
    'DATABASE_URL = f"sqlite:///{',
    'DATABASE_URL = "sqlite:///',
  ],
  'shop/settings.py': [
    'DATABASES = {"default": {"NAME": ',
    'MEDIA_ROOT = ',
    'MIGRATION_MODULES',
    'MIGRATION_MODULES = {',
    'INSTALLED_APPS = [',
  ],
  'alembic/versions/a.py': ['revision = "a"\ndown_revision = ', 'f"""{'],
  'package.json': ['{"prisma": {"schema": ', '{"scripts": {"a": "'],
  '.env': ['DATABASE_URL=', 'A="'],
};

/** All of them with PATS_FAULTS=all, otherwise some, others each day. */
const chance = new Chance(Number(process.env['PATS_SEED'] ?? Math.floor(Date.now() / 86_400_000)));
function sample(parts: readonly string[]): readonly string[] {
  return process.env['PATS_FAULTS'] === 'all' ? parts : [chance.of(COMMON), chance.of(COMMON), chance.of(parts), chance.of(parts)];
}

describe('Files that are slow to read', function () {
  this.timeout(600_000);
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'pats-slow-'));
    write('manage.py', 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n');
    write('shop/settings.py', 'INSTALLED_APPS = ["shop"]\n');
    write('shop/migrations/__init__.py', '');
    write('artisan', '');
    write('alembic.ini', '[alembic]\nscript_location = alembic\n');
    const db = new Database(join(root, 'app.db'));
    db.exec("CREATE TABLE alembic_version(version_num); INSERT INTO alembic_version VALUES ('a'); CREATE TABLE knex_migrations(id, name)");
    db.close();
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }

  async function looks(what: string): Promise<void> {
    for (const verb of ['list', 'status', 'doctor'] as const) {
      const time = processorTime();
      await engine[verb]({ root, ...(verb === 'list' ? {} : { database: 'app.db' }) });
      const took = time();
      assert.ok(took < LIMIT, `${what}: ${verb} ${Math.round(took)} ms`);
    }
  }

  for (const file of FILES) {
    it(`take no time as ${file}`, async () => {
      for (const beginning of ['', ...(BEGINNINGS[file] ?? [])]) {
        for (const part of sample(PARTS)) {
          {
            write(file, filled(250, part, beginning, 'b\n'));
            await looks(`250 kB of ${JSON.stringify(part)} after ${JSON.stringify(beginning)}`);
          }
        }
      }
    });
  }

  it('take no time where their parts multiply', async () => {
    const yaml = (lines: string[]): string => `services:\n  web: {image: a}\n${lines.join('\n')}\n`;
    const count = (most: number): number[] => [...Array(most).keys()];
    const bombs: [string, string][] = [
      ['docker-compose.yml', yaml(count(20).map((n) => `x${n}: &x${n} [${`*x${n - 1},`.repeat(n === 0 ? 0 : 9)}]`))],
      ['docker-compose.yml', yaml(count(8000).map((n) => `x${n}: &x${n} {<<: *x${Math.max(0, n - 1)}, k${n}: 1}`))],
      ['docker-compose.yml', yaml(count(15_000).map((n) => `k${n}: v`))],
      [
        'docker-compose.yml',
        `services:\n${count(9000)
          .map((n) => `  s${n}: {image: a, env_file: a}`)
          .join('\n')}\n`,
      ],
      ['docker-compose.yml', `services:\n  a:\n    env_file: [${'./.env,'.repeat(30_000)}]\n`],
      ['config/database.yml', yaml(count(20).map((n) => `x${n}: &x${n} [${`*x${n - 1},`.repeat(n === 0 ? 0 : 9)}]`))],
      [
        'alembic.ini',
        `[alembic]\nscript_location = %(a0)s\n${count(12)
          .map((n) => `a${n} = ${`%(a${n + 1})s`.repeat(50)}`)
          .join('\n')}\na12 = x\n`,
      ],
      ['alembic/versions/a.py', `a = "x"\n${'a = a + a + a\n'.repeat(5000)}revision = a\ndown_revision = None\n`],
      ['alembic/versions/a.py', `a = [1]\n${'a = a + a + a\n'.repeat(5000)}revision = "a"\ndown_revision = a\n`],
      ['alembic/versions/a.py', `revision = ${'('.repeat(100_000)}`],
      [
        'knexfile.js',
        `${count(8)
          .map((n) => `const a${n} = {${`...a${n + 1},`.repeat(60)}x: 1}`)
          .join('\n')}\nmodule.exports = a0`,
      ],
      [
        'knexfile.js',
        `module.exports = {${count(9000)
          .map((n) => `a${n}: b${n}`)
          .join(',')}}`,
      ],
      ['prisma.config.ts', `export default {schema: join(${"join('a',".repeat(9000)}`],
      [
        'drizzle/meta/_journal.json',
        `{"entries":[${count(6000)
          .map((n) => `\n{"when":${n},"tag":"t${n}"}`)
          .join(',')}]}`,
      ],
      ['drizzle/meta/_journal.json', filled(250, '{"entries":[')],
      ['.vscode/settings.json', filled(250, '{"a":[')],
      [
        '.vscode/settings.json',
        `{${count(20_000)
          .map((n) => `"a${n}":1`)
          .join(',')}}`,
      ],
      [
        '.env',
        `${count(20)
          .map((n) => `A${n}=${`$A${n + 1}`.repeat(10)}`)
          .join('\n')}\nDATABASE_URL=sqlite:///$A0`,
      ],
      [
        '.env',
        `${count(10_000)
          .map((n) => `A${n}=$A${n + 1}`)
          .join('\n')}\nDATABASE_URL=sqlite:///$A0`,
      ],
      [
        '.env',
        count(8000)
          .map((n) => `A${n}_DATABASE_URL=sqlite:///a${n}.db`)
          .join('\n'),
      ],
      [
        'app/config.py',
        `${count(40)
          .map((n) => `a${n + 1} = a${n} + a${n}`)
          .join('\n')}\nDATABASE_URL = a40\n`,
      ],
      [
        'app/config.py',
        `a0 = "a"\n${count(40)
          .map((n) => `a${n + 1} = a${n} + a${n}`)
          .join('\n')}\nDATABASE_URL = a40\n`,
      ],
      [
        'app/config.py',
        `a0 = "a"\n${count(38)
          .map((n) => `def f${n + 1}(x):\n    if f${n}(x): return f${n}(x)\n    return f${n}(x)\n`)
          .join('')}DATABASE_URL = f38(1)\n`,
      ],
      ['app/config.py', 'DATABASE_URL = "sqlite:///a.db"\n'.repeat(8000)],
      ['app/config.py', `if a:\n    db = 1\n${'elif a:\n    db = "sqlite:///a.db"\n'.repeat(6000)}`],
      ['app/config.py', `DATABASE_URL = ${'not '.repeat(60_000)}a\n`],
      ['app/config.py', `DATABASE_URL = ${'('.repeat(60_000)}${')'.repeat(60_000)}\n`],
      ['app/config.py', `DATABASE_URL = ${'a if b else '.repeat(20_000)}a\n`],
      ['app/config.py', `database = a${'.b'.repeat(100_000)}()\n`],
      ['app/__init__.py', `from . import *\nfrom .config import *\n${'from .config import *\n'.repeat(5000)}database_url = sqlite\n`],
      [
        'shop/settings.py',
        `INSTALLED_APPS = ${count(15_000)
          .map((n) => `a${n}`)
          .join(' + ')}\n`,
      ],
      [
        'src/data-source.ts',
        `const a0 = "sqlite"\n${count(8)
          .map((n) => `const a${n + 1} = \`${`\${a${n}}`.repeat(300)}\``)
          .join('\n')}\nnew DataSource({ type: "sqlite", database: a8 })`,
      ],
      ['src/data-source.ts', filled(250, 'new DataSource({ type: "sqlite", database: "a.db",')],
      ['pyproject.toml', `[tool.alembic]\na = ${'['.repeat(200_000)}`],
      ['pyproject.toml', `[tool.alembic]\na = ${'{a='.repeat(50_000)}`],
      [
        'pyproject.toml',
        `[tool.alembic]\n${count(20_000)
          .map((n) => `a${n}.b.c = 1`)
          .join('\n')}`,
      ],
      ['pyproject.toml', `# alembic\n[${'a.'.repeat(100_000)}a]\n`],
    ];
    for (const [file, text] of bombs) {
      write('.vscode/settings.json', '{}');
      write(file, text);
      await looks(`${file}: ${text.slice(0, 80)}`).catch((error: unknown) => {
        assert.match(String(error), /BackupError: .*settings\.json/);
      });
      rmSync(join(root, file));
    }
  });

  for (const file of SCRIPTS) {
    it(`take no time as ${file} that a command line starts`, () => {
      const beginnings = ['', 'a:\n\t', 'a = ', 'all: ', 'tasks: ', '{"scripts": {"a": "', '[scripts]\na = "', 'export A := '];
      const commands = ['make', 'just', 'task', 'npm run a', 'pipenv run a', 'sh run.sh'];
      for (const part of sample(PARTS)) {
        for (const beginning of beginnings) {
          write(file, filled(250, part, beginning, '\n'));
          const time = processorTime();
          for (const command of commands) {
            linesOfScript(command, root).forEach((line) => migrationCommand(line));
          }
          const took = time();
          assert.ok(took < LIMIT, `${JSON.stringify(beginning + part)}: ${Math.round(took)} ms`);
        }
      }
    });
  }
});
