// What other extensions may rely on: the exports of PATS Backup & Restore. Shipped as api.d.ts in the package; docs/api.md tells how to use it.
import type { Event, Uri } from 'vscode';

/**
 * Every method is about one workspace folder: the one that holds `folder`, by default that of the active editor, or the first.
 * A method that fails rejects with a {@link PatsBackupError}.
 */
export interface PatsBackupApi {
  /** Grows when something is added, and changes its first number when something that is here changes. */
  readonly version: '1.0';
  /** The backups, newest first; folders that are no complete backup are among them. */
  list(folder?: Uri): Promise<readonly Backup[]>;
  /**
   * Backs up database and uploads; checked when it resolves. In a window that is not trusted it rejects. One operation at a time:
   * while another one runs in this window it rejects with the code PROJECT_BUSY.
   */
  create(options?: CreateOptions): Promise<Backup>;
  /** Where the database stands, and whether its state has been backed up. Runs no code of the project. */
  status(folder?: Uri): Promise<Status>;
  /** Backups came, went or changed, or a database or its migrations did: what was asked before may be answered differently now. */
  readonly onDidChange: Event<void>;
}

export interface CreateOptions {
  readonly folder?: Uri;
  /**
   * A name of your own; such a backup counts as the user's. Without one it is named after time, branch and commit, counts as
   * automatic, and only the newest of these are kept.
   */
  readonly name?: string;
  /** Why it was made, in a sentence that the user reads. */
  readonly note?: string;
}

export interface Backup {
  readonly name: string;
  /** Absolute path of its folder. */
  readonly path: string;
  /** Whether it is complete and can be restored, as far as is known without reading all of it. */
  readonly isComplete: boolean;
  /** Undefined when its metadata cannot be read. */
  readonly createdAt?: Date;
  /** Why it was made: "manual", "auto", "pre-migration", "safety", "scheduled", "agent". */
  readonly trigger?: string;
  readonly note?: string;
  readonly isPinned: boolean;
  /** What the migration tool's table in it says; several with branches. */
  readonly revisions: readonly string[];
}

export interface Status {
  /** Absolute path of the live database; null: there is none. */
  readonly database: string | null;
  /** "alembic", "django", ...; null: none was recognised. */
  readonly tool: string | null;
  /** How the database relates to the migration files, e.g. "current", "behind", "unknown-revision". More words may be added. */
  readonly state: string;
  readonly revisions: readonly string[];
  /** Revisions of the migrations that the database lacks, in their order. */
  readonly pending: readonly string[];
  /** Name of the newest good backup; null: there is none. */
  readonly newestBackup: string | null;
  /** Whether that backup holds the present state; null: unknown. */
  readonly isBackedUp: boolean | null;
}

export interface PatsBackupError extends Error {
  /** For programs, e.g. DATABASE_NOT_FOUND, PROJECT_BUSY, CANCELLED. */
  readonly code: string;
  /** What to do about it, for people. */
  readonly remedy: string;
}
