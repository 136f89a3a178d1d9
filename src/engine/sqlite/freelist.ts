// The list of free pages, walked without SQLite where its own check of the whole file could not run.
import { openSync, readSync, statSync } from 'node:fs';
import { closeDescriptor } from './connection';
import { said } from '../said';

/** What is wrong with the list, in words; null: nothing (https://www.sqlite.org/fileformat2.html#the_freelist). */
export function freelistProblem(file: string): string | null {
  const handle = openSync(file, 'r');
  try {
    const header = Buffer.alloc(100);
    if (readSync(handle, header, 0, header.length, 0) < header.length) {
      return null;
    }
    const stored = header.readUInt16BE(16);
    const pageSize = stored === 1 ? 65536 : stored;
    const pages = Math.floor(statSync(file).size / pageSize);
    const expected = header.readUInt32BE(36);
    const seen = new Set<number>();
    const trunk = Buffer.alloc(pageSize);
    for (let page = header.readUInt32BE(32); page !== 0; page = trunk.readUInt32BE(0)) {
      if (page > pages || seen.has(page)) {
        return said`the list of free pages leads to page ${page}`;
      }
      seen.add(page);
      readSync(handle, trunk, 0, pageSize, (page - 1) * pageSize);
      const leaves = trunk.readUInt32BE(4);
      if (leaves > pageSize / 4 - 2) {
        return said`page ${page} of the list of free pages holds too many`;
      }
      for (let leaf = 0; leaf < leaves; leaf++) {
        const free = trunk.readUInt32BE(8 + 4 * leaf);
        if (free > pages || free < 2 || seen.has(free)) {
          return said`the list of free pages names page ${free}`;
        }
        seen.add(free);
      }
    }
    return seen.size === expected ? null : said`the list of free pages has ${seen.size} pages instead of ${expected}`;
  } finally {
    closeDescriptor(handle);
  }
}
