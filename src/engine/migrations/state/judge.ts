// The schema state, computed from what a tool answered: one rule for all of them.
import { offered, withSetting } from '../commands/commands';
import { positionOf, type Position } from './position';
import type { Recognised } from './recognise';
import type { SchemaProblem, SchemaState, SchemaStateName } from '../schema';
import type { AppliedMigrations, MigrationHistory, ProjectFolder } from '../tool';
import { said } from '../../said';

export interface Evidence {
  readonly answer?: AppliedMigrations | null;
  /** The state, where it is known without looking at revisions. */
  readonly fixed?: SchemaStateName;
  /** The database has tables that are not the tool's. */
  readonly hasTables?: boolean;
  readonly problems?: readonly SchemaProblem[];
}

export function judge(
  project: ProjectFolder,
  tool: Recognised | null,
  { answer = null, fixed, hasTables = false, problems = [] }: Evidence,
): SchemaState {
  const history = answer?.history ?? tool?.history ?? null;
  const position = history && positionOf(history, answer?.rows ?? []);
  const lost = tool === null || history !== null ? null : lostFiles(tool, answer);
  const name = fixed ?? nameOf(history, position, answer, lost !== null);
  const isUnversioned = name === 'never-migrated' && hasTables;
  const state = {
    tool: tool?.name ?? null,
    state: name,
    revisions: answer?.revisions ?? [],
    heads: history?.heads ?? [],
    // Of a database that nobody could read, all migrations would seem to be pending.
    pending: (fixed === 'cannot-analyse' ? [] : (position?.pending ?? [])).map(({ revision, title, file }) => ({ revision, title, file })),
    halfApplied: answer?.halfApplied ?? [],
    problems: [
      ...problems,
      ...(history?.problems ?? []),
      ...(answer?.problems ?? []),
      ...(history && position ? problemsOf(history, position) : []),
      ...(isUnversioned ? [UNVERSIONED] : []),
      ...(lost === null ? [] : [lost]),
    ],
  };
  if (tool === null || history === null) {
    return { ...state, ...withSetting({ commands: {}, commandProblem: null }, project, name) };
  }
  const situation = { state, history, hasTables: isUnversioned, stampAs: position?.stampAs ?? [] };
  return { ...state, ...offered(tool.tool, project, situation) };
}

const UNVERSIONED = {
  message:
    'The database has tables, but no migration is recorded in it. Mark the migrations that its tables already have before you apply the others.',
};

function nameOf(
  history: MigrationHistory | null,
  position: Position | null,
  answer: AppliedMigrations | null,
  isLost: boolean,
): SchemaStateName {
  const rows = answer?.rows ?? [];
  if (answer !== null && answer.halfApplied.length > 0) {
    return 'half-applied';
  }
  if (history === null || position === null) {
    return isLost ? 'cannot-analyse' : 'no-migrations';
  }
  const incomplete = history.incomplete === true;
  if (history.migrations.length === 0 && rows.length === 0) {
    return incomplete ? 'cannot-analyse' : 'no-migrations';
  }
  if (position.unknown.length > 0) {
    // The file that could not be read may be the one that is missing.
    return incomplete ? 'cannot-analyse' : unknownName(history, position);
  }
  if (rows.length === 0) {
    return 'never-migrated';
  }
  if (history.conflict !== null) {
    return 'several-heads';
  }
  // Whoever cannot read every file cannot say that nothing is pending.
  return position.pending.length > 0 ? 'behind' : incomplete ? 'cannot-analyse' : 'current';
}

/** Where a row stands for its ancestors, the files alone cannot tell "ahead" from "diverged". */
function unknownName(history: MigrationHistory, position: Position): SchemaStateName {
  return history.rowsImplyAncestors ? 'unknown-revision' : position.pending.length > 0 ? 'diverged' : 'ahead';
}

/** The rows say that there are migrations, wherever their files may be; a version number alone is nobody's migration. */
function lostFiles({ name }: Recognised, answer: AppliedMigrations | null): SchemaProblem | null {
  const rows = answer?.rows.length ?? 0;
  const hasTable = (answer?.tables ?? []).length > 0;
  const message = said`${name} has applied migrations to this database (${answer?.revisions.join(', ') ?? ''}), but none of their files was found in the project: whether any is pending cannot be said.`;
  return rows > 0 && hasTable ? { message } : null;
}

function problemsOf(history: MigrationHistory, { unknown, abbreviated, overlapping }: Position): SchemaProblem[] {
  return [
    ...unknown.map(unknownProblem),
    ...abbreviated.map(({ row, revision }) => ({
      message: said`The database says "${row}", an abbreviation of ${revision}. Write it in full before you apply anything: the next migration would leave both.`,
    })),
    ...overlapping.map(({ row, by }) => ({ message: said`The database says both ${row} and ${by}, although ${by} includes it.` })),
    ...(history.conflict === null ? [] : [{ message: history.conflict }]),
  ];
}

export function unknownProblem(revision: string): SchemaProblem {
  return {
    message: said`Revision ${revision} of the database is in no migration file here. Check out the code that has it, or restore a backup whose revision these files know.`,
  };
}
