// The details of a backup as a page: everything that its manifest says, and what can be done with it.
import { t } from '@vscode/l10n';
import type { BackupEntry, Storage } from '../../engine/engine';
import { backupFacts } from './backup';
import { commandLink, escaped, factRows } from './html';
import type { Reader } from './reader';
import { sizeText } from './size';

/** Runs a command for the backup that a page shows: the command, the project's folder, the backup's name. */
export const ACT_ON_BACKUP = 'patsBackup.actOnBackup';

/** The body of the page. `canChange`: the folder is trusted. */
export function backupPage(
  entry: BackupEntry,
  root: string,
  reader: Reader,
  canChange: boolean,
  share?: Storage['backups'][number],
): string {
  const { manifest, status } = entry;
  const link = (label: string, command: string): string => commandLink(label, ACT_ON_BACKUP, command, root, entry.name);
  const isComplete = status === 'ok';
  const links = [
    canChange && isComplete && link(t('Restore...'), 'patsBackup.restore'),
    canChange && isComplete && link(t('Test Restore...'), 'patsBackup.drill'),
    canChange && isComplete && link(t('Verify'), 'patsBackup.verify'),
    canChange && isComplete && link(t('Edit Note...'), 'patsBackup.editNote'),
    manifest !== undefined && link(t('Open Metadata'), 'patsBackup.openMetadata'),
  ].filter((each) => each !== false);
  const facts = manifest ? backupFacts(entry, manifest, reader, share) : [[t('Size'), sizeText(entry.sizeBytes, reader.locale)] as const];
  return [
    `<h1>${escaped(entry.name)}</h1>`,
    isComplete ? '' : `<section class="warning"><p>${escaped(t('Incomplete: {0}', entry.reason ?? t('no reason known')))}</p></section>`,
    manifest?.note ? `<p class="lead">${escaped(manifest.note)}</p>` : '',
    `<nav>${links.join('')}</nav>`,
    factRows(facts),
  ].join('\n');
}
