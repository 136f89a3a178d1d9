// The one interface behind which every migration tool stands: its answers are read statically, no project code is run.
import type { ContainerPlace } from '../compose/place';
import type { Connection } from '../sqlite/connection';
import type { NamedFolder, SourceAnswer } from './reading/named';
import type { MigrationCommands, SchemaProblem, SchemaState } from './schema';

/** The project as a migration tool sees it; absolute paths. What was read is remembered for one object: a new one looks again. */
export interface ProjectFolder {
  readonly root: string;
  readonly database: string | null;
  /** Where the database lies, if only a container reaches it. */
  readonly databasePlace?: ContainerPlace;
  /** The command that the setting patsBackup.migrateCommand names, as it is typed in the root. */
  readonly migrateCommand?: string;
  /** The folder is not trusted: no program may be asked about it. */
  readonly readOnly?: boolean;
  /** The variables of one way in which the program is started, over those of `.env` files; absent: only the files count. */
  readonly variables?: ReadonlyMap<string, string>;
  /** Of the files only those that code names: nothing shows that `.env` is read as well. */
  readonly onlyNamed?: boolean;
}

export interface Migration {
  readonly revision: string;
  readonly title: string;
  /** Absolute path of the migration file. */
  readonly file: string;
  /** Revisions that must be applied before this one. */
  readonly parents: readonly string[];
  /** A squashed migration: those that it stands for, oldest first. */
  readonly replaces?: readonly string[];
}

/** What the project's files hold. */
export interface MigrationHistory {
  /** Absolute folder in which the tool's commands run. */
  readonly folder: string;
  /** In the order in which the tool applies them. */
  readonly migrations: readonly Migration[];
  /** The newest revisions; Alembic: the real heads. */
  readonly heads: readonly string[];
  /** Alembic: a row stands for all its ancestors. Others: every row stands for itself. */
  readonly rowsImplyAncestors: boolean;
  /** Why the tool refuses to apply before somebody merges, in a sentence; null: it does not. */
  readonly conflict: string | null;
  readonly problems: readonly SchemaProblem[];
  /** A file could not be understood: there may be migrations that are not in the list. */
  readonly incomplete?: boolean;
  /** Absolute files and folders whose change can change this answer. */
  readonly watch: readonly string[];
}

/** What one database says. */
export interface AppliedMigrations {
  /** Every revision in the tool's table. */
  readonly rows: readonly string[];
  /** Those that say where the database stands, to be shown and recorded: Alembic's rows; of a list, the newest. */
  readonly revisions: readonly string[];
  /** Traces of a migration that failed half way, a sentence each. */
  readonly halfApplied: readonly string[];
  /** What is odd about what is written there, e.g. a migration that was edited later. */
  readonly problems?: readonly SchemaProblem[];
  /** Tables that are the tool's own; all others are the application's. */
  readonly tables?: readonly string[];
  /** The history as the tool sees it for this database, where the rows decide about it. */
  readonly history?: MigrationHistory;
}

/** What is known when commands are asked for. */
export interface Situation {
  readonly state: Omit<SchemaState, 'commands'>;
  readonly history: MigrationHistory;
  /** The database has tables of its own although no migration is recorded in it. */
  readonly hasTables?: boolean;
  /** What the rows should say: they are abbreviated or stand for one another. Empty: they are fine. */
  readonly stampAs?: readonly string[];
}

/** A file as it is somewhere else, e.g. at another commit. */
export interface FileText {
  readonly path: string;
  readonly text: string;
}

export interface MigrationTool {
  /** "alembic", "django", "prisma", ... */
  readonly name: string;
  /** null: the project does not use this tool. A broken file becomes a problem, never an exception. */
  history(project: ProjectFolder): MigrationHistory | null;
  /** null: the database has no table of this tool. */
  applied(db: Connection, project: ProjectFolder): AppliedMigrations | null;
  /** The databases that the tool's own configuration names. */
  databases?(project: ProjectFolder): SourceAnswer;
  /** The folders with uploaded files that the tool's framework names; they need not exist. */
  uploads?(project: ProjectFolder): readonly NamedFolder[];
  /** Shell commands, to be run in `history.folder`. */
  commands(situation: Situation): MigrationCommands;
  /** Why pending migrations will fail on this database, which has been migrated before. */
  foresee?(db: Connection, pending: readonly Migration[]): readonly SchemaProblem[];
  /** The migrations in files of another commit. Only of use where a row stands for its ancestors. */
  migrationsIn?(files: readonly FileText[]): readonly Migration[];
}
