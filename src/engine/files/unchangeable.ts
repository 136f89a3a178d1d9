// Immutable and append-only entries (chattr), where lsattr (e2fsprogs) is there to tell.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { here } from '../platform/platform';

const TIMEOUT = 10_000;
const LONGEST_OUTPUT = 64 * 1024 * 1024;

/** Those below a folder, at any depth, and the folder itself. Absolute paths. */
export async function unchangeableBelow(folder: string): Promise<string[]> {
  return lsattr(['-R', '-a', '--', folder]);
}

/** Those among paths that exist. */
export async function unchangeableOf(paths: readonly string[]): Promise<string[]> {
  return paths.length === 0 ? [] : lsattr(['-d', '--', ...paths]);
}

async function lsattr(args: readonly string[]): Promise<string[]> {
  if (!here.isLinux) {
    return [];
  }
  const text = await promisify(execFile)('lsattr', args, { timeout: TIMEOUT, maxBuffer: LONGEST_OUTPUT }).then(
    ({ stdout }) => stdout,
    // It fails for single files, and on file systems without attributes; what it could read is said all the same.
    (error: unknown) => (error instanceof Error && 'stdout' in error && typeof error.stdout === 'string' ? error.stdout : ''),
  );
  const found = text
    .split('\n')
    .map((line) => /^([-\w]+) +(\/.*)$/.exec(line))
    .filter((match) => match !== null && /[ia]/.test(match[1] ?? '') && !(match[2] ?? '').endsWith('/..'))
    .map((match) => (match?.[2] ?? '').replace(/\/\.$/, ''));
  return [...new Set(found)];
}
