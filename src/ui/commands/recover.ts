// "Recover...": says what an interrupted restore left and, when that is agreed to, finishes it or takes it back.
import * as vscode from 'vscode';
import { isNode } from '../backups/nodes';
import { confirmed } from '../prompts/confirm';
import type { CommandParts } from './parts';
import type { Handler } from './handler';

export function recover({ projects, operations, engine }: CommandParts): Handler {
  return async (row) => {
    const project = isNode(row) ? row.project : await projects.pick();
    const title = vscode.l10n.t('Looking for interrupted restores');
    const planned = await operations.run(project, title, (request) => engine.recover(request, { dryRun: true }));
    if (planned.actions.length > 0) {
      await confirmed({
        message: vscode.l10n.t('Recover the interrupted restore?'),
        detail: planned.actions.join('\n'),
        button: vscode.l10n.t('Recover'),
      });
    }
    const recovery =
      planned.actions.length === 0 ? planned : await operations.replace(project, title, (request) => engine.recover(request, {}));
    const { actions, waiting } = recovery;
    if (waiting !== null) {
      void vscode.window.showWarningMessage([...actions, waiting.message, waiting.remedy].join(' '));
    } else {
      void vscode.window.showInformationMessage(actions.length > 0 ? actions.join(' ') : vscode.l10n.t('There is no interrupted restore.'));
    }
    return recovery;
  };
}
