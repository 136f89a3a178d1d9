// What an operation is doing, in words.
import { t } from '@vscode/l10n';
import type { Phase, Progress } from '../../engine/operation';
import { sizeText } from './size';

/** "Copying the database: 12 MB of 80 MB". */
export function progressText({ phase, doneBytes, totalBytes }: Progress, locale = 'en'): string {
  const name = phaseText(phase);
  return totalBytes > 0
    ? t('{0}: {1} of {2}', name, sizeText(Math.min(doneBytes, totalBytes), locale), sizeText(totalBytes, locale))
    : name;
}

function phaseText(phase: Phase): string {
  switch (phase) {
    case 'recover':
      return t('Finishing what was interrupted');
    case 'verify':
      return t('Verifying the backup');
    case 'database':
      return t('Copying the database');
    case 'uploads':
      return t('Copying uploads');
    case 'hash':
      return t('Calculating checksums');
    case 'check':
      return t('Checking the database');
    case 'compare':
      return t('Comparing');
    case 'safety':
      return t('Creating a safety backup');
    case 'stage':
      return t('Preparing the files');
    case 'replace':
      return t('Replacing the current state');
    case 'publish':
      return t('Finishing the backup');
  }
}
