// The history of the migrations as a graph: which are applied, which are pending, where the database is.
import { existsSync } from 'node:fs';
import { visitDatabase } from '../../sqlite/visit';
import type { AppliedMigrations, ProjectFolder } from '../tool';
import { positionOf } from './position';
import { recogniseIn, recogniseTools } from './recognise';

export interface MapEntry {
  readonly revision: string;
  readonly title: string;
  /** Absolute path of the migration file. */
  readonly file: string;
  readonly parents: readonly string[];
  /** unknown: a row that no file has hides where the database is. */
  readonly state: 'applied' | 'pending' | 'unknown';
  readonly isHead: boolean;
  /** The database stands here. */
  readonly isCurrent: boolean;
}

export interface MigrationGraph {
  readonly tool: string | null;
  /** In the order in which they are applied. */
  readonly migrations: readonly MapEntry[];
  /** Revisions of the database that no file here has. */
  readonly unknown: readonly string[];
}

/** Reads files and database; fails as reading the database does. */
export function readMigrationGraph(project: ProjectFolder): MigrationGraph {
  const { database } = project;
  const found = database !== null && existsSync(database) ? visitDatabase(database, (db) => recogniseIn(db, project)) : null;
  const tool = found?.tool ?? recogniseTools(project)[0] ?? null;
  const answer: AppliedMigrations | null = found?.answer ?? null;
  const history = answer?.history ?? tool?.history ?? null;
  if (tool === null || history === null) {
    return { tool: tool?.name ?? null, migrations: [], unknown: [] };
  }
  const { pending, unknown } = positionOf(history, answer?.rows ?? []);
  const waiting = new Set(pending.map(({ revision }) => revision));
  const isOpen = history.rowsImplyAncestors && unknown.length > 0;
  const migrations = history.migrations.map(({ revision, title, file, parents }): MapEntry => {
    const state = isOpen ? 'unknown' : waiting.has(revision) ? 'pending' : 'applied';
    const isCurrent = answer?.revisions.includes(revision) ?? false;
    return { revision, title, file, parents, state, isHead: history.heads.includes(revision), isCurrent };
  });
  return { tool: tool.name, migrations, unknown };
}
