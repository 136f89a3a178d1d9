// The nodes of the tree "Schema": data only, made anew from every state.
import type { MigrationCommands, PendingMigration, SchemaProblem, Status } from '../../engine/engine';
import type { OpenProject, Projects } from '../window/projects';
import type { ProjectState } from './states';

interface In {
  readonly project: OpenProject;
}

export type FactName = 'state' | 'database' | 'revision' | 'heads';
export type GroupName = 'pending' | 'halfApplied' | 'problems' | 'commands';

export interface CommandNode extends In {
  readonly kind: 'command';
  readonly name: keyof MigrationCommands;
  readonly line: string;
}

export type SchemaNode =
  | (In & { readonly kind: 'project'; readonly state: ProjectState })
  | (In & { readonly kind: 'fact'; readonly name: FactName; readonly status: Status })
  | (In & { readonly kind: 'failure'; readonly error: unknown })
  | (In & { readonly kind: 'group'; readonly name: GroupName; readonly nodes: readonly SchemaNode[] })
  | (In & { readonly kind: 'migration'; readonly migration: PendingMigration })
  | (In & { readonly kind: 'trace'; readonly sentence: string; readonly index: number })
  | (In & { readonly kind: 'before'; readonly backup: string })
  | (In & { readonly kind: 'problem'; readonly problem: SchemaProblem; readonly index: number })
  | CommandNode;

export function projectNode(state: ProjectState): SchemaNode {
  return { kind: 'project', project: state.project, state };
}

export function childrenOf(node: SchemaNode): readonly SchemaNode[] {
  switch (node.kind) {
    case 'project':
      return sectionsOf(node.state);
    case 'group':
      return node.nodes;
    case 'fact':
    case 'failure':
    case 'migration':
    case 'trace':
    case 'before':
    case 'problem':
    case 'command':
      return [];
  }
}

/** What is known about one project; a group without content is left out. */
export function sectionsOf({ project, status, failed, error }: ProjectState): readonly SchemaNode[] {
  if (status === undefined) {
    return [{ kind: 'failure', project, error }];
  }
  const facts: readonly FactName[] =
    status.database === null && (status.databasePlace ?? null) === null ? ['state', 'heads'] : ['state', 'database', 'revision', 'heads'];
  const lines = Object.entries(status.commands) as [keyof MigrationCommands, string][];
  const { commandProblem = null } = status;
  const problems = [...status.problems, ...(commandProblem === null ? [] : [{ message: commandProblem }])];
  const groups: readonly (readonly [GroupName, readonly SchemaNode[]])[] = [
    ['pending', status.pending.map((migration) => ({ kind: 'migration', project, migration }))],
    [
      'halfApplied',
      [
        ...leftBy(status.halfApplied, failed).map((sentence, index): SchemaNode => ({ kind: 'trace', project, sentence, index })),
        ...(failed === undefined ? [] : [{ kind: 'before', project, backup: failed.backup } satisfies SchemaNode]),
      ],
    ],
    ['problems', problems.map((problem, index) => ({ kind: 'problem', project, problem, index }))],
    ['commands', lines.map(([name, line]) => ({ kind: 'command', project, name, line }))],
  ];
  return [
    ...facts
      .filter((name) => name !== 'heads' || status.heads.length > 0)
      .map((name): SchemaNode => ({ kind: 'fact', project, name, status })),
    ...groups.filter(([, nodes]) => nodes.length > 0).map(([name, nodes]): SchemaNode => ({ kind: 'group', project, name, nodes })),
  ];
}

/** What the database shows of a failed migration, and what was seen when it failed; each once. */
function leftBy(traces: readonly string[], failed: ProjectState['failed']): readonly string[] {
  return [...new Set([...traces, ...(failed?.left ?? [])])];
}

/** The command among a menu's arguments, if it was opened on one. */
export function commandNode(value: unknown): CommandNode | undefined {
  const isCommand = typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'command' && 'line' in value;
  return isCommand ? (value as CommandNode) : undefined;
}

/** The project of a row of the view "Schema"; undefined: the argument is none. */
export function projectOfNode(value: unknown, projects: Projects): OpenProject | undefined {
  const named = typeof value === 'object' && value !== null && 'project' in value ? (value.project as Partial<OpenProject>) : undefined;
  return projects.all().find(({ root }) => root === named?.root);
}
