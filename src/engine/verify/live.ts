// What SQLite says about the live database, and how its schema differs from a backup's.
import { join } from 'node:path';
import type { Project } from '../project/project';
import { readAtRest } from '../sqlite/at-rest';
import { checkConnection, unreadable, type CheckResult } from '../sqlite/checks';
import { headerProblem } from '../sqlite/header';
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
  readonly foreignKeyViolations: number;
  /** How the schema differs from the backup that was named; empty without one. */
  readonly schemaChanges: readonly SchemaChange[];
}

/** Runs quick_check and foreign_key_check; `since` names the backup with which the schema is compared. */
export async function checkLive(env: Environment, project: Project, { since }: { readonly since?: string }): Promise<LiveCheck> {
  const { database } = project;
  if (database === null) {
    return { ...SOUND, schemaChanges: [] };
  }
  const before = since === undefined ? null : await schemaOf(env, project, since);
  try {
    const surroundings = surroundingsOf(database);
    return visitDatabase(database, (db) => ({
      ...joined(surroundings, checkConnection(db, 'quick')),
      schemaChanges: before === null ? [] : schemaChanges(before, readSchemaObjects(db)),
    }));
  } catch (error) {
    return { ...unreadable(error, database), schemaChanges: [] };
  }
}

const SOUND: CheckResult = { problems: [], warnings: [], foreignKeyViolations: 0 };

/**
 * What a connection does not see: a header that forbids writing, a log that SQLite would pass over. Never while this
 * process has the database open: closing the file would drop its locks.
 */
function surroundingsOf(database: string): CheckResult {
  const [header, beside] = [headerProblem(database), sideFileProblem(database)];
  return { ...SOUND, problems: header === null ? [] : [header], warnings: beside === null ? [] : [beside] };
}

function joined(first: CheckResult, second: CheckResult): CheckResult {
  return {
    problems: [...first.problems, ...second.problems],
    warnings: [...first.warnings, ...second.warnings],
    foreignKeyViolations: first.foreignKeyViolations + second.foreignKeyViolations,
  };
}

async function schemaOf(env: Environment, project: Project, name: string): Promise<ReturnType<typeof readSchemaObjects> | null> {
  const { path, manifest } = await findGoodBackup(env.disk, project.backups, name);
  return manifest.database_file === null ? null : readAtRest(join(path, manifest.database_file), readSchemaObjects);
}
