// A whole project of a stranger (backups, exports, dumps, journal, settings, configuration), and every verb over it: whatever
// they say, nothing outside the project is opened for writing, and nothing in it that is no data of the project is replaced.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { CliProject } from '../../support/cli-project';
import { filesOf } from '../../support/pats-project';
import { canWatch, watch } from '../../support/watched-writes';

interface Manifest {
  [key: string]: unknown;
}

const NEIGHBOUR = '../neighbour';

describe('A project of a stranger', function () {
  this.timeout(600_000);
  let base: string;
  let neighbour: string;
  let project: CliProject;
  let untouched: Record<string, unknown>;
  const isWatched = canWatch();

  beforeEach(async () => {
    base = realpathSync(mkdtempSync(join(tmpdir(), 'pats-stranger-')));
    neighbour = join(base, 'neighbour');
    const made = await CliProject.create();
    cpSync(made.root, join(base, 'project'), { recursive: true });
    await made.remove();
    project = CliProject.at(join(base, 'project'));
    write('../neighbour/uploads/theirs.txt', 'what belongs to somebody else');
    write('../neighbour/photo.txt', 'theirs');
    cpSync(project.database, join(neighbour, 'other.db'));
    for (const sources of [
      '.git/hooks/pre-commit',
      '.github/workflows/ci.yml',
      '.vscode/tasks.json',
      'node_modules/a/index.js',
      '.husky/pre-push',
      'src/app.py',
    ]) {
      write(sources, 'source');
    }
    mkdirSync(join(base, 'home'));
    mkdirSync(join(base, 'tmp'));
    await run('backup', 'good');
    untouched = state();
  });
  afterEach(() => {
    rmSync(base, { recursive: true, force: true });
  });

  function write(path: string, text: string): void {
    const file = join(project.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** What no verb may change: what is around the project, and its sources. */
  function state(): Record<string, unknown> {
    const sources = ['.git', '.github', '.vscode', 'node_modules', '.husky', 'src'];
    return { neighbour: filesOf(neighbour), ...Object.fromEntries(sources.map((name) => [name, filesOf(join(project.root, name))])) };
  }

  async function run(...args: string[]): Promise<void> {
    const env = { HOME: join(base, 'home'), TMPDIR: join(base, 'tmp'), XDG_STATE_HOME: join(base, 'home/state') };
    const result = isWatched ? await watch(project, [...args, '--json'], env) : { ...(await project.run(...args, '--json')), written: [] };
    assert.doesNotMatch(result.stdout, /"INTERNAL"/, `${args.join(' ')}\n${result.stdout}`);
    const allowed = [project.root, join(base, 'home'), join(base, 'tmp')].map((path) => relative('/', path));
    // SQLite opens a database for writing also where it only reads; that it is the same afterwards is seen by its content.
    const databases = [join(neighbour, 'other.db'), join(neighbour, 'pats.db')];
    const outside = result.written.filter(
      (path) =>
        !databases.includes(path) &&
        !allowed.some((own) => `${relative('/', path)}/`.startsWith(`${own}/`)) &&
        !/^\/(?:dev|proc)\//.test(path),
    );
    assert.deepEqual(outside, [], `${args.join(' ')}\n${result.stdout}`);
  }

  /** A backup like "good", with something else in its metadata. */
  function bad(name: string, change: (manifest: Manifest, folder: string) => void): void {
    const folder = join(project.root, 'backups', name);
    cpSync(join(project.root, 'backups/good'), folder, { recursive: true, preserveTimestamps: true });
    const manifest = JSON.parse(readFileSync(join(folder, 'backup_metadata.json'), 'utf8')) as Manifest;
    change(manifest, folder);
    writeFileSync(join(folder, 'backup_metadata.json'), JSON.stringify({ ...manifest, backup_name: name }));
  }

  async function restoreAll(names: readonly string[]): Promise<void> {
    for (const name of names) {
      await run('restore', name, '--force', '--ignore-damage');
      assert.deepEqual(state(), untouched, name);
      assert.ok(existsSync(join(project.root, 'backups/good/backup_metadata.json')), name);
    }
  }

  it('names other places as those of its uploads', async () => {
    symlinkSync(NEIGHBOUR, join(project.root, 'linked'));
    const places = [
      '.',
      '..',
      NEIGHBOUR,
      '../neighbour/uploads',
      neighbour,
      'linked',
      'linked/uploads',
      'backups',
      'Backups',
      'BACKUPS/good',
      'backups/../.git',
    ];
    const sources = [
      '.git',
      '.GIT',
      '.git ',
      '.git/hooks',
      './.git',
      'backend/../.git',
      '.github',
      '.GitHub/workflows',
      '.vscode',
      'node_modules',
      'src',
      '',
      '/',
      'C:\\Windows',
    ];
    const names = [...places, ...sources].map((source, index) => {
      bad(`b${index}`, (manifest) => {
        manifest['uploads'] = [{ source, folder: 'uploads', existed: true }];
      });
      return `b${index}`;
    });
    await restoreAll(names);
  });

  it('names other files as its database, and other folders as parts of the backup', async () => {
    const names: string[] = [];
    const add = (change: (manifest: Manifest, folder: string) => void): void => {
      const name = `b${names.length}`;
      bad(name, change);
      names.push(name);
    };
    for (const place of ['../../../neighbour/other.db', join(neighbour, 'other.db'), '..', '.', '', 'uploads', 'a/b']) {
      add((manifest) => (manifest['database_file'] = place));
      add((manifest) => (manifest['uploads'] = [{ source: 'backend/uploads', folder: place, existed: true }]));
      add((manifest) => (manifest['files'] = [{ path: `uploads/${place}`, size: 5, mtime: '1', ctime: '1', sha256: 'a'.repeat(64) }]));
    }
    for (const place of ['.vscode/tasks.json', '../neighbour/other.db', '.git/config.db', join(neighbour, 'other.db'), 'src/app.py']) {
      add((manifest) => (manifest['database'] = { ...(manifest['database'] as object), source: place }));
    }
    add((_manifest, folder) => {
      rmSync(join(folder, 'uploads'), { recursive: true });
      symlinkSync(neighbour, join(folder, 'uploads'));
    });
    add((_manifest, folder) => {
      rmSync(join(folder, 'pats.db'));
      symlinkSync(join(neighbour, 'other.db'), join(folder, 'pats.db'));
    });
    await restoreAll(names);
    // Without a database of its own, the project has no place that a manifest may name.
    rmSync(join(project.root, 'backend'), { recursive: true });
    await restoreAll(names);
  });

  it('has links that lead out of the uploads, through one another', async () => {
    const chains: (readonly (readonly [string, string])[])[] = [
      [
        ['out', '../../../neighbour'],
        ['out/planted', 'x'],
      ],
      [
        ['a', 'b'],
        ['b', '../..'],
        ['c', 'a/neighbour'],
      ],
      [
        ['d1/d2/s', '../../t'],
        ['q', 'd1/d2/s/../../../secret'],
        ['q/planted', 'x'],
      ],
      [
        ['a', '.'],
        ['b', 'a/..'],
        ['c', 'b/../neighbour'],
      ],
      [
        ['x/y', '/etc'],
        ['x', '..'],
        ['z', 'x/../../neighbour'],
      ],
      [
        ['self', 'self'],
        ['loop1', 'loop2'],
        ['loop2', 'loop1/..'],
      ],
      [
        ['photo.txt', '../../../neighbour/photo.txt'],
        ['.', 'x'],
        ['', 'y'],
        ['../up', 'z'],
      ],
      [...Array(60).keys()].map((n) => [`l${n}`, n === 0 ? '..' : `l${n - 1}/..`] as const),
    ];
    const names = chains.map((links, index) => {
      bad(`chain${index}`, (manifest, folder) => {
        manifest['links'] = links.map(([path, target]) => ({ path: `uploads/${path}`, target }));
        for (const made of ['d1/d2', 't', 'x']) {
          mkdirSync(join(folder, 'uploads', made), { recursive: true });
        }
      });
      return `chain${index}`;
    });
    for (const name of names) {
      await restoreAll([name]);
      const uploads = join(project.root, 'backend/uploads');
      for (const [path, what] of Object.entries(filesOf(uploads))) {
        if (what.startsWith('->') && existsSync(join(uploads, path))) {
          assert.ok(realpathSync(join(uploads, path)).startsWith(`${uploads}/`), `${name}: ${path} ${what}`);
        }
      }
    }
  });

  it('has exports with names, links and sizes that lead elsewhere', async () => {
    const zip = join(base, 'hostile.zip');
    const script = `
import sys, zipfile, stat
manifest = open(sys.argv[2]).read()
def make(entries):
    z = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)
    for name, content, mode in entries:
        i = zipfile.ZipInfo(name); i.create_system = 3; i.external_attr = mode << 16; i.compress_type = zipfile.ZIP_DEFLATED
        z.writestr(i, content)
    z.close()
F = 0o100644; L = 0o120777
sets = [
    [('good/../../../../neighbour/x', 'x', F)], [('/tmp/x', 'x', F)], [('../neighbour/x', 'x', F)], [('good/uploads/l', '../../../../neighbour', L), ('good/uploads/l/x', 'x', F)],
    [('.git/hooks/x', 'x', F)], [('..', 'x', F)], [('good\\\\..\\\\..\\\\x', 'x', F)], [('C:/x', 'x', F)], [('good', 'x', F), ('good/x', 'x', F)],
    [('good/backup_metadata.json', manifest, F), ('good/backup_metadata.json', manifest, F)], [('good/' + 'a/' * 2000 + 'x', 'x', F)], [('good/' + 'x' * 300, 'x', F)],
    [('good/backup_metadata.json', manifest, F), ('good/dev', 'x', 0o020666)], [('good/backup_metadata.json', '[' * 100000, F)], [('good/backup_metadata.json', '{"__proto__": {"a": 1}}', F)],
    [('good/backup_metadata.json', manifest, 0o106777), ('good/pats.db', 'x', F)], [('good\\x1b[2J/backup_metadata.json', manifest, F)], [],
]
make(sets[int(sys.argv[3])]); print(len(sets))
`;
    const makeZip = (index: number): number =>
      Number(
        execFileSync(
          'python3',
          ['-W', 'ignore', '-c', script, zip, join(project.root, 'backups/good/backup_metadata.json'), String(index)],
          { encoding: 'utf8' },
        ),
      );
    const total = makeZip(0);
    for (let index = 0; index < total; index++) {
      makeZip(index);
      await run('import', zip);
      assert.deepEqual(state(), untouched, String(index));
    }
  });

  it('has dumps with statements that reach outside', async () => {
    const other = join(neighbour, 'other.db');
    const statements = [
      `ATTACH '${other}' AS o; DROP TABLE o.t`,
      `VACUUM INTO '${join(neighbour, 'copy.db')}'`,
      `SELECT writefile('${join(neighbour, 'w')}', 'x')`,
      `SELECT load_extension('${join(neighbour, 'photo.txt')}')`,
      `PRAGMA temp_store_directory = '${neighbour}'`,
      `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'x'`,
      `CREATE VIRTUAL TABLE v USING dbstat`,
      `.shell touch ${join(neighbour, 'w')}`,
      `.output ${join(neighbour, 'w')}`,
      `.read ${join(neighbour, 'photo.txt')}`,
      `CREATE TABLE t(x CHECK(load_extension('x'))); INSERT INTO t VALUES (1)`,
    ];
    for (const statement of statements) {
      write('hostile.sql', `BEGIN TRANSACTION;\nCREATE TABLE a(b);\n${statement};\nCOMMIT;\n`);
      await run('restore-dump', 'hostile.sql', '--force');
      assert.deepEqual(state(), untouched, statement);
    }
  });

  it('has settings and configuration that point outside', async () => {
    const other = join(neighbour, 'other.db');
    bad('b', (manifest) => {
      manifest['uploads'] = [{ source: '../neighbour/uploads', folder: 'uploads', existed: true }];
    });
    rmSync(join(project.root, 'backend'), { recursive: true });
    untouched = { ...untouched, '.vscode': undefined };
    const attempts: (() => void)[] = [
      () => {
        write(
          '.vscode/settings.json',
          JSON.stringify({ 'patsBackup.uploads': [NEIGHBOUR], 'patsBackup.database': '../neighbour/other.db' }),
        );
      },
      () => {
        write(
          '.vscode/settings.json',
          JSON.stringify({ 'patsBackup.uploads': [join(neighbour, 'uploads')], 'patsBackup.database': other }),
        );
      },
      () => {
        write(
          '.vscode/settings.json',
          JSON.stringify({ 'patsBackup.uploads': ['.git', '.', 'src/..'], 'patsBackup.database': '.git/x.db' }),
        );
      },
      () => {
        write('.vscode/settings.json', '{}');
        write('.env', `DATABASE_URL=sqlite:///${other}\n`);
      },
      () => {
        rmSync(join(project.root, '.env'));
        write('alembic.ini', `[alembic]\nsqlalchemy.url = sqlite:///${other}\n`);
      },
      () => {
        rmSync(join(project.root, 'alembic.ini'));
        write(
          'docker-compose.yml',
          `services:\n  a:\n    environment: {DATABASE_URL: "sqlite:////data/other.db"}\n    volumes: ["${neighbour}:/data"]\n`,
        );
      },
      () => {
        rmSync(join(project.root, 'docker-compose.yml'));
        mkdirSync(join(project.root, 'backend'));
        symlinkSync(neighbour, join(project.root, 'backend/uploads'));
        symlinkSync(neighbour, join(project.root, 'backend/data'));
        cpSync(other, join(neighbour, 'pats.db'));
        untouched = { ...state(), '.vscode': undefined };
      },
    ];
    write('plain.sql', 'BEGIN TRANSACTION;\nCREATE TABLE a(b);\nCOMMIT;\n');
    for (const [index, attempt] of attempts.entries()) {
      attempt();
      for (const verb of [
        ['status'],
        ['list'],
        ['restore', 'good', '--force'],
        ['restore', 'b', '--force', '--uploads-only'],
        ['undo', '--force'],
        ['restore-dump', 'plain.sql', '--force'],
      ]) {
        await run(...verb);
        assert.deepEqual({ ...state(), '.vscode': undefined }, untouched, `${index}: ${verb.join(' ')}`);
      }
    }
  });
});
