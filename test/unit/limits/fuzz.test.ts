// Generated files of strangers: no verb fails but in the way that is told to people, takes long, or touches what is around the project.
import assert from 'node:assert/strict';
import { processorTime } from '../../support/processor-time';
import fc from 'fast-check';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine';
import { BackupError } from '../../../src/engine/errors';
import { realEnvironment } from '../../../src/engine/store/environment';
import { filesOf, makeProject } from '../../support/pats-project';

/** Milliseconds that one verb may take. */
const LIMIT = 2000;
const SEED = Number(process.env['PATS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = process.env['PATS_FAULTS'] === 'all' ? 2000 : 25;

const engine = createEngine(realEnvironment);

describe(`Generated files of strangers (PATS_SEED=${SEED})`, function () {
  this.timeout(3_600_000);
  const outer = realpathSync(mkdtempSync(join(tmpdir(), 'pats-fuzz-')));
  const root = join(outer, 'project');
  const pristine = join(outer, 'pristine');
  const request = { root };
  let around: unknown;

  before(async () => {
    const made = makeProject();
    await engine.create({ root: made.root }, { trigger: 'manual', name: 'good' });
    await engine.exportBackup({ root: made.root }, { name: 'good', file: 'good.zip' }, {});
    await engine.dump({ root: made.root }, { file: 'good.sql' }, {});
    cpSync(made.root, pristine, { recursive: true, preserveTimestamps: true });
    made.remove();
    mkdirSync(join(outer, 'neighbour'));
    writeFileSync(join(outer, 'neighbour/theirs.txt'), 'theirs');
    around = [filesOf(join(outer, 'neighbour')), filesOf(pristine)];
  });
  beforeEach(fresh);
  after(() => {
    rmSync(outer, { recursive: true, force: true });
  });

  function fresh(): void {
    rmSync(root, { recursive: true, force: true });
    cpSync(pristine, root, { recursive: true, preserveTimestamps: true });
  }

  function write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }

  /** Runs the verbs one after another. */
  async function tryVerbs(verbs: Readonly<Record<string, () => Promise<unknown>>>): Promise<void> {
    for (const [name, verb] of Object.entries(verbs)) {
      const time = processorTime();
      try {
        await verb();
      } catch (error) {
        assert.ok(
          error instanceof BackupError && error.code !== 'INTERNAL',
          `${name}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`,
        );
      }
      const took = time();
      assert.ok(took < LIMIT, `${name} took ${Math.round(took)} ms`);
    }
    assert.deepEqual([filesOf(join(outer, 'neighbour')), filesOf(pristine)], around);
  }

  async function holds<T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => Promise<void>): Promise<void> {
    await fc.assert(
      fc.asyncProperty(arbitrary, async (value) => {
        fresh();
        await check(value);
      }),
      { seed: SEED, numRuns: RUNS, endOnFailure: false },
    );
  }

  const looking = { list: () => engine.list(request), status: () => engine.status(request), doctor: () => engine.doctor(request) };
  const restoring = {
    verify: () => engine.verify(request, { names: ['good'], deep: true }),
    drill: () => engine.drill(request, { name: 'good' }),
    show: () => engine.show(request, { name: 'good' }),
    setNote: () => engine.setNote(request, { name: 'good', note: 'x' }),
    planPrune: () => engine.planPrune(request, { policy: { keepLast: 1, keepDaily: 3 } }),
    create: () => engine.create(request, { trigger: 'manual' }),
    plan: () => engine.planRestore(request, { name: 'good', scope: 'all' }),
    restore: () => engine.restore(request, { name: 'good', scope: 'all', ignoreDamage: true }),
    undo: () => engine.undo(request, {}),
  };

  const path = fc.oneof(
    fc.constantFrom(
      '..',
      '../neighbour',
      '../../neighbour/theirs.txt',
      '.git',
      'backups',
      'uploads/../..',
      '/etc',
      'uploads',
      'uploads/cv.pdf',
      '',
      '.',
      'a\0b',
      'uploads/\u001b[2J',
    ),
    fc.string({ maxLength: 20 }),
  );
  const number = fc.oneof(fc.constantFrom(0, -1, 1e300, Number.MAX_SAFE_INTEGER, 2 ** 53, 0.5), fc.integer(), fc.double());
  const date = fc.oneof(
    fc.constantFrom('9999-99-99T99:99:99Z', '+275760-09-13T00:00:00Z', '-271821-04-20T00:00:00Z', '0000-00-00'),
    fc.string(),
  );
  const time = fc.oneof(fc.constantFrom('-9223372036854775808', '9999999999999999999', '0', '-0', '1e3'), fc.bigInt().map(String));
  const hash = fc.constantFrom('a'.repeat(64), '', 'A'.repeat(64));
  const file = fc.record(
    { path, size: number, mtime: time, ctime: time, sha256: hash, mode: number },
    { requiredKeys: ['path', 'size', 'mtime', 'ctime', 'sha256'] },
  );
  const fields = {
    backup_name: path,
    timestamp: fc.constantFrom('99999999_999999', '00000000_000000', '20260101_000000', 'x'),
    created_at: date,
    alembic_revision: fc.option(fc.string({ maxLength: 3000 })),
    database_file: fc.option(path),
    uploads_included: fc.boolean(),
    backup_version: fc.constantFrom('1.0', '1.1', '1.99999999999', '2', 'x', '1.'.repeat(2000)),
    trigger: fc.constantFrom('safety', 'manual', 'auto', '__proto__'),
    pinned: fc.anything(),
    sequence: number,
    git: fc.record({ branch: path, commit: path, dirty: fc.boolean() }),
    migrations: fc.record({ tool: path, revisions: fc.array(path), heads: fc.array(path) }),
    uploads: fc.array(fc.record({ source: path, folder: path, existed: fc.boolean() }), { maxLength: 4 }),
    files: fc.oneof(
      fc.array(file, { maxLength: 5 }),
      fc.record({ file: fc.constant('backup_files.json'), count: number, size: number, sha256: hash }),
    ),
    links: fc.array(fc.record({ path: path.map((each) => `uploads/${each}`), target: path }), { maxLength: 8 }),
    partial: fc.array(fc.record({ path, reason: path })),
    safety: fc.record({
      restored: path,
      database: fc.constantFrom('present', 'absent', 'untouched'),
      uploads: fc.constantFrom('present', 'untouched'),
    }),
    database: fc.oneof(
      fc.anything(),
      fc.record({
        source: path,
        size: number,
        sha256: hash,
        page_size: number,
        user_version: number,
        application_id: number,
        journal_mode: path,
        damaged: fc.boolean(),
      }),
    ),
    __proto__x: fc.anything(),
  };

  it('metadata of a backup', async () => {
    const manifest = JSON.parse(readFileSync(join(pristine, 'backups/good/backup_metadata.json'), 'utf8')) as Record<string, unknown>;
    await holds(fc.record(fields, { requiredKeys: [] }), async (changes) => {
      write('backups/good/backup_metadata.json', JSON.stringify({ ...manifest, ...changes }).replaceAll('__proto__x', '__proto__'));
      await tryVerbs({ ...looking, ...restoring });
    });
  });

  it('metadata that are any JSON, or none', async () => {
    const text = fc.oneof(
      fc.json(),
      fc.string(),
      fc.json().map((json) => `{"a":${json},"a":${json}}`),
      fc.constantFrom('['.repeat(500_000), '{"a":'.repeat(150_000), '1'.repeat(900_000), `"${'\\u0000'.repeat(150_000)}"`),
    );
    await holds(text, async (content) => {
      write('backups/good/backup_metadata.json', content);
      write('backups/good/.verification.json', content);
      write('backups/.restore-journal.json', content);
      await tryVerbs({ ...looking, ...restoring });
    });
  });

  /** Some bytes of a file changed, left out or doubled. */
  const damage = fc.array(
    fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom('flip', 'cut', 'double', 'random'),
      fc.integer({ min: 0, max: 255 }),
    ),
    { minLength: 1, maxLength: 6 },
  );
  function damaged(bytes: Buffer, changes: readonly (readonly [number, string, number])[]): Buffer {
    let result = Buffer.from(bytes);
    for (const [place, how, value] of changes) {
      const at = Math.floor(place * Math.max(0, result.length - 1));
      const [before, after] = [result.subarray(0, at), result.subarray(at)];
      result =
        how === 'cut'
          ? Buffer.concat([before, after.subarray(value)])
          : how === 'double'
            ? Buffer.concat([before, after.subarray(0, value), after])
            : Buffer.concat([before, Buffer.from([how === 'flip' ? (after[0] ?? 0) ^ (1 << (value % 8)) : value]), after.subarray(1)]);
    }
    return result;
  }

  it('exports with damaged bytes', async () => {
    const zip = readFileSync(join(pristine, 'good.zip'));
    await holds(damage, async (changes) => {
      write('bad.zip', damaged(zip, changes));
      await tryVerbs({ import: () => engine.importBackup(request, { file: 'bad.zip' }, {}), list: looking.list });
    });
  });

  it('databases with damaged bytes', async () => {
    const database = readFileSync(join(pristine, 'backups/good/pats.db'));
    await holds(damage, async (changes) => {
      write('backups/good/pats.db', damaged(database, changes));
      write('backend/data/pats.db', damaged(database, changes));
      await tryVerbs({ status: looking.status, verify: restoring.verify, drill: restoring.drill });
    });
  });

  const sql = fc.oneof(
    fc.constantFrom(
      "ATTACH 'x' AS y",
      'VACUUM',
      'PRAGMA x',
      '.read y',
      'CREATE TABLE a(b)',
      'INSERT INTO a VALUES(1)',
      'BEGIN',
      'COMMIT',
      'SAVEPOINT a',
      "SELECT load_extension('x')",
      '/*',
      "'",
      '"',
      '--',
      '(',
      'CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END',
      'CREATE VIEW v AS SELECT * FROM v',
      "INSERT INTO a VALUES(x'zz')",
      'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c) INSERT INTO a SELECT n FROM c',
      'CREATE TABLE b AS SELECT 1',
      "PRAGMA journal_mode='wal'",
    ),
    fc.string({ maxLength: 30 }),
  );
  it('dumps', async () => {
    const dump = readFileSync(join(pristine, 'good.sql'));
    const text = fc.oneof(
      damage.map((changes) => damaged(dump, changes)),
      fc.array(sql, { maxLength: 12 }).map((lines) => Buffer.from(lines.join(';\n'))),
    );
    await holds(text, async (content) => {
      write('bad.sql', content);
      await tryVerbs({ restoreDump: () => engine.restoreDump(request, { file: 'bad.sql' }, {}), list: looking.list });
    });
  });

  const word = fc.oneof(
    fc.constantFrom(
      '[alembic]',
      'sqlalchemy.url',
      ' = ',
      ': ',
      'sqlite:///',
      '%(here)s',
      '%(x)s',
      '${A:-b}',
      '${',
      '\n',
      '\n  ',
      '- ',
      '"',
      "'",
      '`',
      '{',
      '}',
      '[',
      ']',
      '(',
      ')',
      '#',
      '//',
      '/*',
      '*/',
      '*a',
      '&a',
      '<<: ',
      'services:',
      'environment:',
      'volumes:',
      'DATABASE_URL',
      'export default ',
      'module.exports = ',
      'migrations',
      'directory',
      'datasource db ',
      'provider',
      'revision = ',
      'down_revision = ',
      'f"""',
      'class Migration:',
      'dependencies',
      '\\',
      '\u0000',
      '\ud800',
      'patsBackup.database',
      'patsBackup.uploads',
      'patsBackup.retention',
      ',',
      '../neighbour',
      '<%',
      '%>',
      'tool.alembic',
      '__proto__',
    ),
    fc.string({ maxLength: 8 }),
  );
  const FILES = [
    'alembic.ini',
    '.env',
    'docker-compose.yml',
    'compose.override.yml',
    'pyproject.toml',
    '.vscode/settings.json',
    'knexfile.js',
    'drizzle.config.ts',
    'prisma/schema.prisma',
    'prisma.config.ts',
    'config/database.yml',
    'manage.py',
    'app/settings.py',
    'app/migrations/0001_a.py',
    'backend/alembic/env.py',
    'backend/alembic/versions/a.py',
    'drizzle/meta/_journal.json',
    'package.json',
    'Makefile',
  ];
  it('configuration files and migrations', async () => {
    const text = fc.array(word, { maxLength: 60 }).map((words) => words.join(''));
    await holds(fc.array(fc.tuple(fc.constantFrom(...FILES), text), { minLength: 1, maxLength: 6 }), async (files) => {
      rmSync(join(root, 'backend/data'), { recursive: true });
      write('app.db', readFileSync(join(pristine, 'backups/good/pats.db')));
      write('app/migrations/__init__.py', '');
      for (const [name, content] of files) {
        write(name, content);
      }
      await tryVerbs({ ...looking, discover: () => engine.discover(request), storage: () => engine.storage(request) });
    });
    assert.ok(existsSync(join(outer, 'neighbour/theirs.txt')));
  });
});
