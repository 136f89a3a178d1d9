// What is about to be deleted, shown before the question.
import type { BackupEntry } from '../../engine/engine';
import { ageText, printable, sizeText } from './words';

export function deletionText(backups: readonly BackupEntry[], now: Date): string {
  const lines = backups.map(({ name, manifest, sizeBytes }) => {
    const age = manifest ? `, ${ageText(manifest.created_at, now)}` : '';
    const note = manifest?.note ? `\n    "${printable(manifest.note)}"` : '';
    return `  ${printable(name)} (${sizeText(sizeBytes)}${age})${note}`;
  });
  return ['These will be deleted for good:', ...lines].join('\n');
}
