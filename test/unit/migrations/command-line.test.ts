// Command lines that start a migration, and those that only look like it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { migrationCommand } from '../../../src/engine/migrations/command-line';

const file = join(process.env['PATS_REPO'] ?? process.cwd(), 'test/unit/migrations/migration-commands.tsv');
const lines = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t') as [tool: string, commandLine: string]);

describe('command lines of migrations', () => {
  it('are a list worth the name', () => {
    assert.ok(lines.length >= 69);
  });

  for (const [tool, commandLine] of lines) {
    const isNone = tool.startsWith('-');
    it(`${commandLine}: ${isNone ? 'starts none' : `starts one of ${tool}`}`, () => {
      assert.deepEqual(migrationCommand(commandLine), isNone ? null : { tool });
    });
  }

  it('are recognised after other commands, and not in a text that mentions them', () => {
    assert.deepEqual(migrationCommand('cd backend && alembic upgrade head'), { tool: 'alembic' });
    assert.equal(migrationCommand('git commit -m "run alembic upgrade head"'), null);
    assert.equal(migrationCommand('alembic upgrade --help'), null);
    assert.equal(migrationCommand(''), null);
  });
});
