// New folders on the real disk, and where things lie in them.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Folder {
  /** Its real path. */
  readonly path: string;
  /** The path of something in it. */
  readonly at: (...parts: string[]) => string;
  readonly remove: () => void;
}

/** Makes a folder whose name says what it is for. */
export function newFolder(purpose: string): Folder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), `pats-${purpose}-`)));
  return {
    path,
    at: (...parts) => join(path, ...parts),
    remove: () => {
      rmSync(path, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
