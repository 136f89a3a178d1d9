// What SQLite says about the live database, and how its schema differs from a backup's.
import { join } from 'node:path';
import type { Project } from '../project/project';
import { readAtRest } from '../sqlite/at-rest';
import { checkConnection, unreadable } from '../sqlite/checks';
import { readSchemaObjects, schemaChanges } from '../sqlite/schema-change';
import { sideFileProblem } from '../sqlite/side-files';
import { visitDatabase } from '../sqlite/visit';
import type { Environment } from '../store/environment';
import { findGoodBackup } from '../store/list';
import type { SchemaChange } from '../sqlite/schema-change';

/** What SQLite says about the live database. */
export interface LiveCheck {
  readonly problems: readonly string[];
  /** What SQLite could not check, e.g. because only the application has a function. */
  readonly warnings: readonly string[];
  /** Indexes that do not fit the rows of their tables, a sentence. */
  readonly indexes?: readonly string[];
  readonly foreignKeyViolations: number;
  /** How the schema differs from the backup that was named; empty without one. */
  readonly schemaChanges: readonly SchemaChange[];
}

/** Runs quick_check and foreign_key_check; `since` names the backup with which the schema is compared. */
export async function checkLive(env: Environment, project: Project, { since }: { readonly since?: string }): Promise<LiveCheck> {
  const { database } = project;
  if (database === null) {
    return { problems: [], warnings: [], foreignKeyViolations: 0, schemaChanges: [] };
  }
  const before = since === undefined ? null : await schemaOf(env, project, since);
  try {
    // What a connection does not see. Never while it is open: closing the file would drop its locks.
    const beside = sideFileProblem(database);
    return visitDatabase(database, (db) => {
      const check = checkConnection(db, 'quick');
      const warnings = beside === null ? check.warnings : [beside, ...check.warnings];
      return { ...check, warnings, schemaChanges: before === null ? [] : schemaChanges(before, readSchemaObjects(db)) };
    });
  } catch (error) {
    return { ...unreadable(error, database), schemaChanges: [] };
  }
}

async function schemaOf(env: Environment, project: Project, name: string): Promise<ReturnType<typeof readSchemaObjects> | null> {
  const { path, manifest } = await findGoodBackup(env.disk, project.backups, name);
  return manifest.database_file === null ? null : readAtRest(join(path, manifest.database_file), readSchemaObjects);
}
