// What differs between the uploads of two states: by hash where both are known, by size and content otherwise.
import { sameMillisecond } from '../files/tree';
import { throwIfCancelled, type OperationOptions } from '../operation';
import type { Environment } from '../store/environment';
import type { ProjectState, UploadState } from './state';

export interface UploadChanges {
  /** Paths that begin with the folder's name in the backup. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

const NOTHING: UploadChanges = { added: [], removed: [], changed: [] };

/** A state that says nothing about uploads (a dump, a backup of format 1.0) differs in none. */
export async function compareUploads(
  env: Environment,
  from: ProjectState,
  to: ProjectState,
  options: OperationOptions,
): Promise<UploadChanges> {
  if (from.uploads === null || to.uploads === null) {
    return NOTHING;
  }
  const changed: string[] = [];
  for (const [path, before] of from.uploads) {
    throwIfCancelled(options.signal);
    const after = to.uploads.get(path);
    if (after !== undefined && !(await isSame(env, before, after))) {
      changed.push(path);
    }
  }
  const { uploads: earlier } = from;
  const { uploads: later } = to;
  return {
    added: [...later.keys()].filter((path) => !earlier.has(path)).sort(),
    removed: [...earlier.keys()].filter((path) => !later.has(path)).sort(),
    changed: changed.sort(),
  };
}

/** Equal size and time are trusted only as far as a backup trusts them: between a live file and the record of it. */
async function isSame(env: Environment, before: UploadState, after: UploadState): Promise<boolean> {
  if (before.size !== after.size) {
    return false;
  }
  if (before.sha256 === null && after.sha256 !== null && sameMillisecond(before.mtime, after.mtime)) {
    return true;
  }
  return (before.sha256 ?? (await env.disk.hash(before.file))) === (after.sha256 ?? (await env.disk.hash(after.file)));
}
