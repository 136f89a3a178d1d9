// What somebody saw before agreeing to a restore: the state of everything live that it would replace, as a key.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fingerprintOf } from '../create/fingerprint';
import { BackupError } from '../errors';
import { walkTree } from '../files/tree';
import type { Environment } from '../store/environment';
import type { RestoreTarget } from './target';

/** Equal keys: nobody has written to what would be replaced. */
export async function liveKey({ disk }: Environment, { database, uploads }: RestoreTarget): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(database === null ? [] : fingerprintOf(database.live)));
  for (const { live, keep } of uploads) {
    const { files, links } = await walkTree(
      disk,
      live,
      keep.map((path) => join(live, path)),
    );
    for (const { path, size, mtime } of files) {
      hash.update(JSON.stringify([path, size, String(mtime)]));
    }
    for (const { path, target } of links) {
      hash.update(JSON.stringify([path, target]));
    }
  }
  return hash.digest('hex');
}

/** Fails with STATE_CHANGED when what is live is not what was seen; undefined: nobody looked. */
export async function requireSeen(env: Environment, target: RestoreTarget, seen: string | undefined): Promise<void> {
  if (seen !== undefined && (await liveKey(env, target)) !== seen) {
    throw new BackupError(
      'STATE_CHANGED',
      'The current data has changed since you were asked.',
      'Nothing was changed. Look again, then decide.',
    );
  }
}
