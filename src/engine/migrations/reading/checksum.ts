// The fingerprints that some tools keep of a migration file, to notice that it was edited after it was applied.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isFile } from './look';

/** SHA-256 in hex; null when the file cannot be read. */
export function checksumOf(file: string): string | null {
  const bytes = bytesOf(file);
  return bytes === null ? null : sha256(bytes);
}

/** The file has this checksum with one kind of line ends or the other: git may change them on checkout. */
export function hasChecksum(file: string, checksum: string): boolean {
  const bytes = bytesOf(file);
  if (bytes === null) {
    return false;
  }
  const text = bytes.toString('utf8').replaceAll('\r\n', '\n');
  return [bytes, text, text.replaceAll('\n', '\r\n')].some((each) => sha256(each) === checksum);
}

function bytesOf(file: string): Buffer | null {
  try {
    return isFile(file) ? readFileSync(file) : null;
  } catch {
    return null;
  }
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}
