// What the multi-file diff and the line of the restore dialog are made of.
import assert from 'node:assert/strict';
import type { Comparison } from '../../../../src/engine/engine';
import { comparedTexts, lossText } from '../../../../src/ui/text/comparison';

const NOTHING = { added: [], removed: [], changed: [] };
const EQUAL: Comparison = {
  from: 'live',
  to: 'good',
  schema: NOTHING,
  tables: [],
  uploads: NOTHING,
  revisions: { from: [], to: [] },
  warnings: [],
};
const table = { name: 'applications', before: 4, after: 6, added: 3, removed: 1, changed: 2 };

describe('a comparison in the window', () => {
  it('says in one line what a restore would lose and bring back', () => {
    assert.equal(lossText(EQUAL), 'The current data is the same as in the backup.');
    const different = {
      ...EQUAL,
      tables: [table, { ...table, name: 'notes', added: 0, removed: 0, changed: 1 }],
      uploads: { added: [], removed: ['a', 'b'], changed: [] },
    };
    assert.equal(
      lossText(different),
      'Will be lost: 1 row in applications, 2 uploads. Will change back: 2 rows in applications, 1 row in notes. Will come back: 3 rows in applications.\n• applications: 4 rows now, 6 in the backup\n• notes: 4 rows now, 6 in the backup',
    );
  });

  it('counts no record of the migration tool as a loss', () => {
    const version = { ...table, name: 'alembic_version', added: 1, removed: 1, changed: 0 };
    const moved = { ...EQUAL, tables: [version], migrationTables: ['alembic_version'] };
    assert.equal(lossText(moved), 'Only the record of applied migrations differs.');
    assert.equal(
      lossText({ ...moved, tables: [version, { ...table, removed: 0, changed: 0 }] }),
      'Will come back: 3 rows in applications.\n• applications: 4 rows now, 6 in the backup',
    );
  });

  it('is a pair of texts for the schema, for each table and for the uploads, with aligned rows and a line for what was cut', () => {
    const texts = comparedTexts({
      ...EQUAL,
      schema: {
        added: [{ type: 'index', name: 'i', sql: 'CREATE INDEX i' }],
        removed: [],
        changed: [{ type: 'table', name: 't', sql: 'NEW', before: 'OLD' }],
      },
      tables: [
        {
          ...table,
          columns: ['id', 'title'],
          rows: [
            { kind: 'removed', before: ['1', "'a'"], after: null },
            { kind: 'changed', before: ['2', "'b'"], after: ['2', "'a longer one'"] },
          ],
        },
      ],
      uploads: { added: ['uploads/new'], removed: [], changed: ['uploads/cv.pdf'] },
    });
    assert.deepEqual(texts, [
      { label: 'schema.sql', left: 'OLD;\n', right: 'CREATE INDEX i;\n\nNEW;\n' },
      {
        label: 'applications.txt',
        left: "4 rows; only those that differ are shown\nid | title\n1  | 'a'\n2  | 'b'\n... and 4 more rows that differ\n",
        right: "6 rows; only those that differ are shown\nid | title\n2  | 'a longer one'\n... and 4 more rows that differ\n",
      },
      { label: 'uploads.txt', left: 'uploads/cv.pdf\n', right: 'uploads/cv.pdf  (other content)\nuploads/new\n' },
    ]);
    assert.deepEqual(comparedTexts(EQUAL), []);
  });
});
