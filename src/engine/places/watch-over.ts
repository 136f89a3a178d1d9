// A small process beside a pause: it wakes the containers when the one that has paused them is killed.
import { spawn } from 'node:child_process';

/** Waits for the end of its input, which comes with the end of the process that holds it, however that ends. */
const PROGRAM = `
const { readFileSync, rmSync } = require('node:fs');
const { request } = require('node:http');
const [, file] = process.argv;
process.on('SIGINT', () => {}).on('SIGHUP', () => {}).on('SIGTERM', () => {});
process.stdin.on('error', () => {}).on('close', async () => {
  let record;
  try {
    record = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return;
  }
  for (const id of [...record.paused].reverse()) {
    await new Promise((done) => {
      const asked = request({ socketPath: record.socket, method: 'POST', path: '/containers/' + id + '/unpause', headers: { Host: 'docker' } });
      asked.on('response', (answer) => answer.resume().on('close', done)).on('error', done).setTimeout(10000, () => asked.destroy());
      asked.end();
    });
  }
}).resume();
`;

/**
 * Has what the record in `file` says to be paused woken if this process, or the thread of it, ends before `end` is called.
 * The record stays: the next run sees whether it was done. Where no process can be started, the next run does it.
 */
export function watchOver(file: string): { end(): void } {
  try {
    const child = spawn(process.execPath, ['-e', PROGRAM, file], {
      // Not of the terminal's group, which all get Ctrl-C.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      windowsHide: true,
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' },
    });
    child.on('error', () => undefined);
    child.stdin.on('error', () => undefined);
    child.unref();
    return { end: () => child.stdin.destroy() };
  } catch {
    return { end: () => undefined };
  }
}
