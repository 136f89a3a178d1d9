// What the status bar, the badges and the reminders say about the schema.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Status } from '../../../../src/engine/engine';
import { foreignText, placeText, reminderText } from '../../../../src/ui/text/reminder';
import { relationBadge, relationWords } from '../../../../src/ui/text/schema';
import { statusText } from '../../../../src/ui/text/status';

const root = '/home/pat/project';
const reader = { now: new Date('2026-03-01T12:00:00Z'), locale: 'en' };
const status: Status = {
  database: `${root}/backend/data/pats.db`,
  tool: 'alembic',
  state: 'current',
  revisions: ['aaa'],
  heads: ['aaa'],
  pending: [],
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
const two = { revision: 'bbb', title: 'add tags', file: '/b.py' };
const three = { revision: 'ccc', title: '', file: '/c.py' };
const behind: Status = { ...status, state: 'behind', heads: ['ccc'], pending: [two, three] };

function shown(changes: Partial<Status>): { text: string; sentence: string; isWarning: boolean } {
  const text = statusText({ ...status, ...changes }, root, reader);
  assert.ok(text);
  return text;
}

describe('text of the status bar', () => {
  it('is calm when the database fits the files, and keeps the backup in the sentence', () => {
    const { text, sentence, isWarning } = shown({});
    assert.deepEqual([text, isWarning], ['$(database) pats.db', false]);
    assert.match(sentence, /^backend\/data\/pats\.db: The database is at revision aaa, the latest migration\./);
    assert.match(sentence, /at the same revision as the newest backup “good” \(2 hours ago\)\. Nothing has changed since\.$/);
  });

  it('is calm when only the newest backup is older than the schema, and says so', () => {
    const { isWarning, sentence } = shown({ revisions: ['bbb'], heads: ['bbb'] });
    assert.equal(isWarning, false);
    assert.match(sentence, /newest backup “good” \(2 hours ago\) is at revision aaa/);
  });

  it('is calm and says so when there is no backup yet', () => {
    const { text, isWarning, sentence } = shown({ lastBackup: null, changedSinceBackup: null });
    assert.deepEqual([text, isWarning], ['$(database) pats.db: no backup yet', false]);
    assert.match(sentence, /It has not been backed up yet\.$/);
  });

  it('counts what is pending, and names it in the sentence', () => {
    const { text, isWarning, sentence } = shown(behind);
    assert.deepEqual([text, isWarning], ['$(warning) pats.db: 2 migrations pending', true]);
    assert.match(sentence, /2 migrations are pending\. Next: add tags, ccc\./);
    assert.match(shown({ ...behind, pending: [two] }).text, /: 1 migration pending$/);
  });

  const warnings: readonly (readonly [state: Status['state'], words: RegExp])[] = [
    ['unknown-revision', /unknown revision 1a2b3c4d \(another branch\?\)$/],
    ['ahead', /newer than the migration files$/],
    ['diverged', /is on a different branch$/],
    ['several-heads', /several heads, merge them first$/],
    ['half-applied', /partly applied migration$/],
    ['no-database', /database is missing$/],
  ];
  for (const [state, words] of warnings) {
    it(`warns in words: ${state}`, () => {
      const { text, isWarning } = shown({ state, revisions: ['1a2b3c4d5e6f'] });
      assert.equal(isWarning, true);
      assert.match(text, words);
    });
  }

  it('says what to do about an unknown revision, by the engine’s own words', () => {
    const problems = [{ message: 'Revision x is in no migration file here.' }];
    assert.ok(shown({ state: 'unknown-revision', problems }).sentence.includes('Revision x is in no migration file here.'));
  });

  it('does not warn of what it does not know', () => {
    const { text, isWarning } = shown({ state: 'cannot-analyse' });
    assert.deepEqual([text, isWarning], ['$(question) pats.db: schema state unknown', false]);
  });

  it('compares with the newest backup where there are no migration files', () => {
    const { text, isWarning, sentence } = shown({ state: 'no-migrations', tool: null, revisions: ['bbb'] });
    assert.ok(isWarning);
    assert.match(text, /revision differs from newest backup$/);
    assert.match(sentence, /revision bbb.*revision aaa/);
    assert.equal(shown({ state: 'no-migrations', tool: null }).isWarning, false);
  });

  it('is hidden without a database', () => {
    assert.equal(statusText({ ...status, database: null }, root, reader), null);
  });
});

describe('how a backup relates to the migration files', () => {
  it('has a badge of at most two characters, and words for each', () => {
    const relations = [
      { relation: 'equal', behind: 0 },
      { relation: 'behind', behind: 1 },
      { relation: 'behind', behind: 3 },
      { relation: 'behind', behind: 12 },
      { relation: 'unknown', behind: 0 },
    ] as const;
    assert.deepEqual(
      relations.map((relation) => [relationBadge(relation), relationWords(relation)]),
      [
        ['=', 'up to date'],
        ['−1', '1 migration behind'],
        ['−3', '3 migrations behind'],
        ['9+', '12 migrations behind'],
        ['?', 'unknown revision'],
      ],
    );
  });

  it('says nothing where there is nothing to compare', () => {
    assert.equal(relationBadge(undefined) + relationWords({ relation: 'none', behind: 0 }), '');
  });
});

describe('text of the reminders', () => {
  it('names the migration and the newest backup', () => {
    assert.equal(
      reminderText({ ...behind, pending: [two] }, 'pending'),
      'The migration “add tags” is pending, but the current state has not been backed up (newest: “good”). Back up before you apply it.',
    );
  });

  it('counts several, and says when there is no backup at all', () => {
    assert.equal(
      reminderText({ ...behind, lastBackup: null }, 'pending'),
      '2 migrations are pending, but there is no backup yet. Back up before you apply them.',
    );
  });

  it('does not promise a state before a migration that has begun', () => {
    assert.match(reminderText(behind, 'command'), /^A migration was started, but .* as it is at this moment\.$/);
  });

  it('names the branch that has an unknown revision, and the backup that fits', () => {
    const place = { revision: 'aaa', commit: '0123456789', branches: ['feature/tags'] };
    const text = foreignText(status, 'good', place);
    assert.match(text, /revision aaa, which is not in the migration files of this checkout/);
    assert.match(text, /in commit 0123456 on feature\/tags/);
    assert.match(text, /The newest matching backup is “good”/);
    assert.match(placeText({ ...place, branches: [] }), /in commit 0123456\.$/);
    assert.match(foreignText(status, null, null), /No backup matches these migration files/);
  });
});
