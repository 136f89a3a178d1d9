// What git's other branches tell about a revision that no migration file of this checkout has.
import { filesAt } from '../git/files-at';
import { findInHistory } from '../git/git';
import { judgeElsewhere, migrationFolders } from '../migrations/state/elsewhere';
import type { SchemaState } from '../migrations/schema';
import type { ProjectFolder } from '../migrations/tool';
import { said } from '../said';

/** Where git knows a revision that this checkout's files do not. */
export interface RevisionLocation {
  readonly revision: string;
  readonly commit: string;
  readonly branches: readonly string[];
}

/** Files in which a revision of any migration tool stands. */
const MIGRATION_ENDINGS = ['.py', '.sql', '.js', '.ts', '.rb'];
/** Files in which a row's migration stands that implies its ancestors. */
const ENDINGS = ['.py'];

export interface Located {
  readonly state: SchemaState;
  /** What checks out the code that has the revision; null: no commit is known to have it. */
  readonly checkout: string | null;
}

/** "ahead" or "diverged" in place of "unknown-revision", where a branch or commit has the revision. */
export async function askGit(state: SchemaState, project: ProjectFolder): Promise<SchemaState> {
  return (await locate(state, project)).state;
}

/** The same, and how to get at the code that has the revision. */
export async function locate(state: SchemaState, project: ProjectFolder): Promise<Located> {
  const nowhere = { state, checkout: null };
  const folders = migrationFolders(project);
  if (state.state !== 'unknown-revision' || folders.length === 0) {
    return nowhere;
  }
  const known = new Set(state.heads);
  const [row] = state.revisions.filter((revision) => !known.has(revision));
  const found = row === undefined ? null : await findInHistory(project.root, row, ENDINGS);
  if (found === null) {
    return nowhere;
  }
  const patterns = folders.flatMap((folder) => ENDINGS.map((ending) => `${folder}/*${ending}`));
  // The newest commit that touched the revision may be the one that removed it: then the one before has it.
  for (const [commit, branches] of [[found.commit, found.branches] as const, [`${found.commit}~1`, []] as const]) {
    const [branch] = branches;
    const place = branch === undefined ? said`the commit ${shortOf(commit)}` : said`the branch ${branch}`;
    const judged = judgeElsewhere(state, project, { place, files: await filesAt(project.root, commit, patterns) });
    if (judged !== state) {
      return { state: judged, checkout: checkoutOf(commit, branch) };
    }
  }
  return nowhere;
}

/** A name that a shell would not take for itself, or a commit that is on no branch. */
function checkoutOf(commit: string, branch: string | undefined): string {
  return branch !== undefined && /^[\w][\w./#+-]*$/.test(branch)
    ? `git switch ${branch.replace(/^origin\//, '')}`
    : `git switch --detach ${shortOf(commit)}`;
}

function shortOf(commit: string): string {
  return commit.replace(/^([0-9a-f]{7})[0-9a-f]+/, '$1');
}

/** Where git knows a revision; null: git does not know it either, or there is no git. */
export async function locateRevision(
  _env: unknown,
  { root }: { readonly root: string },
  { revision }: { readonly revision: string },
): Promise<RevisionLocation | null> {
  const place = await findInHistory(root, revision, MIGRATION_ENDINGS);
  return place === null ? null : { revision, ...place };
}
