// Specification of the cheap look at a folder: it finds every kind of project, and starts nothing in others.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hasSigns } from '../../../../src/ui/window/look';

const PROJECTS: Readonly<Record<string, string>> = {
  'PATS before its first start': 'backend/alembic.ini',
  'Alembic without an ini': 'src/app/db/migrations/script.py.mako',
  'Flask-Migrate': 'migrations/alembic.ini',
  Django: 'site/manage.py',
  Prisma: 'packages/api/prisma/schema.prisma',
  Drizzle: 'drizzle.config.ts',
  Knex: 'server/knexfile.js',
  Rails: 'config/database.yml',
  Laravel: 'artisan',
  TypeORM: 'src/data-source.ts',
  'a database and nothing else': 'var/data/notes.sqlite3',
  'a hidden folder of a framework': '.tmp/data.db',
  'backups and nothing else': 'backups/first/backup_metadata.json',
};

const OTHERS: Readonly<Record<string, readonly string[]>> = {
  'an empty folder': [],
  'a library': ['package.json', 'src/index.ts', 'README.md'],
  'databases in dependencies only': ['node_modules/x/test/fixture.sqlite', '.venv/lib/site-packages/x/alembic.ini', 'dist/a.db'],
};

describe('a cheap look at a folder', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'pats-look-'));
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  function put(path: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }

  for (const [name, path] of Object.entries(PROJECTS)) {
    it(`finds something in ${name}`, async () => {
      put('README.md');
      put(path);
      assert.equal(await hasSigns(root), true);
    });
  }

  for (const [name, paths] of Object.entries(OTHERS)) {
    it(`finds nothing in ${name}`, async () => {
      paths.forEach(put);
      assert.equal(await hasSigns(root), false);
    });
  }

  it('gives a folder up that is not there', async () => {
    assert.equal(await hasSigns(join(root, 'gone')), false);
  });
});
