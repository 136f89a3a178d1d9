// What a person adds to a backup later: a note, a pin.
import { explained } from '../files/explain';
import type { Project } from '../project/project';
import type { Environment } from './environment';
import { flawsOf } from './flaws';
import { findGoodBackup } from './list';
import { writeManifest } from './manifest-file';
import { oneByOne } from './one-by-one';
import type { CreatedBackup } from './list';

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
  await explained(backup.path, () => writeManifest(env.disk, backup.path, manifest));
  return { ...manifest, path: backup.path, warnings: flawsOf(manifest, backup.verification ?? null) };
}

/** Pins backups, so that retention never removes them, or takes the pins away. */
export async function setPinned(env: Environment, project: Project, { names, pinned }: PinParams): Promise<string[]> {
  env.beginChange?.();
  return oneByOne(names, async (name) => {
    const backup = await findGoodBackup(env.disk, project.backups, name);
    await explained(backup.path, () => writeManifest(env.disk, backup.path, { ...backup.manifest, pinned }));
  });
}
