// Rows that are in no file here, judged with the migration files of another commit: ahead of these files, or gone another way.
import { dirname, relative } from 'node:path';
import { unknownProblem } from './judge';
import { withAncestors } from './position';
import { recogniseTools } from './recognise';
import type { SchemaState } from '../schema';
import type { FileText, ProjectFolder } from '../tool';
import { said } from '../../said';

/** Where the other files are, e.g. "the branch feature/tags". */
export interface Elsewhere {
  readonly place: string;
  readonly files: readonly FileText[];
}

/** The state with what the other files tell about it; unchanged where they do not know the rows either. */
export function judgeElsewhere(state: SchemaState, project: ProjectFolder, { place, files }: Elsewhere): SchemaState {
  const known = recogniseTools(project).find(({ name }) => name === state.tool);
  const theirs = known?.tool.migrationsIn?.(files) ?? [];
  const byId = new Map([...(known?.history.migrations ?? []), ...theirs].map((migration) => [migration.revision, migration]));
  if (known === undefined || state.state !== 'unknown-revision' || !state.revisions.every((revision) => byId.has(revision))) {
    return state;
  }
  const applied = withAncestors(state.revisions, byId);
  const here = known.history.migrations;
  const pending = here.filter(({ revision }) => !applied.has(revision));
  const isAhead = pending.length === 0;
  const common = here.filter(({ revision }) => applied.has(revision));
  const covered = new Set(common.flatMap(({ parents }) => parents));
  const last = common.map(({ revision }) => revision).filter((revision) => !covered.has(revision));
  const rows = state.revisions.join(', ');
  const message = isAhead
    ? said`Revision ${rows} of the database is newer than these files: ${place} has it. Check that out, or restore a backup whose revision these files know.`
    : said`Revision ${rows} of the database went another way than these files${last.length === 0 ? '' : said` after ${last.join(', ')}`}: ${place} has it. Check that out and downgrade to ${last.join(', ') || 'base'}, or restore a backup whose revision these files know.`;
  const unknown = state.revisions.map((revision) => unknownProblem(revision).message);
  return {
    ...state,
    state: isAhead ? 'ahead' : 'diverged',
    pending: pending.map(({ revision, title, file }) => ({ revision, title, file })),
    problems: [...state.problems.filter((problem) => !unknown.includes(problem.message)), { message }],
  };
}

/** Folders of the project's migration files, relative to its root. */
export function migrationFolders(project: ProjectFolder): string[] {
  const files = recogniseTools(project).flatMap(({ history }) => history.migrations.map(({ file }) => file));
  return [...new Set(files.map((file) => relative(project.root, dirname(file)).replaceAll('\\', '/')))];
}
