// What SQLite says about the live database, and how its schema differs from a backup's.
import { join } from 'node:path';
import type { Project } from '../project/project';
import { readAtRest } from '../sqlite/at-rest';
import { checkConnection } from '../sqlite/checks';
import { readSchemaObjects, schemaChanges } from '../sqlite/schema-change';
import { visitDatabase } from '../sqlite/visit';
import type { Environment } from '../store/environment';
import { findGoodBackup } from '../store/list';
import type { SchemaChange } from '../sqlite/schema-change';

/** What SQLite says about the live database. */
export interface LiveCheck {
  readonly problems: readonly string[];
  readonly foreignKeyViolations: number;
  /** How the schema differs from the backup that was named; empty without one. */
  readonly schemaChanges: readonly SchemaChange[];
}

/** Runs quick_check and foreign_key_check; `since` names the backup with which the schema is compared. */
export async function checkLive(env: Environment, project: Project, { since }: { readonly since?: string }): Promise<LiveCheck> {
  const { database } = project;
  if (database === null) {
    return { problems: [], foreignKeyViolations: 0, schemaChanges: [] };
  }
  const before = since === undefined ? null : await schemaOf(env, project, since);
  return visitDatabase(database, (db) => ({
    ...checkConnection(db, 'quick'),
    schemaChanges: before === null ? [] : schemaChanges(before, readSchemaObjects(db)),
  }));
}

async function schemaOf(env: Environment, project: Project, name: string): Promise<ReturnType<typeof readSchemaObjects> | null> {
  const { path, manifest } = await findGoodBackup(env.disk, project.backups, name);
  return manifest.database_file === null ? null : readAtRest(join(path, manifest.database_file), readSchemaObjects);
}
