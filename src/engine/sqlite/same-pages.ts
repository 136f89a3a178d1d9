// Compares two databases at rest page by page.
import { openSync, readSync, statSync } from 'node:fs';
import { closeDescriptor } from './connection';

/** Header fields that every writer changes without changing what a database holds: versions and counters. */
const VOLATILE_HEADER = [
  [18, 20],
  [24, 28],
  [40, 44],
  [92, 100],
] as const;
const CHUNK = 1024 * 1024;

/** Whether two databases at rest hold the same pages, counters aside (https://www.sqlite.org/fileformat2.html). */
export function samePages(first: string, second: string): boolean {
  if (statSync(first).size !== statSync(second).size) {
    return false;
  }
  const handles = [openSync(first, 'r'), openSync(second, 'r')] as const;
  try {
    const chunks = [Buffer.alloc(CHUNK), Buffer.alloc(CHUNK)] as const;
    for (let position = 0; ; position += CHUNK) {
      const lengths = handles.map((handle, index) => readSync(handle, chunks[index === 0 ? 0 : 1], 0, CHUNK, position));
      if (position === 0) {
        for (const [from, to] of VOLATILE_HEADER) {
          chunks[0].fill(0, from, to);
          chunks[1].fill(0, from, to);
        }
      }
      const [length = 0] = lengths;
      if (!chunks[0].subarray(0, length).equals(chunks[1].subarray(0, lengths[1]))) {
        return false;
      }
      if (length < CHUNK) {
        return true;
      }
    }
  } finally {
    closeDescriptor(handles[0]);
    closeDescriptor(handles[1]);
  }
}
