// A person at a console of Windows: Wine gives its programs one where it is started in a terminal, which `script` makes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execute } from '../support/pats-project';

interface Wine {
  /** What an ordinary user runs in Wine is typed after this. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where drive C is on this machine. */
  readonly drive: string;
}

const wine = JSON.parse(process.env['PATS_TEST_WINE'] ?? '{}') as Wine;
const BATCH = String.raw`C:\repo\bin\pats-backup.cmd`;

/** Runs a line in cmd, types the answer when a question is on the screen, and gives all that was written there. */
async function atConsole(line: string, answer: string, env: Record<string, string> = {}): Promise<string> {
  const command = [...wine.command, 'cmd', '/c', line].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: join(wine.drive, 'project'),
    env: { ...wine.env, ...env, TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let screen = '';
  let isAnswered = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    if (!isAnswered && screen.includes('[y/N]')) {
      isAnswered = true;
      child.stdin.write(answer);
    }
  });
  await once(child, 'close');
  return screen;
}

describe('a person at a console of Windows', function () {
  this.timeout(60_000);
  const backups = (): string[] =>
    readdirSync(join(wine.drive, 'project/backups'))
      .filter((name) => !name.startsWith('.'))
      .sort();

  before(() => {
    mkdirSync(join(wine.drive, 'project/backend/data'), { recursive: true });
    execute(join(wine.drive, 'project/backend/data/pats.db'), 'CREATE TABLE t (x)');
  });

  it('is asked by pats-backup.cmd, also where the standard input is none, and answers', async () => {
    await atConsole(`${BATCH} backup good`, '');
    assert.match(await atConsole(`${BATCH} restore good`, 'y\r'), /Restored good/);
    assert.equal(backups().length, 2);
    // As on the editor's own Node, which gives a program with a window no standard input.
    const editor = { PATS_BACKUP_NODE: String.raw`C:\node\node.exe` };
    const line = String.raw`node C:\repo\dist\cli.js undo < nul`;
    assert.match(await atConsole(line, 'n\r', editor), /Nothing was changed/);
    assert.equal(backups().length, 2);
    assert.doesNotMatch(await atConsole(line, 'y\r', editor), /Nothing was changed|no terminal/);
    assert.equal(backups().length, 3);
  });

  it('ends a verb in order with Ctrl-C', async () => {
    assert.match(await atConsole(`${BATCH} delete good`, '\u0003'), /Cancelling/);
    assert.ok(backups().includes('good'));
  });
});
