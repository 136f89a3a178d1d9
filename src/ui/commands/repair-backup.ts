// "Repair Backup...": replaces damaged files of a backup by good ones, after the user has seen which and from where.
import * as vscode from 'vscode';
import type { RepairResult } from '../../engine/engine';
import { confirmed } from '../prompts/confirm';
import { oneBackup } from '../prompts/pick-backup';
import { repairedText, repairQuestion } from '../text/repair';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { tellSuccess } from '../window/success';
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
      report(parts, project, plan);
      return plan;
    }
    await confirmed(question);
    const result = await operations.run(project, vscode.l10n.t('Repairing “{0}”', name), (request, options) =>
      engine.repair(request, { name }, options),
    );
    report(parts, project, result);
    return result;
  };
}

function report(parts: Parts, project: OpenProject, result: RepairResult): void {
  const { log } = parts;
  for (const { path, backups, from } of result.repaired) {
    log.info(`repaired ${path} in ${backups.join(', ')} from ${from ?? 'the live data'}`);
  }
  for (const { message } of result.warnings) {
    log.warn(`repair ${result.name}: ${message}`);
  }
  tellSuccess(parts, project, repairedText(result), result.warnings.length === 0 ? result.name : undefined, result.warnings.length > 0);
}
