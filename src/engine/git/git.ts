// Where the project's git checkout stands: branch, commit and whether tracked files are changed.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface GitState {
  /** null: detached HEAD. */
  readonly branch: string | null;
  /** Full hash; null: no commit yet. */
  readonly commit: string | null;
  /** Tracked files differ from the commit. */
  readonly dirty: boolean;
}

/** Milliseconds without output after which git is given up: a backup never waits for it. */
const PATIENCE = 10_000;

/** The state of the checkout that `folder` is in; null when it is in none or git is not installed. */
export async function readGit(folder: string): Promise<GitState | null> {
  if (!isInCheckout(folder)) {
    return null;
  }
  const { simpleGit } = await import('simple-git');
  const git = simpleGit({ baseDir: folder, timeout: { block: PATIENCE } });
  const ask = async (...args: string[]): Promise<string | null> => {
    try {
      return (await git.raw(args)).trim();
    } catch {
      // git answers a question it has no answer for with an error: no commit, no branch, no git at all.
      return null;
    }
  };
  if ((await ask('rev-parse', '--is-inside-work-tree')) !== 'true') {
    return null;
  }
  const branch = await ask('symbolic-ref', '--quiet', '--short', 'HEAD');
  const commit = await ask('rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
  // Without optional locks `status` leaves the index alone, so that it never stands in the way of the user's own git.
  const changes = await ask('--no-optional-locks', 'status', '--porcelain', '--untracked-files=no');
  return { branch: branch === '' ? null : branch, commit: commit === '' ? null : commit, dirty: changes !== null && changes !== '' };
}

export interface RevisionPlace {
  /** Full hash of the newest commit, on any branch, that added or removed the text. */
  readonly commit: string;
  /** Branches that contain that commit, local ones first; empty: none does any more. */
  readonly branches: readonly string[];
}

/** The newest commit of all branches whose change touches a line with this text in files of these endings; null: none, or no git. */
export async function findInHistory(folder: string, text: string, endings: readonly string[]): Promise<RevisionPlace | null> {
  if (!isInCheckout(folder)) {
    return null;
  }
  const { simpleGit } = await import('simple-git');
  const git = simpleGit({ baseDir: folder, timeout: { block: PATIENCE } });
  try {
    const patterns = endings.map((ending) => `*${ending}`);
    const commit = (await git.raw(['log', '--all', '--max-count=1', '--format=%H', `-S${text}`, '--', ...patterns])).trim();
    if (commit === '') {
      return null;
    }
    const listed = await git.raw(['for-each-ref', '--format=%(refname)', '--contains', commit, 'refs/heads', 'refs/remotes']);
    const branches = listed
      .split('\n')
      .filter((ref) => ref !== '' && !ref.endsWith('/HEAD'))
      .map((ref) => ref.replace(/^refs\/(heads|remotes)\//, ''));
    return { commit, branches };
  } catch {
    return null;
  }
}

/** Whether git ignores a path; null: no checkout, or git cannot say. */
export async function isIgnored(folder: string, path: string): Promise<boolean | null> {
  if (!isInCheckout(folder)) {
    return null;
  }
  const { simpleGit } = await import('simple-git');
  try {
    return (await simpleGit({ baseDir: folder, timeout: { block: PATIENCE } }).checkIgnore([path])).length > 0;
  } catch {
    return null;
  }
}

function isInCheckout(folder: string): boolean {
  for (let place = folder; ; place = dirname(place)) {
    if (existsSync(join(place, '.git'))) {
      return true;
    }
    if (place === dirname(place)) {
      return false;
    }
  }
}
