// Names, notes and metadata of strangers on a terminal: whatever they hold, no control character and no change of direction gets out.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliProject } from '../../support/cli-project';

const EVIL = '\u001b]0;owned\u0007\u001b[2J\u009b31m\r\u202egpj.exe\u2066\u0000\u007f';
const HARMFUL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

describe('What a stranger wrote, on a terminal', function () {
  this.timeout(120_000);
  let project: CliProject;
  before(async () => {
    project = await CliProject.create();
    await project.run('backup', 'good');
    const backups = join(project.root, 'backups');
    const manifest = JSON.parse(readFileSync(join(backups, 'good/backup_metadata.json'), 'utf8')) as Record<string, unknown>;
    const evil: Record<string, unknown> = {
      note: EVIL,
      alembic_revision: EVIL,
      created_at: `2026-01-01T00:00:00Z${EVIL}`,
      created_by: EVIL,
      backup_version: `1.0${EVIL}`,
      git: { branch: EVIL, commit: EVIL, dirty: true },
      migrations: { tool: EVIL, revisions: [EVIL], heads: [EVIL] },
      partial: [{ path: EVIL, reason: EVIL }],
      skipped: [{ path: EVIL, reason: EVIL }],
      links: [{ path: `uploads/${EVIL.replace('\0', '')}`, target: `../../${EVIL}` }],
      uploads: [{ source: EVIL, folder: 'uploads', existed: true }],
      files: [{ path: `uploads/${EVIL}`, size: 1, mtime: '1', ctime: '1', sha256: 'a'.repeat(64) }],
    };
    const name = `n${EVIL.replace('\0', '')}`;
    cpSync(join(backups, 'good'), join(backups, name), { recursive: true });
    writeFileSync(join(backups, name, 'backup_metadata.json'), JSON.stringify({ ...manifest, ...evil }));
    for (const [key, value] of Object.entries(evil)) {
      cpSync(join(backups, 'good'), join(backups, `one_${key}`), { recursive: true });
      writeFileSync(join(backups, `one_${key}`, 'backup_metadata.json'), JSON.stringify({ ...manifest, [key]: value }));
    }
    writeFileSync(join(backups, `${name}.sql`), 'x');
    mkdirSync(join(project.root, name));
    writeFileSync(join(project.root, name, 'alembic.ini'), `[alembic]\nsqlalchemy.url = ${EVIL}\nscript_location = ${EVIL}\n`);
    writeFileSync(join(project.root, '.env'), `DATABASE_URL="sqlite:///${EVIL}"\n`);
  });
  after(async () => {
    await project.remove();
  });

  const names = ['created_by', 'note', 'git', 'migrations', 'partial', 'links', 'uploads', 'files', 'created_at'].map(
    (key) => `one_${key}`,
  );
  const lines: readonly (readonly string[])[] = [
    ['list'],
    ['status'],
    ['verify'],
    ['doctor'],
    ['list', '--database', `x${EVIL.replaceAll('\0', '')}`],
    ['status', '--database', `x${EVIL.replaceAll('\0', '')}`],
    ['show', `n${EVIL.replaceAll('\0', '')}`],
    ['show', `other${EVIL.replaceAll('\0', '')}`],
    [`verb${EVIL.replaceAll('\0', '')}`],
    ['restore', `n${EVIL.replaceAll('\0', '')}`, '--dry-run'],
    ...names.flatMap((name) => [
      ['show', name],
      ['restore', name, '--dry-run'],
      ['restore', name, '--force', '--ignore-damage'],
    ]),
    ['undo', '--force'],
    ['prune', '--keep-last', '1', '--dry-run'],
  ];
  for (const line of lines) {
    it(`is harmless in ${JSON.stringify(line.join(' '))}`, async () => {
      for (const more of [[], ['--json']]) {
        const { stdout, stderr } = await project.run(...line, ...more);
        assert.doesNotMatch(stdout, HARMFUL);
        assert.doesNotMatch(stderr, HARMFUL);
        assert.ok(!/Something unexpected/.test(stdout + stderr), stdout + stderr);
        if (more.length > 0) {
          JSON.parse(stdout);
        }
      }
    });
  }
});
