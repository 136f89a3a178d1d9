// A small process beside a pause: it wakes the containers when the one that has paused them is killed.
import { spawn } from 'node:child_process';

/**
 * Waits for the end of its input, which comes with the end of the process that holds it, however that ends. What the record
 * does not confirm may have been asked for in the last moment: it is woken if Docker says that it was paused since, once.
 */
const PROGRAM = `
const { readFileSync } = require('node:fs');
const { request } = require('node:http');
const [, file] = process.argv;
const read = () => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
};
const ask = (record, method, path) =>
  new Promise((done) => {
    const asked = request({ socketPath: record.socket, method, path, headers: { Host: 'docker' } }, (answer) => {
      let said = '';
      answer.on('data', (part) => (said += part)).on('close', () => done(said));
    });
    asked.on('error', () => done('')).setTimeout(10000, () => asked.destroy());
    asked.end();
  });
const wake = (record, id) => ask(record, 'POST', '/containers/' + id + '/unpause');
process.on('SIGINT', () => {}).on('SIGHUP', () => {}).on('SIGTERM', () => {});
process.stdin.on('error', () => {}).on('close', async () => {
  const record = read();
  if (record === null) {
    return;
  }
  for (const id of [...record.paused].reverse()) {
    await wake(record, id);
  }
  await new Promise((done) => setTimeout(done, 1000));
  if (read() === null) {
    return;
  }
  for (const id of record.containers.filter((each) => !record.paused.includes(each))) {
    const filters = encodeURIComponent(JSON.stringify({ type: ['container'], container: [id], event: ['pause', 'unpause'] }));
    const said = await ask(record, 'GET', '/events?since=' + (record.at / 1000).toFixed(3) + '&until=' + Math.ceil(Date.now() / 1000) + '&filters=' + filters);
    const actions = said.split('\\n').filter((line) => line.trim() !== '').map((line) => JSON.parse(line).Action);
    if (actions.join() === 'pause') {
      await wake(record, id);
    }
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
