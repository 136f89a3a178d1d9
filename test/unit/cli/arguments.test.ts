// Specification of the command line's grammar.
import assert from 'node:assert/strict';
import { BackupError } from '../../../src/engine/errors';
import { parseArguments, type GlobalOptions } from '../../../src/cli/program';

function optionsOf(...args: string[]): GlobalOptions {
  const parsed = parseArguments(args, '1.2.3');
  if (parsed.kind === 'verb') {
    return parsed.options;
  }
  throw new assert.AssertionError({ message: parsed.text });
}

function printedBy(...args: string[]): string {
  const parsed = parseArguments(args, '1.2.3');
  return parsed.kind === 'printed' ? parsed.text : '';
}

function misuseOf(...args: string[]): BackupError {
  try {
    parseArguments(args, '1.2.3');
  } catch (error) {
    assert.ok(error instanceof BackupError);
    assert.equal(error.code, 'USAGE');
    return error;
  }
  throw new assert.AssertionError({ message: `${args.join(' ')} was understood` });
}

describe('the command line', () => {
  it('takes global options before and after the verb', () => {
    const options = { project: 'p', database: 'd', uploads: ['a', 'b'], backups: 'k', json: true, quiet: true };
    const flags = ['--project', 'p', '--database', 'd', '--uploads', 'a', '--uploads', 'b', '--backups', 'k', '--json', '--quiet'];
    assert.deepEqual(optionsOf(...flags, 'list'), options);
    assert.deepEqual(optionsOf('list', ...flags), options);
    assert.deepEqual(optionsOf('--uploads', 'a', 'show', 'x', '--uploads=b').uploads, ['a', 'b']);
  });

  for (const args of [
    ['backup'],
    ['backup', 'name', '--note', 'a note', '--allow-damaged'],
    ['auto-backup'],
    ['list'],
    ['show', 'x'],
    ['show', '--', '-x'],
    ['restore', 'x', '--force', '--database-only'],
    ['restore', 'x', '--uploads-only', '--dry-run'],
    ['undo', '--force'],
    ['status'],
    ['verify'],
    ['verify', 'a', 'b', '--deep'],
    ['delete', 'a', 'b', '--force'],
    ['pin', 'a', 'b'],
    ['unpin', 'a'],
    ['prune', '--keep-last', '3', '--keep-daily', '7', '--max-bytes', '1000000', '--dry-run'],
    ['drill', 'x'],
    ['repair', 'x', '--dry-run'],
    ['export', 'x', 'x.zip', '--passphrase-file', 'f'],
    ['import', 'x.zip'],
    ['doctor'],
  ]) {
    it(`understands ${args.join(' ')}`, () => {
      optionsOf(...args);
    });
  }

  for (const [args, message] of [
    [['--json'], /^There is no verb\.$/],
    [['lsit'], /^Unknown command 'lsit'\.$/],
    [['list', '--wrong'], /^Unknown option '--wrong'\.$/],
    [['list', 'extra'], /^Too many arguments/],
    [['show'], /^Missing required argument 'name'\.$/],
    [['prune', '--keep-last', 'x'], /'x' is invalid\. It must be a whole number\.$/],
    [['delete'], /^Missing required argument 'name'\.$/],
    [['backup', '--note'], /argument missing/],
    [['restore', 'x', '--database-only', '--uploads-only'], /cannot be used with/],
  ] as const) {
    it(`answers "${args.join(' ')}" with one sentence and a remedy`, () => {
      const error = misuseOf(...args);
      assert.match(error.message, message);
      assert.match(error.remedy, /pats-backup --help/);
    });
  }

  it('suggests the verb that was meant', () => {
    assert.match(misuseOf('lsit').remedy, /^Did you mean list\?/);
  });

  it('prints help for no verb at all, as wrong usage', () => {
    const parsed = parseArguments([], '1.2.3');
    assert.ok(parsed.kind === 'printed' && parsed.code === 2);
    assert.match(parsed.text, /^Usage: pats-backup/);
  });

  it('prints help and version', () => {
    assert.equal(printedBy('--version'), '1.2.3\n');
    const help = printedBy('--help');
    for (const verb of ['backup', 'auto-backup', 'list', 'show', 'restore', 'undo', 'status', 'verify', 'delete']) {
      assert.match(help, new RegExp(`^  ${verb}\\b`, 'm'));
    }
    assert.match(help, /Exit codes:/);
    assert.match(printedBy('restore', '--help'), /--database-only[^]*--project/);
    assert.match(printedBy('help', 'restore'), /--database-only/);
  });

  it('fits help into 80 columns', () => {
    for (const line of [...printedBy('--help').split('\n'), ...printedBy('restore', '--help').split('\n')]) {
      assert.ok(line.length <= 80, line);
    }
  });
});
