// Whether the uploads of a backup are read only once for a restore: staging compares what it reads with the manifest.
import { BackupError } from '../errors';
import type { Project } from '../project/project';
import { type GoodBackup } from '../store/list';
import { uploadFolders } from '../store/parts';
import type { RestoreJournal } from './journal';
import type { RestorePart } from './part';
import type { RestoreParams, RestoreTarget } from './target';

/**
 * Whether staging reads every upload of the backup. Then they are not read for the verification before it: damage is found
 * before anything live is changed all the same. But an application that stands still for a restore should not do so for a
 * damaged backup.
 */
export function readsUploadsOnce(
  project: Project,
  { uploads }: RestoreTarget,
  { manifest }: GoodBackup,
  { ignoreDamage = false }: Pick<RestoreParams, 'ignoreDamage'>,
  part: RestorePart | null,
): boolean {
  const whole = uploads.filter(({ keep, only }) => keep.length === 0 && only === undefined).map(({ folder }) => folder);
  return (
    part === null &&
    project.delivery === undefined &&
    !ignoreDamage &&
    manifest.files !== undefined &&
    uploadFolders(manifest).every((folder) => whole.includes(folder))
  );
}

/** Whether a restore that came to its end before everything was staged may have found the backup damaged. */
export function isAboutBackup(journal: RestoreJournal, failure: unknown): boolean {
  const isOther = failure instanceof BackupError && ['CANCELLED', 'NO_SPACE', 'RESTORE_INTERRUPTED'].includes(failure.code);
  return journal.state === 'staging' && !isOther;
}
