// How much of a stranger's file is read at all.

/** Bytes of a configuration file: nobody writes a longer one by hand. */
export const MOST_CONFIGURATION_BYTES = 256 * 1024;

/** Bytes of a migration, which may carry data. */
export const MOST_MIGRATION_BYTES = 1024 * 1024;

/** What one source of discovery may name, and what a list in a configuration may hold, before the rest is left out. */
export const MOST_NAMED = 200;
