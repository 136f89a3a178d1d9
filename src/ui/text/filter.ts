// Which backups the view shows, by the reason for which they were made and by a text, and the words for that.
import { t } from '@vscode/l10n';
import type { BackupEntry, Trigger } from '../../engine/engine';
import { revisionsOf } from './revision';

export type Reason = Trigger | 'pinned' | 'trouble';

export interface Filter {
  readonly reason?: Reason;
  /** Somewhere in what is known by words of a backup, in any case of letters. */
  readonly text?: string;
}

/** Whether nothing is hidden. */
export function isEmpty({ reason, text }: Filter): boolean {
  return reason === undefined && text === undefined;
}

export function passes({ reason, text }: Filter, entry: BackupEntry, label: string): boolean {
  return (reason === undefined || hasReason(entry, reason)) && (text === undefined || holds(entry, label, text.toLocaleLowerCase()));
}

/** Whether a backup is one of a kind. */
export function hasReason({ status, manifest, verification }: BackupEntry, reason: Reason): boolean {
  if (reason === 'trouble') {
    return status === 'incomplete' || verification?.ok === false || manifest?.database?.damaged === true;
  }
  return reason === 'pinned' ? manifest?.pinned === true : manifest?.trigger === reason;
}

function holds({ name, manifest }: BackupEntry, label: string, text: string): boolean {
  const { note = '', git } = manifest ?? {};
  const revisions = manifest === undefined ? [] : revisionsOf(manifest);
  return [label, name, note, git?.branch, git?.commit, git?.subject, ...revisions].some((word) => word?.toLocaleLowerCase().includes(text));
}

/** In the order in which they are offered. */
export const REASONS: readonly Reason[] = ['manual', 'auto', 'pre-migration', 'safety', 'scheduled', 'agent', 'pinned', 'trouble'];

export function reasonLabel(reason: Reason): string {
  switch (reason) {
    case 'manual':
      return t('Created by You');
    case 'auto':
      return t('Created by a Script');
    case 'pre-migration':
      return t('Before a Migration');
    case 'safety':
      return t('Before a Restore');
    case 'scheduled':
      return t('On Schedule');
    case 'agent':
      return t('By a Coding Agent');
    case 'pinned':
      return t('Pinned');
    case 'trouble':
      return t('Damaged or Incomplete');
  }
}

/** "Before a Migration, “demo”". */
export function filterText({ reason, text }: Filter): string {
  return [...(reason === undefined ? [] : [reasonLabel(reason)]), ...(text === undefined ? [] : [`“${text}”`])].join(', ');
}
