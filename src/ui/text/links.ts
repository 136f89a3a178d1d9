// Commands that only our own pages and documents run.

/** Adds rows to an open table: the path of its document. */
export const MORE_ROWS = 'patsBackup.moreRows';

/** Opens the file of a migration: its path. */
export const OPEN_MIGRATION = 'patsBackup.openMigration';
