// How long the command line takes from its start to its answer, as ratios to what it is measured by in the same run.
import Database from 'better-sqlite3';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { present, row, type Row, type Work } from './measure';

const MIGRATIONS = 120;
const CLI = join(process.env['PATS_REPO'] ?? process.cwd(), 'dist/cli.js');

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

/** Rows with so many rounds, and lists of so many backups. */
export async function startRows(rounds: number, lists: readonly number[]): Promise<Row[]> {
  const root = mkdtempSync(join(tmpdir(), 'pats-bench-start-'));
  try {
    const project = alembicProject(join(root, 'alembic'));
    const small = withBackups(join(root, 'small'), 1);
    const program = (name: string, cwd: string, command: string, ...args: string[]): Work => ({
      name,
      run: () => execFileSync(command, args, { cwd, stdio: 'ignore' }),
    });
    const own = (cwd: string, verb: string): Work => program('ours', cwd, process.execPath, CLI, verb);
    const node = program('node -e 0', small, process.execPath, '-e', '0');
    const rows = [
      await row('pats-backup --version', 1.5, rounds, [own(small, '--version'), node]),
      await row('pats-backup list', 2, rounds, [own(small, 'list'), node]),
      await row(`pats-backup status of ${MIGRATIONS} migrations`, 0.5, rounds, [
        own(project, 'status'),
        ...present('alembic', [program('alembic heads', join(project, 'backend'), 'alembic', 'heads')]),
      ]),
    ];
    for (const count of lists) {
      const many = withBackups(join(root, `many-${count}`), count);
      rows.push(
        await row(`pats-backup list of ${count} backups (goal ${count > 1000 ? '1' : '0.25'} s)`, null, rounds, [own(many, 'list'), node]),
      );
    }
    return rows;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
