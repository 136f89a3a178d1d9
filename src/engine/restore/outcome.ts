// What is to be done and said when a restore has happened: nothing of it makes that a failure.
import { reportOf } from '../errors';
import { locate } from '../history/unknown-revision';
import type { SchemaState } from '../migrations/schema';
import { readSchemaState, syncCommands } from '../migrations/state/state';
import type { Project } from '../project/project';
import { said } from '../said';
import { checkConnection } from '../sqlite/checks';
import { visitDatabase } from '../sqlite/visit';
import type { Environment } from '../store/environment';
import { warning, warningsOf, type Warned, type Warning } from '../warnings';
import { finish } from './commit';
import type { RestoreJournal } from './journal';
import { liveRevisions } from './plan';

export interface SchemaAfter extends Warned {
  readonly revisionAfter: string | null;
  /** Shell commands that bring schema and files together again; empty when nothing is to do. */
  readonly commands: readonly string[];
}

/** Cleans up and looks at what came out. What goes wrong is a warning. */
export async function afterwards(env: Environment, aimed: Project, journal: RestoreJournal): Promise<Warning[]> {
  const warnings: Warning[] = [];
  try {
    warnings.push(...warningsOf('CLEAN_UP_FAILED', await finish(env, aimed.backups, journal)));
  } catch (error) {
    const { message, remedy } = reportOf(error);
    warnings.push(warning('CLEAN_UP_FAILED', said`The restore is done, but not cleaned up: ${message} ${remedy}`));
  }
  const { database } = journal;
  if (database !== null && database.mode !== 'remove') {
    try {
      const check = visitDatabase(database.live, (db) => checkConnection(db, 'quick'));
      const problems = check.problems.map((problem) => said`SQLite found damage in the restored database: ${problem}`);
      warnings.push(...warningsOf('RESTORED_DAMAGED', problems), ...warningsOf('NOT_CHECKED', check.warnings));
    } catch (error) {
      warnings.push(warning('NOT_CHECKED', said`The restored database could not be checked: ${reportOf(error).message}`));
    }
  }
  return warnings;
}

/** Where schema and files stand now. The restore has happened, whatever can be read. */
export async function outcome(aimed: Project, warnings: readonly Warning[]): Promise<SchemaAfter> {
  try {
    const { database, throughService } = aimed;
    // By now its file is what its copy was.
    const folder = { ...aimed, database: throughService?.hosts[database ?? ''] ?? database };
    const { state, checkout } = await locate(readSchemaState(folder), folder);
    return {
      revisionAfter: liveRevisions(aimed).join(', ') || null,
      commands: checkout === null ? syncCommands(state) : [checkout],
      warnings: [...warnings, ...unfitting(state)],
    };
  } catch (error) {
    const unknown = warning('STATE_UNKNOWN', said`The revision could not be read: ${reportOf(error).message}`);
    return { revisionAfter: null, commands: [], warnings: [...warnings, unknown] };
  }
}

/** Why the restored revision does not fit the files of this checkout, and who has it. */
function unfitting({ state, problems }: SchemaState): Warning[] {
  const isForeign = ['unknown-revision', 'ahead', 'diverged'].includes(state);
  const messages = isForeign ? problems.filter(({ file }) => file === undefined).map(({ message }) => message) : [];
  return warningsOf('REVISION_UNKNOWN', messages);
}
