// The fingerprints that some tools keep of a migration file, to notice that it was edited after it was applied.
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

const MOST_BYTES = 64 * 1024 * 1024;

/** What the files have as checksums, each read once, however often it is asked for. */
export class Checksums {
  readonly #known = new Map<string, readonly string[]>();

  /** SHA-256 in hex of the file as it is; null when it cannot be read. */
  of(file: string): string | null {
    return this.all(file)[0] ?? null;
  }

  /** Also those with the other kinds of line ends: git may change them on checkout. Empty when the file cannot be read. */
  all(file: string): readonly string[] {
    const known = this.#known.get(file) ?? checksumsOf(file);
    this.#known.set(file, known);
    return known;
  }
}

function checksumsOf(file: string): readonly string[] {
  const bytes = bytesOf(file);
  if (bytes === null) {
    return [];
  }
  const text = bytes.toString('utf8').replaceAll('\r\n', '\n');
  return [bytes, text, text.replaceAll('\n', '\r\n')].map(sha256);
}

function bytesOf(file: string): Buffer | null {
  try {
    const stats = statSync(file);
    return stats.isFile() && stats.size <= MOST_BYTES ? readFileSync(file) : null;
  } catch {
    return null;
  }
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}
