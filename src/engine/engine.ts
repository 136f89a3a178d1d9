// The engine's one door: every operation that the command line and the UI offer; parameters and results live with their deed.
import type { CompareParams, Comparison } from './compare/compare';
import type { FoundRows, RowsParams, TableInBackup } from './compare/history';
import type { Inside, InsideParams } from './compare/inside';
import type { Container } from './containers/container';
import type { CreateParams } from './create/create';
import type { Finding } from './diagnosis/doctor';
import type { MigrationMap } from './diagnosis/migration-map';
import type { Status, StatusParams } from './diagnosis/status';
import type { RevisionLocation } from './history/unknown-revision';
import type { OperationOptions } from './operation';
import type { Discovery, ProjectRequest } from './project/project';
import type { DrillResult } from './restore/drill';
import type { RepairParams, RepairResult } from './repair/repair';
import type { RestorePlan } from './restore/plan';
import type { Recovery, RecoverParams } from './restore/recover';
import type { RestoreResult } from './restore/restore';
import type { RestoreParams } from './restore/target';
import type { PruneDecision, RetentionPolicy } from './retention/retention';
import type { IgnoreState } from './store/ignored';
import type { BackupList, CreatedBackup } from './store/list';
import type { Storage } from './store/storage';
import type { DumpParams, DumpResult, RestoreDumpParams } from './transfer/dump';
import type { ExportParams, ExportResult } from './transfer/export';
import type { ImportParams } from './transfer/import';
import type { VerifyParams, VerifyResult } from './verify/backups';
import type { LiveCheck } from './verify/live';

export type { CompareParams, ComparedPart, Comparison } from './compare/compare';
export type { FoundRows, TableInBackup } from './compare/history';
export type { Inside } from './compare/inside';
export type { DifferingRow, TableDifference } from './compare/tables';
export type { CreateParams } from './create/create';
export type { Finding } from './diagnosis/doctor';
export type { MigrationMap } from './diagnosis/migration-map';
export type { Status, StatusParams } from './diagnosis/status';
export type { RevisionLocation } from './history/unknown-revision';
export type { DrillResult } from './restore/drill';
export type { RepairParams, RepairResult } from './repair/repair';
export type { RestorePlan } from './restore/plan';
export type { Recovery, RecoverParams } from './restore/recover';
export type { RestoreResult } from './restore/restore';
export type { RestoreParams, RestoreScope } from './restore/target';
export type { PruneDecision, RetentionPolicy } from './retention/retention';
export type { BackupEntry, BackupList, CreatedBackup, DumpEntry, WaitingRestore } from './store/list';
export type { Storage } from './store/storage';
export type { DumpParams, DumpResult, RestoreDumpParams } from './transfer/dump';
export type { ExportParams, ExportResult } from './transfer/export';
export type { ImportParams } from './transfer/import';
export type { VerifyParams, VerifyResult } from './verify/backups';
export type { Warned, Warning } from './warnings';
export type { LiveCheck } from './verify/live';

export type { Container } from './containers/container';
export type { FileRelation, MigrationCommands, PendingMigration, SchemaProblem, SchemaState, SchemaStateName } from './migrations/schema';
export type { Discovery, ProjectRequest } from './project/project';
export type { Manifest } from './store/manifest';
export type { Trigger } from './store/terms';

// Rules that the window applies before it asks the engine; they know no disk and no database.
export { migrationCommand } from './migrations/commands/command-line';
export { expandPath } from './project/paths';
export { flawsOf } from './store/flaws';
export { nameProblem } from './store/name';

/**
 * Every method takes the project first, then its own parameters, then signal and progress. All of them
 * reject with a BackupError; a method that was cancelled rejects with CANCELLED and leaves nothing behind.
 */
export interface Engine {
  discover(project: ProjectRequest): Promise<Discovery>;
  /** Finishes or takes back what an interrupted run left. Every other method but `discover` does it first by itself. */
  recover(project: ProjectRequest, params: RecoverParams, options?: OperationOptions): Promise<Recovery>;
  list(project: ProjectRequest): Promise<BackupList>;
  show(project: ProjectRequest, params: { readonly name: string }): Promise<CreatedBackup>;
  status(project: ProjectRequest, params?: StatusParams): Promise<Status>;
  create(project: ProjectRequest, params: CreateParams, options?: OperationOptions): Promise<CreatedBackup>;
  planRestore(project: ProjectRequest, params: RestoreParams, options?: OperationOptions): Promise<RestorePlan>;
  restore(project: ProjectRequest, params: RestoreParams, options?: OperationOptions): Promise<RestoreResult>;
  /** The plan of going back to the newest safety backup; NOTHING_TO_UNDO when there is none. */
  planUndo(project: ProjectRequest, params: Record<string, never>, options?: OperationOptions): Promise<RestorePlan>;
  undo(project: ProjectRequest, params: Record<string, never>, options?: OperationOptions): Promise<RestoreResult>;
  /** Without names: every backup. */
  verify(project: ProjectRequest, params: VerifyParams, options?: OperationOptions): Promise<VerifyResult[]>;
  /** What `repair` would do. */
  planRepair(project: ProjectRequest, params: RepairParams, options?: OperationOptions): Promise<RepairResult>;
  /** Replaces damaged files of a backup, in all backups that share them, by what is proven to be their content. */
  repair(project: ProjectRequest, params: RepairParams, options?: OperationOptions): Promise<RepairResult>;
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
  /** What differs between two states. Changes nothing. */
  compare(project: ProjectRequest, params: CompareParams, options?: OperationOptions): Promise<Comparison>;
  /** The tables of a backup with their numbers of rows, and rows of one of them. */
  lookInside(project: ProjectRequest, params: InsideParams, options?: OperationOptions): Promise<Inside>;
  /** The migrations of the files as a graph, where the database is in it, and the backups at each revision. */
  migrationMap(project: ProjectRequest): Promise<MigrationMap>;
  /** How many rows of a table each backup holds, newest first. */
  logTable(project: ProjectRequest, params: RowsParams, options?: OperationOptions): Promise<TableInBackup[]>;
  /** The newest backup that has rows for which a condition is true. */
  findRows(project: ProjectRequest, params: RowsParams, options?: OperationOptions): Promise<FoundRows>;
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
