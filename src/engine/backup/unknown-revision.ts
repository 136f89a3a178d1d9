// What git's other branches tell about a revision that no migration file of this checkout has.
import { filesAt } from '../git/files-at';
import { findInHistory } from '../git/git';
import { judgeElsewhere, migrationFolders } from '../migrations/elsewhere';
import type { SchemaState } from '../migrations/schema';
import type { ProjectFolder } from '../migrations/tool';

/** Files in which a migration's revision stands. */
const ENDINGS = ['.py'];

/** "ahead" or "diverged" in place of "unknown-revision", where a branch or commit has the revision. */
export async function askGit(state: SchemaState, project: ProjectFolder): Promise<SchemaState> {
  const folders = migrationFolders(project);
  if (state.state !== 'unknown-revision' || folders.length === 0) {
    return state;
  }
  const known = new Set(state.heads);
  const [row] = state.revisions.filter((revision) => !known.has(revision));
  const found = row === undefined ? null : await findInHistory(project.root, row, ENDINGS);
  if (found === null) {
    return state;
  }
  const [branch] = found.branches;
  const place = branch === undefined ? `the commit ${found.commit.slice(0, 7)}` : `the branch ${branch}`;
  const patterns = folders.flatMap((folder) => ENDINGS.map((ending) => `${folder}/*${ending}`));
  // The newest commit that touched the revision may be the one that removed it: then the one before has it.
  for (const commit of [found.commit, `${found.commit}^`]) {
    const judged = judgeElsewhere(state, project, { place, files: await filesAt(project.root, commit, patterns) });
    if (judged !== state) {
      return judged;
    }
  }
  return state;
}
