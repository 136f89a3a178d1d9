// Whether this user may write somewhere, and what helps where not.
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { here } from '../platform/platform';
import { said } from '../said';

export function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export function ownerAdvice(path: string): string {
  return here.isWindows
    ? said`Give this user the right to write ${path}.`
    : said`A container that runs as root may own it. Run: sudo chown -R "$(id -u):$(id -g)" "${join(path)}"`;
}
