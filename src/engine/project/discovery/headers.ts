// SQLite databases recognised by the first bytes of the files themselves, for projects whose configuration names none.
import { lstat } from 'node:fs/promises';
import { headerKind } from '../../sqlite/connection';
import { visitDatabase } from '../../sqlite/visit';
import type { FoundFiles } from './search';

/** The tables in which migration tools keep what they applied: a database with one belongs to an app. */
const VERSION_TABLES = [
  'alembic_version',
  'django_migrations',
  '_prisma_migrations',
  '__drizzle_migrations',
  'knex_migrations',
  'SequelizeMeta',
  'migrations',
  'schema_migrations',
  'flyway_schema_history',
  'goose_db_version',
  '__diesel_schema_migrations',
  '_sqlx_migrations',
  '__EFMigrationsHistory',
  '_yoyo_migration',
  'DATABASECHANGELOG',
  'atlas_schema_revisions',
];

/** The smallest page: every SQLite file is a multiple of it. */
const PAGE = 512;
const LOCK_TIMEOUT = 200;

/**
 * Files already recognised by this process. They are not opened again: closing a file drops all locks that
 * the process holds on it, and an operation may have the database open meanwhile.
 */
const recognised = new Set<string>();

/** The files that start with SQLite's magic header. */
export async function databasesByHeader(found: FoundFiles): Promise<string[]> {
  const databases: string[] = [];
  for (const file of found.files) {
    const stats = await lstat(file).catch(() => null);
    if (stats?.isFile() && stats.size > 0 && stats.size % PAGE === 0 && isSqlite(file)) {
      databases.push(file);
    }
  }
  return databases;
}

/** Whether a migration tool keeps its table in this database. One that cannot be read counts as without. */
export function hasVersionTable(file: string): boolean {
  try {
    return visitDatabase(
      file,
      (db) => {
        const names = VERSION_TABLES.map(() => '?').join(', ');
        return db.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name IN (${names})`).get(...VERSION_TABLES) !== undefined;
      },
      LOCK_TIMEOUT,
    );
  } catch {
    return false;
  }
}

function isSqlite(file: string): boolean {
  if (recognised.has(file)) {
    return true;
  }
  try {
    if (headerKind(file) === 'sqlite') {
      recognised.add(file);
      return true;
    }
  } catch {
    // A file that may not be read is nobody's candidate.
  }
  return false;
}
