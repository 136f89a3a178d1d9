// The engine's one door: every operation that the command line and the UI offer, with its parameters and results.
import type { IgnoreState } from './store/ignored';
import type { Manifest, Trigger } from './store/manifest';
import type { VerificationRecord } from './store/verification-record';
import type { Container } from './containers/container';
import type { FileRelation, SchemaState } from './migrations/schema';
import type { OperationOptions } from './operation';
import type { Discovery, ProjectRequest } from './project/project';
import type { SchemaChange } from './sqlite/schema-change';

export interface BackupEntry {
  readonly name: string;
  /** Absolute path of the backup's folder. */
  readonly path: string;
  readonly status: 'ok' | 'incomplete';
  /** Why an incomplete backup is none, in a sentence. */
  readonly reason?: string;
  readonly sizeBytes: number;
  readonly manifest?: Manifest;
  /** How its revisions relate to the migration files of this checkout. */
  readonly relation?: FileRelation;
  /** The last verification; null: never. */
  readonly verification?: VerificationRecord | null;
}

/** A SQL dump in the backups folder. */
export interface DumpEntry {
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** ISO 8601, the file's modification time. */
  readonly modifiedAt: string;
}

export interface BackupList {
  readonly backupsFolder: string;
  /** Newest first. */
  readonly backups: readonly BackupEntry[];
  readonly dumps: readonly DumpEntry[];
}

export interface CreateParams {
  /** Validated; without one the backup is named after its trigger and time. */
  readonly name?: string;
  readonly note?: string;
  readonly trigger: Trigger;
  /** Name a manual backup after branch and commit too, as the automatic ones are. */
  readonly nameAfterGit?: boolean;
  /** Keep a copy of a database that SQLite finds damaged, marked as such, instead of failing with DATABASE_DAMAGED. */
  readonly allowDamaged?: boolean;
}

/** The manifest plus the backup's absolute path. */
export type CreatedBackup = Manifest & { readonly path: string };

export type RestoreScope = 'all' | 'database' | 'uploads';

export interface RestoreParams {
  readonly name: string;
  readonly scope: RestoreScope;
  /** Restore although the backup failed its verification. */
  readonly ignoreDamage?: boolean;
}

/** What a restore would do, for the dialog, `--dry-run` and the tests. */
export interface RestorePlan {
  readonly backup: BackupEntry;
  readonly scope: RestoreScope;
  /** Absolute paths that will be replaced. */
  readonly replaces: readonly string[];
  readonly database: 'in-place' | 'swap' | 'create' | 'remove' | 'untouched';
  readonly uploads: 'replace' | 'untouched';
  /** Empty when the backup passed verification. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  /** Revisions in the live database and in the backup. */
  readonly revisionsBefore: readonly string[];
  readonly revisionsAfter: readonly string[];
}

export interface RestoreResult {
  /** Name of the backup that was restored. */
  readonly restored: string;
  /** Name of the safety backup that "undo" goes back to. */
  readonly safetyBackup: string;
  readonly revisionBefore: string | null;
  readonly revisionAfter: string | null;
  /** Shell commands that bring schema and files together again; empty when nothing is to do. */
  readonly commands: readonly string[];
  readonly warnings: readonly string[];
}

export interface VerifyParams {
  /** Without names: every backup. */
  readonly names?: readonly string[];
  readonly deep?: boolean;
}

export interface VerifyResult {
  readonly name: string;
  readonly ok: boolean;
  readonly problems: readonly string[];
}

export interface DumpParams {
  /** Absolute, or relative to the project; without one `database_dump_<timestamp>.sql` in the backups folder. */
  readonly file?: string;
  readonly compression?: 'none' | 'gzip' | 'zstd';
}

export interface DumpResult {
  /** Absolute path of the file written. */
  readonly file: string;
  readonly sizeBytes: number;
  readonly tables: number;
  readonly rows: number;
}

export interface RestoreDumpParams {
  /** Absolute, relative to the project, or the name of a dump in the backups folder. */
  readonly file: string;
}

export interface ExportParams {
  readonly name: string;
  /** Absolute, or relative to the project; without one `<name>.zip` (`.zip.age`) in the project's folder. */
  readonly file?: string;
  readonly passphrase?: string;
  /** Public keys of the age format, `age1...`; a passphrase and recipients exclude each other. */
  readonly recipients?: readonly string[];
}

export interface ExportResult {
  readonly name: string;
  /** Absolute path of the file written. */
  readonly file: string;
  readonly sizeBytes: number;
  readonly encrypted: boolean;
}

/** One thing that the doctor looked at. */
export interface Finding {
  readonly topic: string;
  readonly level: 'ok' | 'warning' | 'problem';
  readonly message: string;
  /** What to do; empty when all is well. */
  readonly remedy: string;
}

/** Where git knows a revision that this checkout's files do not. */
export interface RevisionLocation {
  readonly revision: string;
  readonly commit: string;
  readonly branches: readonly string[];
}

/** What SQLite says about the live database. */
export interface LiveCheck {
  readonly problems: readonly string[];
  readonly foreignKeyViolations: number;
  /** How the schema differs from the backup that was named; empty without one. */
  readonly schemaChanges: readonly SchemaChange[];
}

export interface DrillResult {
  readonly ok: boolean;
  readonly problems: readonly string[];
}

export interface ImportParams {
  /** Absolute, or relative to the project. */
  readonly file: string;
  readonly passphrase?: string;
  /** Secret keys of the age format, `AGE-SECRET-KEY-1...`. */
  readonly identities?: readonly string[];
}

/** Every rule that is set keeps backups; what no rule keeps goes. Counts are backups, hours, days, ISO weeks, months. */
export interface RetentionPolicy {
  readonly keepLast?: number;
  readonly keepHourly?: number;
  readonly keepDaily?: number;
  readonly keepWeekly?: number;
  readonly keepMonthly?: number;
  /** Keep what is younger than so many days. */
  readonly keepDays?: number;
  /** Bytes that all backups together may take; the oldest unprotected ones go until they do. */
  readonly maxBytes?: number;
}

export interface PruneDecision {
  readonly name: string;
  readonly action: 'keep' | 'remove';
  readonly reason: string;
}

/** What backups take on the disk. */
export interface Storage {
  /** Every file counted once. */
  readonly totalBytes: number;
  /** Free on that file system; null: unknown. */
  readonly freeBytes: number | null;
  readonly backups: readonly {
    readonly name: string;
    /** Freed when this backup is removed. */
    readonly ownBytes: number;
    /** Held by other backups too. */
    readonly sharedBytes: number;
  }[];
}

export interface Status extends SchemaState {
  /** Absolute path, or null when there is none. */
  readonly database: string | null;
  /** The newest good backup. */
  readonly lastBackup: { readonly name: string; readonly createdAt: string; readonly revisions: readonly string[] } | null;
  /** Whether database or uploads differ from the newest good backup; null: unknown. */
  readonly changedSinceBackup: boolean | null;
  /** Equal keys: the same database content, revision and heads, so that nobody need be told twice. */
  readonly stateKey: string;
  /** Absolute migration files and folders whose change can change this answer. */
  readonly watch: readonly string[];
}

/** What an earlier, interrupted run had left and what was done about it, in words for people; empty: nothing. */
export interface Recovery {
  readonly actions: readonly string[];
}

/**
 * Every method takes the project first, then its own parameters, then signal and progress. All of them
 * reject with a BackupError; a method that was cancelled rejects with CANCELLED and leaves nothing behind.
 */
export interface Engine {
  discover(project: ProjectRequest): Promise<Discovery>;
  /** Finishes or undoes what an interrupted run left. Every other method but `discover` does it first by itself. */
  recover(project: ProjectRequest, params: Record<string, never>, options?: OperationOptions): Promise<Recovery>;
  list(project: ProjectRequest): Promise<BackupList>;
  show(project: ProjectRequest, params: { readonly name: string }): Promise<CreatedBackup>;
  status(project: ProjectRequest): Promise<Status>;
  create(project: ProjectRequest, params: CreateParams, options?: OperationOptions): Promise<CreatedBackup>;
  planRestore(project: ProjectRequest, params: RestoreParams, options?: OperationOptions): Promise<RestorePlan>;
  restore(project: ProjectRequest, params: RestoreParams, options?: OperationOptions): Promise<RestoreResult>;
  /** The plan of going back to the newest safety backup; NOTHING_TO_UNDO when there is none. */
  planUndo(project: ProjectRequest, params: Record<string, never>, options?: OperationOptions): Promise<RestorePlan>;
  undo(project: ProjectRequest, params: Record<string, never>, options?: OperationOptions): Promise<RestoreResult>;
  /** Without names: every backup. */
  verify(project: ProjectRequest, params: VerifyParams, options?: OperationOptions): Promise<VerifyResult[]>;
  /** Removes backups for good, all names checked before the first is touched. Returns the names removed. */
  remove(project: ProjectRequest, params: { readonly names: readonly string[] }, options?: OperationOptions): Promise<string[]>;
  setPinned(project: ProjectRequest, params: { readonly names: readonly string[]; readonly pinned: boolean }): Promise<string[]>;
  /** Restores into a temporary place and checks what came out; touches nothing. */
  drill(project: ProjectRequest, params: { readonly name: string }, options?: OperationOptions): Promise<DrillResult>;
  /** Writes the live database as SQL text. */
  dump(project: ProjectRequest, params: DumpParams, options?: OperationOptions): Promise<DumpResult>;
  /** Replaces the database by the content of a dump, by the protocol of a restore. */
  restoreDump(project: ProjectRequest, params: RestoreDumpParams, options?: OperationOptions): Promise<RestoreResult>;
  exportBackup(project: ProjectRequest, params: ExportParams, options?: OperationOptions): Promise<ExportResult>;
  importBackup(project: ProjectRequest, params: ImportParams, options?: OperationOptions): Promise<CreatedBackup>;
  /** null: git does not know it either, or there is no git. */
  locateRevision(project: ProjectRequest, params: { readonly revision: string }): Promise<RevisionLocation | null>;
  /** Runs quick_check and foreign_key_check on the live database, e.g. after a migration. */
  checkLive(project: ProjectRequest, params: { readonly since?: string }): Promise<LiveCheck>;
  /** Looks at everything that can stand in the way, and says what to do about each. Changes nothing. */
  doctor(project: ProjectRequest): Promise<Finding[]>;
  storage(project: ProjectRequest): Promise<Storage>;
  /** What retention decides about every backup. Without a policy the settings decide. */
  planPrune(project: ProjectRequest, params: { readonly policy?: RetentionPolicy }): Promise<PruneDecision[]>;
  /** Removes exactly the named backups, if the plan still says so. */
  prune(
    project: ProjectRequest,
    params: { readonly policy?: RetentionPolicy; readonly names: readonly string[] },
    options?: OperationOptions,
  ): Promise<string[]>;
  /** Whether git leaves the backups folder alone. */
  ignoreState(project: ProjectRequest): Promise<IgnoreState>;
  /** The compose service that mounts the database, and whether it runs; null: there is none. Asks Docker: trusted projects only. */
  container(project: ProjectRequest): Promise<Container | null>;
  /** Stops or starts that service. */
  switchContainer(project: ProjectRequest, params: { readonly action: 'stop' | 'start' }): Promise<void>;
  setNote(project: ProjectRequest, params: { readonly name: string; readonly note: string }): Promise<CreatedBackup>;
}
