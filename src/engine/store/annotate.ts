// What a person adds to a backup later: a note, a pin.
import { explained } from '../files/explain';
import type { Project } from '../project/project';
import type { Environment } from './environment';
import { flawsOf } from './flaws';
import { notCertain } from './backups-folder';
import { findGoodBackup, type GoodBackup } from './list';
import type { Manifest } from './manifest';
import { replaceManifest } from './manifest-file';
import { oneByOne } from './one-by-one';
import type { CreatedBackup } from './list';
import type { Warning } from '../warnings';

export interface NoteParams {
  readonly name: string;
  readonly note: string;
}

export interface PinParams {
  readonly names: readonly string[];
  readonly pinned: boolean;
}

/** Replaces the note of a backup. Fields of the manifest that we do not know are kept. */
export async function setNote(env: Environment, project: Project, { name, note }: NoteParams): Promise<CreatedBackup> {
  const backup = await findGoodBackup(env.disk, project.backups, name);
  const manifest = { ...backup.manifest, note };
  env.beginChange?.();
  const doubts = await rewrite(env, backup, manifest);
  return { ...manifest, path: backup.path, warnings: [...flawsOf(manifest, backup.verification ?? null), ...doubts] };
}

/** Pins backups, so that retention never removes them, or takes the pins away. */
export async function setPinned(env: Environment, project: Project, { names, pinned }: PinParams): Promise<string[]> {
  env.beginChange?.();
  return oneByOne(names, async (name) => {
    const backup = await findGoodBackup(env.disk, project.backups, name);
    await rewrite(env, backup, { ...backup.manifest, pinned });
  });
}

/** From its rename on it is done. That the disk did not confirm it is a warning, which a list of names has no place for. */
async function rewrite(env: Environment, { path }: GoodBackup, manifest: Manifest): Promise<Warning[]> {
  await explained(path, () => replaceManifest(env.disk, path, manifest));
  return env.disk.syncFolder(path).then(
    () => [],
    (error: unknown) => [notCertain(path, error)],
  );
}
