// The words in which the engine speaks about schema and migrations, the same for every migration tool.

export type SchemaStateName =
  | 'current'
  | 'behind'
  | 'ahead'
  | 'diverged'
  | 'unknown-revision'
  | 'several-heads'
  | 'half-applied'
  | 'never-migrated'
  | 'no-migrations'
  | 'no-database'
  | 'cannot-analyse';

export interface PendingMigration {
  readonly revision: string;
  readonly title: string;
  /** Absolute path of the migration file. */
  readonly file: string;
}

export interface SchemaProblem {
  readonly message: string;
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
}

/** Shell commands for exactly this project, to be shown, copied or run in a terminal. */
export interface MigrationCommands {
  readonly show?: string;
  readonly apply?: string;
  readonly mark?: string;
}

export interface SchemaState {
  /** "alembic", "django", ...; null: none was recognised. */
  readonly tool: string | null;
  readonly state: SchemaStateName;
  /** What the database says it has; several with branches, empty when it was never migrated. */
  readonly revisions: readonly string[];
  /** The newest revisions in the files (Alembic: the real heads). */
  readonly heads: readonly string[];
  readonly pending: readonly PendingMigration[];
  /** Leftovers of a migration that failed half way, in words; empty when there are none. */
  readonly halfApplied: readonly string[];
  readonly problems: readonly SchemaProblem[];
  readonly commands: MigrationCommands;
  /** Why no command is offered although there is something to apply, in a sentence; null: one is, or nothing is to be done. */
  readonly commandProblem?: string | null;
  /** What applies the migrations on this machine, where `commands.apply` does it in a container; absent: nothing does. */
  readonly applyHere?: string;
}

/** How revisions recorded somewhere relate to the project's files: `behind` is the number of migrations they lack. */
export interface FileRelation {
  readonly relation: 'equal' | 'behind' | 'unknown' | 'none';
  readonly behind: number;
}
