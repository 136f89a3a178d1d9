// The words around a repair: what verification found, the question, and what came of it.
import { t } from '@vscode/l10n';
import type { RepairResult, VerifyResult } from '../../engine/engine';
import type { Question } from './restore';

const MOST_LINES = 8;

/** What a verification in the background says; `folder` where the window has several. */
export function damageFoundText({ name, problems }: VerifyResult, folder: string | null): string {
  const [first = ''] = problems;
  return folder === null ? t('Backup “{0}” is damaged: {1}', name, first) : t('Backup “{0}” of {1} is damaged: {2}', name, folder, first);
}

/** The question before a repair; null: there is nothing to ask, see `repairedText`. */
export function repairQuestion(plan: RepairResult): Question | null {
  const { name, repaired, unrepaired } = plan;
  if (repaired.length === 0) {
    return null;
  }
  const files = repaired.map(({ path, backups, from }) => {
    const source = from === null ? t('{0}, from the live data', path) : t('{0}, from “{1}”', path, from);
    return backups.length === 1 ? source : t('{0}, in {1} backups that share it', source, backups.length);
  });
  const lost = unrepaired.length === 0 ? [] : ['', t('Cannot be repaired:'), ...listed(unrepaired.map(({ reason }) => reason))];
  return {
    message: t('Repair “{0}”?', name),
    detail: [t('Will be replaced by files with the recorded checksum:'), ...listed(files), ...lost].join('\n'),
    button: t('Repair'),
  };
}

/** What a repair did, or why there was nothing to do. */
export function repairedText({ name, repaired, unrepaired }: RepairResult): string {
  if (repaired.length + unrepaired.length === 0) {
    return t('“{0}” is not damaged. There is nothing to repair.', name);
  }
  if (repaired.length === 0) {
    return t('“{0}” cannot be repaired: {1} Create a new backup.', name, unrepaired[0]?.reason ?? '');
  }
  const done =
    repaired.length === 1 ? t('1 file of “{0}” was repaired.', name) : t('{0} files of “{1}” were repaired.', repaired.length, name);
  return unrepaired.length === 0 ? done : `${done} ${t('Still damaged: {0} Create a new backup.', unrepaired[0]?.reason ?? '')}`;
}

function listed(lines: readonly string[]): string[] {
  const rest = lines.length - MOST_LINES;
  return [...lines.slice(0, MOST_LINES).map((line) => `• ${line}`), ...(rest > 0 ? [t('• and {0} more, see the log', rest)] : [])];
}
