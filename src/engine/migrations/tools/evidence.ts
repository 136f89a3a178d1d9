// What the tables of a database say for its being the application's: a migration tool's rows, and whether these files know them.
import { visitDatabase } from '../../sqlite/visit';
import { lookOf, shareLook } from '../reading/look';
import { ORDINARY } from '../reading/rows';
import type { ProjectFolder } from '../tool';
import { TOOLS } from './tools';

export interface Evidence {
  /** The tool whose table it has; null: none. */
  readonly tool: string | null;
  /** Rows in its table. */
  readonly rows: number;
  /** Those of them that are in the project's files. */
  readonly known: number;
}

/** The tables in which other migration tools keep what they applied. */
const OTHER_TABLES: Readonly<Record<string, string>> = {
  migrations: 'migrations',
  schema_migrations: 'schema_migrations',
  flyway_schema_history: 'flyway',
  goose_db_version: 'goose',
  __diesel_schema_migrations: 'diesel',
  _sqlx_migrations: 'sqlx',
  __EFMigrationsHistory: 'ef',
  _yoyo_migration: 'yoyo',
  DATABASECHANGELOG: 'liquibase',
  atlas_schema_revisions: 'atlas',
};

const NONE: Evidence = { tool: null, rows: 0, known: 0 };

/** Of several tools, the one whose rows the files know best. A database that cannot be read says nothing. */
export function evidenceIn(database: string, project: ProjectFolder): Evidence {
  const folder = shareLook({ root: project.root, database }, lookOf(project));
  try {
    return visitDatabase(database, (db) => {
      const found = TOOLS.flatMap((tool): Evidence[] => {
        const answer = tool.applied(db, folder);
        if (answer === null || (answer.rows.length === 0 && answer.halfApplied.length === 0 && (answer.tables ?? []).length === 0)) {
          return [];
        }
        const files = (answer.history ?? tool.history(folder))?.migrations ?? [];
        const ids = new Set(files.flatMap(({ revision, replaces }) => [revision, ...(replaces ?? [])]));
        return [{ tool: tool.name, rows: answer.rows.length, known: answer.rows.filter((row) => ids.has(row)).length }];
      });
      const best = found.sort((a, b) => b.known - a.known || b.rows - a.rows)[0];
      if (best !== undefined) {
        return best;
      }
      const wanted = Object.keys(OTHER_TABLES);
      const other = db
        .prepare<string[], string>(
          `SELECT name FROM sqlite_schema WHERE ${ORDINARY} AND name IN (${wanted.map(() => '?').join(', ')}) LIMIT 1`,
        )
        .pluck()
        .get(...wanted);
      return other === undefined ? NONE : { tool: OTHER_TABLES[other] ?? other, rows: 0, known: 0 };
    });
  } catch {
    return NONE;
  }
}
