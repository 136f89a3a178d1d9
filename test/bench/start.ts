// How long the command line takes from its start to its answer, as ratios to what it is measured by in the same run.
// usage: npm run bench
import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import { cpSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const ROUNDS = 9;
const MIGRATIONS = 120;
const CLI = join(process.env['PATS_REPO'] ?? process.cwd(), 'dist/cli.js');
const root = mkdtempSync(join(tmpdir(), 'pats-bench-start-'));

interface Work {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
}

interface Times {
  /** Median milliseconds from start to end. */
  readonly wall: number;
  /** Mean milliseconds of processor time, however busy the machine is with others; null: not told here. */
  readonly processor: number | null;
}

/** Hundredths of a second that children which have ended were at work (proc_pid_stat(5): cutime, cstime); null: not told here. */
function childrenAtWork(): number | null {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return Number(fields[13]) + Number(fields[14]);
  } catch {
    return null;
  }
}

/** Each in turns, so that a busy moment hits all of them. */
function measure(works: readonly Work[]): Map<string, Times> {
  const times = new Map<string, number[]>(works.map(({ name }) => [name, []]));
  const atWork = new Map<string, number>();
  // The first round is not counted: it fills caches, ours and theirs.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { name, command, args, folder } of works) {
      const before = childrenAtWork();
      const start = performance.now();
      const { status, error } = spawnSync(command, args, { cwd: folder, stdio: 'ignore' });
      if (error !== undefined || status !== 0) {
        process.stdout.write(`${name} cannot be measured: ${error?.message ?? `exit code ${status ?? 'none'}`}\n`);
        times.delete(name);
        return measure(works.filter((work) => work.name !== name));
      }
      times.get(name)?.push(...(round === 0 ? [] : [performance.now() - start]));
      const after = childrenAtWork();
      if (round > 0 && before !== null && after !== null) {
        atWork.set(name, (atWork.get(name) ?? 0) + (after - before) * 10);
      }
    }
  }
  return new Map(
    [...times].map(([name, each]) => {
      const worked = atWork.get(name);
      return [
        name,
        { wall: each.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0, processor: worked === undefined ? null : worked / ROUNDS },
      ];
    }),
  );
}

function report(times: ReadonlyMap<string, Times>, what: string, peer: string, goal: number): void {
  const [own, other] = [times.get(what), times.get(peer)];
  if (own !== undefined && other !== undefined) {
    const worked = own.processor !== null && other.processor ? `, at work ${(own.processor / other.processor).toFixed(2)} x` : '';
    process.stdout.write(
      `${what}: ${own.wall.toFixed(0)} ms = ${(own.wall / other.wall).toFixed(2)} x ${peer} (${other.wall.toFixed(0)} ms)${worked}, goal ${goal}\n`,
    );
  }
}

function alembicProject(folder: string): string {
  const versions = join(folder, 'backend/alembic/versions');
  mkdirSync(versions, { recursive: true });
  mkdirSync(join(folder, 'backend/data'));
  mkdirSync(join(folder, 'backend/uploads'));
  writeFileSync(join(folder, 'backend/alembic.ini'), '[alembic]\nscript_location = alembic\nsqlalchemy.url = sqlite:///data/pats.db\n');
  writeFileSync(join(folder, 'backend/alembic/env.py'), 'from alembic import context\ncontext.config.get_main_option("sqlalchemy.url")\n');
  for (let number = 0; number < MIGRATIONS; number++) {
    const down = number === 0 ? 'None' : `"r${number - 1}"`;
    const body = `    op.create_table(\n        "t${number}",\n        sa.Column("id", sa.Integer(), nullable=False),\n        sa.PrimaryKeyConstraint("id"),\n    )\n`;
    writeFileSync(
      join(versions, `r${number}_table_${number}.py`),
      `"""Table ${number}"""\nfrom alembic import op\nimport sqlalchemy as sa\n\nrevision = "r${number}"\ndown_revision = ${down}\n\n\n` +
        `def upgrade():\n${body}\n\ndef downgrade():\n    op.drop_table("t${number}")\n`,
    );
  }
  const db = new Database(join(folder, 'backend/data/pats.db'));
  db.exec(`CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY); INSERT INTO alembic_version VALUES ('r100')`);
  db.close();
  return folder;
}

/** A project with so many backups: one real one, and copies of its manifest. */
function withBackups(folder: string, count: number): string {
  mkdirSync(join(folder, 'backend/data'), { recursive: true });
  mkdirSync(join(folder, 'backend/uploads'));
  new Database(join(folder, 'backend/data/pats.db')).exec('CREATE TABLE t (a)').close();
  spawnSync(process.execPath, [CLI, '--project', folder, 'backup', 'first'], { stdio: 'ignore' });
  const first = join(folder, 'backups/first');
  const manifest = z
    .looseObject({ database_file: z.string(), sequence: z.number() })
    .parse(JSON.parse(readFileSync(join(first, 'backup_metadata.json'), 'utf8')));
  for (let number = 1; number < count; number++) {
    const copy = join(folder, `backups/copy-${number}`);
    mkdirSync(copy);
    cpSync(join(first, 'uploads'), join(copy, 'uploads'), { recursive: true });
    linkSync(join(first, manifest.database_file), join(copy, manifest.database_file));
    const own = { ...manifest, backup_name: `copy-${number}`, sequence: manifest.sequence + number };
    writeFileSync(join(copy, 'backup_metadata.json'), JSON.stringify(own, null, 2));
  }
  return folder;
}

try {
  const project = alembicProject(join(root, 'alembic'));
  const small = withBackups(join(root, 'small'), 1);
  const own = (name: string, folder: string, ...args: string[]): Work => ({
    name,
    command: process.execPath,
    args: [CLI, ...args],
    folder,
  });
  const times = measure([
    { name: 'node -e 0', command: process.execPath, args: ['-e', '0'], folder: small },
    own('--version', small, '--version'),
    own('list', small, 'list'),
    { name: 'alembic heads', command: 'alembic', args: ['heads'], folder: join(project, 'backend') },
    own(`status of ${MIGRATIONS} migrations`, project, 'status'),
    own('list of 1,000 backups', withBackups(join(root, 'thousand'), 1000), 'list'),
    own('list of 10,000 backups', withBackups(join(root, 'ten-thousand'), 10_000), 'list'),
  ]);
  report(times, '--version', 'node -e 0', 1.5);
  report(times, 'list', 'node -e 0', 2);
  report(times, `status of ${MIGRATIONS} migrations`, 'alembic heads', 0.5);
  report(times, 'list of 1,000 backups', 'node -e 0', 5);
  report(times, 'list of 10,000 backups', 'node -e 0', 20);
} finally {
  rmSync(root, { recursive: true, force: true });
}
