// Removes backups for good: all names are looked up before the first one is touched.
import type { Project } from '../project/project';
import { removeBackup } from './backups-folder';
import type { Environment } from './environment';
import { findBackup } from './list';
import { oneByOne } from './one-by-one';

export interface RemoveParams {
  readonly names: readonly string[];
}

/** Fails with BACKUP_NOT_FOUND when one of them is not there. */
export async function requireBackups(env: Environment, project: Project, { names }: RemoveParams): Promise<void> {
  for (const name of names) {
    await findBackup(env.disk, project.backups, name);
  }
}

/** The caller holds the lock. Returns the names removed. */
export async function removeBackups(env: Environment, project: Project, { names }: RemoveParams): Promise<string[]> {
  const unique = [...new Set(names)];
  await requireBackups(env, project, { names: unique });
  return removeEach(env, project, unique);
}

/** Each by itself, once nobody has been told that nothing was removed. Returns the names removed. */
export async function removeEach(env: Environment, { backups }: Project, names: readonly string[]): Promise<string[]> {
  env.step('removing');
  env.beginChange?.();
  return oneByOne(names, async (name) => {
    await removeBackup(env.disk, backups, name);
    env.step('removed');
  });
}
