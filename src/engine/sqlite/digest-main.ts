// Entry of dist/table-digests.js, a thread: answers with the sha256 of a file, then with the digests of its tables.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromReading, ReadingTask } from './digest-apart';
import { digestRows } from './digest-rows';

const CHUNK_BYTES = 512 * 1024;

void answer(workerData as ReadingTask);

async function answer({ file, ...roots }: ReadingTask): Promise<void> {
  const handle = openSync(file, 'r');
  try {
    say({ sha256: hashOf(handle) });
    say({ tables: await digestRows(handle, roots, () => undefined) });
  } finally {
    closeSync(handle);
  }
}

function hashOf(handle: number): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  for (let length = readSync(handle, chunk); length > 0; length = readSync(handle, chunk)) {
    hash.update(chunk.subarray(0, length));
  }
  return hash.digest('hex');
}

function say(message: FromReading): void {
  parentPort?.postMessage(message);
}
