// "Test Restore...": rehearses a restore in a temporary place and touches nothing.
import * as vscode from 'vscode';
import type { Parts } from '../window/parts';
import { tellSuccess } from '../window/success';
import { oneBackup } from '../prompts/pick-backup';
import type { Handler } from './handler';

export function drill(parts: Parts): Handler {
  return async (row) => {
    const { project, entry } = await oneBackup(parts, row, {
      placeHolder: vscode.l10n.t('Select a backup to test'),
      fits: ({ status }) => status === 'ok',
    });
    const { name } = entry;
    const title = vscode.l10n.t('Testing the restore of “{0}”', name);
    const result = await parts.operations.run(project, title, (request, options) => parts.engine.drill(request, { name }, options));
    parts.log.info(`drill ${name}: ${result.ok ? 'ok' : result.problems.join(' ')}`);
    if (result.ok) {
      tellSuccess(parts, project, vscode.l10n.t('Test restore of “{0}” succeeded. Your project was not touched.', name), name);
    } else {
      offerLog(parts, name, result.problems);
    }
    return result;
  };
}

function offerLog({ log }: Parts, name: string, problems: readonly string[]): void {
  const showLog = vscode.l10n.t('Show Log');
  const message = vscode.l10n.t(
    'Test restore of “{0}” failed: {1} Your project was not touched. Keep your other backups and create a new one.',
    name,
    problems.slice(0, 3).join(' '),
  );
  void vscode.window.showWarningMessage(message, showLog).then((choice) => {
    if (choice === showLog) {
      log.show();
    }
  });
}
