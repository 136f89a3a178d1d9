// The files of a look as the readers of compose files take them.
import { stat, readFile } from 'node:fs/promises';
import { basename } from 'node:path';

const MAX_TEXT_BYTES = 1024 * 1024;

export interface FoundFiles {
  /** Absolute paths, nearest to the root first. Links to files are among them. */
  readonly files: readonly string[];
}

/** The text of a small file; null when it is none, is too big or may not be read. */
export async function readSmallText(file: string): Promise<string | null> {
  try {
    const stats = await stat(file);
    // Opening a FIFO would wait for its writer for ever.
    if (!stats.isFile() || stats.size > MAX_TEXT_BYTES) {
      return null;
    }
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch {
    return null;
  }
}

/** Those of the found files whose name matches. */
export function filesNamed(found: FoundFiles, pattern: RegExp): string[] {
  return found.files.filter((file) => pattern.test(basename(file)));
}
