// "Repair Backup...": replaces damaged files of a backup by good ones, after the user has seen which and from where.
import * as vscode from 'vscode';
import type { RepairResult } from '../../engine/engine';
import { confirmed } from '../prompts/confirm';
import { oneBackup } from '../prompts/pick-backup';
import { repairedText, repairQuestion } from '../text/repair';
import type { Parts } from '../window/parts';
import type { Handler } from './handler';

export function repairBackup(parts: Parts): Handler {
  return async (row) => {
    const { engine, operations } = parts;
    const { project, entry } = await oneBackup(parts, row, {
      placeHolder: vscode.l10n.t('Select a backup to repair'),
      fits: ({ status }) => status === 'ok',
    });
    const { name } = entry;
    const plan = await operations.run(project, vscode.l10n.t('Checking backup “{0}”', name), (request, options) =>
      engine.planRepair(request, { name }, options),
    );
    const question = repairQuestion(plan);
    if (question === null) {
      report(parts, plan);
      return plan;
    }
    await confirmed(question);
    const result = await operations.run(project, vscode.l10n.t('Repairing “{0}”', name), (request, options) =>
      engine.repair(request, { name }, options),
    );
    report(parts, result);
    return result;
  };
}

function report({ log }: Parts, result: RepairResult): void {
  for (const { path, backups, from } of result.repaired) {
    log.info(`repaired ${path} in ${backups.join(', ')} from ${from ?? 'the live data'}`);
  }
  for (const { message } of result.warnings) {
    log.warn(`repair ${result.name}: ${message}`);
  }
  if (result.warnings.length === 0) {
    void vscode.window.showInformationMessage(repairedText(result));
    return;
  }
  const showLog = vscode.l10n.t('Show Log');
  void vscode.window.showWarningMessage(repairedText(result), showLog).then((choice) => {
    if (choice === showLog) {
      log.show();
    }
  });
}
