// A person at a console of Windows: Wine gives its programs one where it is started in a terminal, which `script` makes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
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

/** Runs a line in cmd, types the answer when a question is on the screen, and gives the exit code. */
async function atConsole(line: string, answer: string, env: Record<string, string> = {}): Promise<number | null> {
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
    // Between the letters stands what moves the cursor.
    if (!isAnswered && /\[y\/N\]/.test(screen.replace(/\u001b(?:\[[\d;?]*[A-Za-z]|[78])/g, ''))) {
      isAnswered = true;
      child.stdin.write(answer);
    }
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

describe('a person at a console of Windows', function () {
  this.timeout(60_000);
  const backups = (): string[] =>
    readdirSync(join(wine.drive, 'project/backups'))
      .filter((name) => !name.startsWith('.'))
      .sort();

  before(() => {
    const at = (path: string): string => join(wine.drive, 'project', path);
    for (const name of readdirSync(at(''))) {
      rmSync(at(name), { recursive: true });
    }
    mkdirSync(at('backend/data'), { recursive: true });
    execute(at('backend/data/pats.db'), 'CREATE TABLE t (x)');
    // Root may have made them, and somebody else is at the console.
    const { uid, gid } = statSync(at(''));
    for (const path of ['backend', 'backend/data', 'backend/data/pats.db']) {
      chownSync(at(path), uid, gid);
    }
  });

  it('is asked by pats-backup.cmd, also where the standard input is none, and answers', async () => {
    await atConsole(`${BATCH} backup good`, '');
    assert.equal(await atConsole(`${BATCH} restore good`, 'y\r'), 0);
    assert.equal(backups().length, 2);
    // As on the editor's own Node, which gives a program with a window no standard input.
    const editor = { PATS_BACKUP_NODE: String.raw`C:\node\node.exe` };
    const line = String.raw`node C:\repo\dist\cli.js undo < nul`;
    assert.equal(await atConsole(line, 'n\r', editor), 3);
    assert.equal(backups().length, 2);
    assert.equal(await atConsole(line, 'y\r', editor), 0);
    assert.equal(backups().length, 3);
  });

  it('ends a verb in order with Ctrl-C', async () => {
    assert.notEqual(await atConsole(`${BATCH} delete good`, '\u0003'), 0);
    assert.ok(backups().includes('good'));
  });
});
