// A user's window on a project whose data lies in volumes of a real Docker: a backup, a migration that fails, and the way back.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { containerProject, type ContainerProject } from '../support/container-project';
import { describeWithDocker } from '../support/docker-suite';
import { PATIENCE_MS, until } from '../support/patience';
import { Workbench } from '../support/workbench';

const STATUS = 'pats.pats-backup.patsBackup.status';
const BAD = `"""add half"""
from alembic import op
import sqlalchemy as sa

revision = 'bbbb00000002'
down_revision = 'e6d81f3057ca'


def upgrade() -> None:
    op.create_table('half', sa.Column('id', sa.Integer(), primary_key=True))
    op.execute("INSERT INTO half (id) VALUES (1)")
    raise RuntimeError('half way')
`;

describeWithDocker(
  'a user whose application runs in a container',
  (docker, home) => {
    let project: ContainerProject;
    let window: Workbench;
    before(async () => {
      project = containerProject(docker, { more: '      - ./backend/alembic:/app/alembic\n' });
      project.up();
      const { DOCKER_HOST = '', DOCKER_CONFIG = '' } = docker.env;
      window = await Workbench.open({ folder: project.root, env: { DOCKER_HOST, DOCKER_CONFIG, XDG_STATE_HOME: home.path } });
    });
    after(async () => {
      await window.close();
      project.remove();
    });
    afterEach(async function () {
      if (this.currentTest?.state === 'failed') {
        await window.keepFailure(this.currentTest.title);
      }
    });

    const backups = (): string[] => {
      const folder = join(project.root, 'backups');
      return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : [];
    };
    const ask = (sql: string): string =>
      project.python(`import sqlite3; print(sqlite3.connect("data/pats.db", timeout=20).execute("""${sql}""").fetchone()[0])`);
    const hasHalf = (): boolean => ask("SELECT count(*) FROM sqlite_schema WHERE name = 'half'") === '1';

    it('makes a backup, migrates by the reminder, and is back after it has failed', async () => {
      await window.statusBarItem(STATUS).filter({ hasText: 'no backup yet' }).waitFor();
      await window.runCommand('PATS Backup: Create Backup');
      await until('the backup', () => backups().length === 1);
      project.python(
        'import sqlite3; db = sqlite3.connect("data/pats.db", timeout=20); db.execute("INSERT INTO written VALUES (77, \'since\')"); db.commit()',
      );
      writeFileSync(join(project.root, 'backend/alembic/versions/bbbb00000002_add_half.py'), BAD);
      await window.answerNotification(/“add half” is pending, but the current state has not been backed up/, 'Migrate...');
      const failed = window.notification(/The migration failed \(exit code 1\)/);
      await failed.waitFor();
      assert.equal(hasHalf(), true);
      const [safe = ''] = backups().filter((name) => name.startsWith('pre_migration_'));
      await window.answerNotification(`is safe in “${safe}”`, 'Restore');
      await window.notification(`“${safe}” was restored.`).waitFor();
      await until('the application', () => project.state() === 'running');
      assert.equal(hasHalf(), false);
      assert.equal(ask('SELECT body FROM written WHERE n = 77'), 'since');
      assert.equal(docker.docker('ps', '-aq').split('\n').length, 1);
      await window.screenshot('container-restored');
    });
  },
  { isInFull: true, timeout: 4 * PATIENCE_MS },
);
