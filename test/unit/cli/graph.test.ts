// The map of migrations as text: branches part and meet, and each line says what stands there.
import assert from 'node:assert/strict';
import { graphText } from '../../../src/cli/text/graph';
import type { MigrationMap } from '../../../src/engine/engine';

type Entry = MigrationMap['migrations'][number];

function entry(revision: string, parents: string[], more: Partial<Entry> = {}): Entry {
  return {
    revision,
    parents,
    title: `title ${revision}`,
    file: `/x/${revision}`,
    state: 'applied',
    isHead: false,
    isCurrent: false,
    backups: [],
    ...more,
  };
}

describe('the map of migrations', () => {
  it('shows a branch and its merge, the database, the heads and the backups', () => {
    const text = graphText({
      tool: 'alembic',
      unknown: [],
      migrations: [
        entry('a', []),
        entry('b', ['a'], { backups: ['good', 'other'] }),
        entry('c', ['a'], { isCurrent: true }),
        entry('d', ['b', 'c'], { state: 'pending' }),
        entry('e', ['d'], { state: 'pending', isHead: true }),
      ],
    });
    assert.equal(
      text,
      [
        'o  e (head) title e',
        'o  d title d',
        '| \\',
        '| *  c (database) title c',
        '* |  b title b [good, other]',
        '* /  a title a',
        '* applied  o pending  (alembic)',
      ].join('\n'),
    );
  });

  it('keeps several heads apart, and names a revision that no file has', () => {
    const text = graphText({
      tool: 'alembic',
      unknown: ['ffff'],
      migrations: [
        entry('a', [], { state: 'unknown' }),
        entry('b', ['a'], { state: 'unknown', isHead: true }),
        entry('c', ['a'], { state: 'unknown', isHead: true }),
      ],
    });
    assert.equal(
      text,
      [
        'The database is at ffff, which no file here has.',
        '?  c (head) title c',
        '| ?  b (head) title b',
        '? /  a title a',
        '* applied  o pending  ? unknown  (alembic)',
      ].join('\n'),
    );
    assert.equal(graphText({ tool: null, unknown: [], migrations: [] }), 'No migrations were found in the project.');
  });
});
