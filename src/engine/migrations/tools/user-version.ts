// PRAGMA user_version, where no tool is known: the number that an application keeps in the database's header.
import type { Connection } from '../../sqlite/connection';
import type { MigrationCommands } from '../schema';
import type { AppliedMigrations, MigrationTool } from '../tool';

export const userVersion = {
  name: 'user_version',
  history: () => null,
  applied,
  commands: (): MigrationCommands => ({}),
} satisfies MigrationTool;

/** 0 is what every database has that nobody gave a version. */
function applied(db: Connection): AppliedMigrations | null {
  const version = String(db.pragma('user_version', { simple: true }));
  return version === '0' ? null : { rows: [version], revisions: [version], halfApplied: [] };
}
