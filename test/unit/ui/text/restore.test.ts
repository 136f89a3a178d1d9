// The question before a restore, the message after it, and the status bar.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RestorePlan, RestoreResult, Status } from '../../../../src/engine/engine';
import { canRun } from '../../../../src/ui/text/command';
import { progressText } from '../../../../src/ui/text/progress';
import { relativeTo, restoredText, restoreQuestion, rowsDone, undoQuestion, withLosses } from '../../../../src/ui/text/restore';
import { schemaSentence } from '../../../../src/ui/text/schema';

const reader = { now: new Date('2026-03-01T12:00:00Z'), locale: 'en' };
const root = '/home/me/pats';

const plan: RestorePlan = {
  backup: {
    name: 'good',
    path: `${root}/backups/good`,
    status: 'ok',
    sizeBytes: 10,
    manifest: {
      backup_name: 'good',
      timestamp: '20260301_100000',
      created_at: '2026-03-01T10:00:00Z',
      alembic_revision: 'aaa',
      database_file: 'pats.db',
      uploads_included: true,
      backup_version: '1.1',
      git: { branch: 'main', commit: '0123456789', dirty: false },
    },
  },
  scope: 'all',
  replaces: [`${root}/backend/data/pats.db`, '/elsewhere/uploads'],
  database: 'in-place',
  uploads: 'replace',
  problems: [],
  warnings: [],
  revisionsBefore: ['bbb'],
  revisionsAfter: ['aaa'],
};

const status: Status = {
  database: `${root}/backend/data/pats.db`,
  tool: 'alembic',
  state: 'behind',
  revisions: ['aaa'],
  heads: ['ccc'],
  pending: [
    { revision: 'bbb', title: 'two', file: '/b.py' },
    { revision: 'ccc', title: 'three', file: '/c.py' },
  ],
  halfApplied: [],
  problems: [],
  commands: {},
  lastBackup: { name: 'good', createdAt: '2026-03-01T10:00:00Z', revisions: ['aaa'] },
  changedSinceBackup: false,
  stateKey: '0123456789abcdef',
  watch: [],
  warnings: [],
  candidates: [],
  notProtected: [],
};

describe('question before a restore', () => {
  it('names the backup, its age, branch and commit, the revisions, what is replaced and the safety backup', () => {
    const { message, detail, button } = restoreQuestion(plan, root, reader);
    assert.equal(message, 'Restore “good”?');
    assert.equal(button, 'Restore');
    for (const part of ['2 hours ago', 'main at 0123456', 'aaa in the backup, bbb now', '• backend/data/pats.db', '• /elsewhere/uploads']) {
      assert.ok(detail.includes(part), `${part} is missing in ${detail}`);
    }
    assert.match(detail, /safety backup of the current state is created first/);
    assert.match(detail, /in place/);
  });

  it('says when the revisions are the same, and leaves them out when only uploads are restored', () => {
    assert.match(restoreQuestion({ ...plan, revisionsBefore: ['aaa'] }, root, reader).detail, /aaa, the same as now/);
    const uploads = restoreQuestion({ ...plan, scope: 'uploads', database: 'untouched' }, root, reader);
    assert.equal(uploads.message, 'Restore only the uploads of “good”?');
    assert.doesNotMatch(uploads.detail, /Revision/);
  });

  it('asks differently about a damaged backup, names its problems, and not more than can be read', () => {
    const problems = Array.from({ length: 11 }, (_, n) => `uploads/${n} is missing.`);
    const { message, detail, button } = restoreQuestion({ ...plan, problems }, root, reader);
    assert.equal(message, '“good” is damaged. Restore it anyway?');
    assert.equal(button, 'Restore Anyway');
    assert.match(detail, /uploads\/7 is missing/);
    assert.match(detail, /and 3 more/);
  });

  it('passes the engine’s warnings on', () => {
    assert.match(
      restoreQuestion({ ...plan, warnings: [{ code: 'NOT_CHECKED', message: 'Docker has it open.' }] }, root, reader).detail,
      /• Docker has it open\./,
    );
  });

  it('says before an undo which restore is undone', () => {
    const manifest = plan.backup.manifest && {
      ...plan.backup.manifest,
      safety: { restored: 'older', database: 'present' as const, uploads: 'present' as const },
    };
    const { message, button } = undoQuestion({ ...plan, backup: { ...plan.backup, ...(manifest && { manifest }) } }, root, reader);
    assert.equal(message, 'Go back to the state before “older” was restored?');
    assert.equal(button, 'Undo Restore');
  });

  it('speaks of a redo when the last restore was undone', () => {
    const { message, button, detail } = undoQuestion(plan, root, reader, 'older');
    assert.equal(message, 'Redo the restore of “older”?');
    assert.equal(button, 'Redo Restore');
    assert.match(detail, /^You undid this restore\./);
  });

  it('tells what will be created from what will be replaced', () => {
    const both = restoreQuestion({ ...plan, creates: ['/elsewhere/uploads'] }, root, reader).detail;
    assert.match(both, /Will be replaced:\n• backend\/data\/pats\.db\nWill be created:\n• \/elsewhere\/uploads/);
    const fresh = restoreQuestion({ ...plan, database: 'create', creates: plan.replaces }, root, reader).detail;
    assert.match(fresh, /No existing data will be replaced\.\nWill be created:\n• backend/);
    assert.doesNotMatch(fresh, /Will be replaced:/);
  });

  it('proposes the nearest good backup in the place of a damaged one', () => {
    const { detail, more } = restoreQuestion({ ...plan, problems: ['x is missing.'] }, root, reader, 'main - two');
    assert.match(detail, /The nearest good backup is “main - two”\./);
    assert.equal(more, 'Use the Other');
    assert.equal(withLosses({ message: '', detail: '', button: '', more: 'Use the Other' }, null, false).more, 'Use the Other');
  });

  it('writes a path relative to the project only when it lies below it', () => {
    assert.equal(relativeTo(root, `${root}/a/b`), 'a/b');
    assert.equal(relativeTo(root, `${root}2/a`), `${root}2/a`);
  });
});

describe('message after a restore', () => {
  const result: RestoreResult = {
    restored: 'good',
    safetyBackup: 'pre_restore_1',
    revisionBefore: 'bbb',
    revisionAfter: 'aaa',
    commands: ['alembic upgrade head'],
    warnings: [],
  };

  it('says what was restored, where the schema stands and which command brings it up', () => {
    assert.equal(
      restoredText(result, status),
      '“good” was restored. The database is at revision aaa; 2 migrations are pending. To bring the database up to date, run: alembic upgrade head',
    );
  });

  it('says of a part what came back, and nothing about the schema, which is what it was', () => {
    const table = { name: 'companies', added: 1, changed: 0, removed: 2 };
    const part = (tables: readonly (typeof table)[], files: readonly string[]): RestoreResult => ({
      ...result,
      commands: [],
      revisionBefore: 'aaa',
      part: { tables, files },
    });
    assert.equal(restoredText(part([table], []), status), 'The table companies was restored from “good”.');
    assert.equal(rowsDone(part([table], [])), 'The selected rows of companies were restored from “good”.');
    assert.equal(restoredText(part([], ['uploads/1/a.txt']), status), '“uploads/1/a.txt” was restored from “good”.');
  });

  it('says of an undo which restore was undone', () => {
    assert.match(
      restoredText(result, status, 'The restore of “good” was undone.'),
      /^The restore of “good” was undone\. The database is at/,
    );
  });

  it('says the revision itself when the schema state could not be read', () => {
    assert.equal(restoredText({ ...result, commands: [] }, null), '“good” was restored. The database is at revision aaa.');
  });
});

describe('what a restore would lose, in its question', () => {
  const question = { message: 'Restore?', detail: 'Facts.', button: 'Restore' };

  it('stands first and apart, and after a change it is said that the user was asked before', () => {
    assert.equal(withLosses(question, 'Will be lost: 2 uploads.', false).detail, 'Will be lost: 2 uploads.\n\nFacts.');
    assert.match(withLosses(question, 'Will be lost: 2 uploads.', true).detail, /^The current data has changed .*\nWill be lost/);
  });

  it('can be shown instead where it is not known', () => {
    assert.deepEqual(withLosses(question, null, false), { ...question, more: 'Show Changes' });
    assert.equal(withLosses(question, 'Known.', false).more, undefined);
  });
});

describe('text of states and progress', () => {
  it('has a sentence for every schema state', () => {
    const states = ['current', 'behind', 'ahead', 'diverged', 'unknown-revision', 'several-heads', 'half-applied'] as const;
    const more = ['never-migrated', 'no-migrations', 'no-database', 'cannot-analyse'] as const;
    for (const state of [...states, ...more]) {
      assert.match(schemaSentence({ ...status, state }), /^[A-Z].*[.?]$/, state);
    }
  });

  it('counts one pending migration in the singular', () => {
    assert.match(schemaSentence({ ...status, pending: status.pending.slice(0, 1) }), /1 migration is pending/);
  });

  it('names the phase and the bytes, or the phase alone while the total is unknown', () => {
    assert.equal(progressText({ phase: 'database', doneBytes: 1024, totalBytes: 4096 }), 'Copying the database: 1 KB of 4 KB');
    assert.equal(progressText({ phase: 'safety', doneBytes: 0, totalBytes: 0 }), 'Creating a safety backup');
  });
});

describe('commands that are handed out', () => {
  it('are run only when nothing has to be filled in', () => {
    assert.equal(canRun(['uv run alembic upgrade head']), true);
    assert.equal(canRun(['alembic stamp --purge 1a2b3c', 'alembic upgrade head']), true);
    assert.equal(canRun(['alembic stamp REVISION', 'alembic upgrade head']), false);
    assert.equal(canRun(["docker compose exec api sh -c 'alembic stamp REVISION'"]), false);
    assert.equal(canRun([]), false);
  });
});
