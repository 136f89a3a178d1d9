// The map of migrations: the graph of the files, where the database is, and which backups stand at which revision.
import { readMigrationGraph, type MapEntry, type MigrationGraph } from '../migrations/state/map';
import type { Project } from '../project/project';
import type { Environment } from '../store/environment';
import { isGood, listBackups, revisionsOf } from '../store/list';

export interface MigrationMap extends Omit<MigrationGraph, 'migrations'> {
  /** In the order in which they are applied; with the names of the backups that stand there, newest first. */
  readonly migrations: readonly (MapEntry & { readonly backups: readonly string[] })[];
}

/** Reads files, database and the list of backups. Changes nothing. */
export async function readMigrationMap(env: Environment, project: Project): Promise<MigrationMap> {
  const graph = readMigrationGraph(project);
  const { backups } = await listBackups(env.disk, project.backups);
  const at = new Map<string, string[]>();
  for (const { name, manifest } of backups.filter(isGood)) {
    revisionsOf(manifest).forEach((revision) => at.set(revision, [...(at.get(revision) ?? []), name]));
  }
  return { ...graph, migrations: graph.migrations.map((entry) => ({ ...entry, backups: at.get(entry.revision) ?? [] })) };
}
