// Which migration tool a project uses, by its files and by the tables of its database.
import type { Connection } from '../../sqlite/connection';
import { TOOLS } from '../tools/tools';
import type { AppliedMigrations, MigrationHistory, MigrationTool, ProjectFolder } from '../tool';
import { userVersion } from '../tools/user-version';

export interface Recognised {
  readonly name: string;
  readonly tool: MigrationTool;
  /** null: the database has its table, the project has no files of it. */
  readonly history: MigrationHistory | null;
}

export type RecognisedByFiles = Recognised & { readonly history: MigrationHistory };

const remembered = new WeakMap<ProjectFolder, readonly RecognisedByFiles[]>();

/** The tools whose files the project has; those with migrations first. */
export function recogniseTools(project: ProjectFolder): readonly RecognisedByFiles[] {
  const known = remembered.get(project) ?? readHistories(project);
  remembered.set(project, known);
  return known;
}

function readHistories(project: ProjectFolder): RecognisedByFiles[] {
  const all = TOOLS.flatMap((tool) => {
    const history = tool.history(project);
    return history === null ? [] : [{ name: tool.name, tool, history }];
  });
  const isUsed = ({ history }: RecognisedByFiles): boolean => history.migrations.length > 0;
  return [...all.filter(isUsed), ...all.filter((each) => !isUsed(each))];
}

/** The tool that has files here and a table in the database; otherwise one that has either. */
export function recogniseIn(db: Connection, project: ProjectFolder): { tool: Recognised | null; answer: AppliedMigrations | null } {
  const known = recogniseTools(project);
  for (const each of known) {
    const answer = each.tool.applied(db, project);
    if (answer !== null) {
      return { tool: each, answer };
    }
  }
  const [first] = known;
  if (first !== undefined) {
    return { tool: first, answer: null };
  }
  for (const tool of [...TOOLS, userVersion]) {
    const answer = tool.applied(db, project);
    if (answer !== null) {
      return { tool: { name: tool.name, tool, history: null }, answer };
    }
  }
  return { tool: null, answer: null };
}
