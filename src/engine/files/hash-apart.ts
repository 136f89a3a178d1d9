// sha256 of a large file in a thread of its own, so that it is read while SQLite keeps this one busy.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Bytes from which on reading takes longer than starting a thread. */
export const WORTH_A_THREAD = 32 * 1024 * 1024;
/** Milliseconds in which a thread gets under way: nothing is heard of it while SQLite checks. */
export const TO_BEGIN = 5;

/** As text: it needs nothing but Node, and no file that each bundle would have to carry. */
const HASH = `
const { createHash } = require('node:crypto');
const { closeSync, openSync, readSync } = require('node:fs');
const { parentPort, workerData } = require('node:worker_threads');
const hash = createHash('sha256');
const chunk = Buffer.allocUnsafeSlow(512 * 1024);
const file = openSync(workerData, 'r');
for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) {
  hash.update(chunk.subarray(0, length));
}
closeSync(file);
parentPort.postMessage(hash.digest('hex'));
`;

/** In hex. Fails with the system's own error, or with ABORT_ERR when it is told to stop. Never of a live database: it is closed in this process. */
export async function hashApart(path: string, signal?: AbortSignal): Promise<string> {
  const worker = new Worker(HASH, { eval: true, workerData: path });
  try {
    const [sha256] = (await once(worker, 'message', signal === undefined ? {} : { signal })) as [string];
    return sha256;
  } finally {
    await worker.terminate();
  }
}
