// "Preview Prune...": why each backup stays or goes; removed is only what was shown.
import * as vscode from 'vscode';
import { confirmed } from '../prompts/confirm';
import { showFailure } from '../window/failure';
import type { CommandParts } from './parts';
import type { OpenProject } from '../window/projects';
import { goingNames, prunedText, prunePreview, pruneQuestion, pruneSummary, removeButton } from '../text/prune';
import { isNode } from '../backups/nodes';
import type { Handler } from './handler';

export function previewPrune(parts: CommandParts): Handler {
  return async (row) => {
    const project = isNode(row) ? row.project : await parts.projects.pick();
    const title = vscode.l10n.t('Planning');
    const decisions = await parts.operations.run(project, title, (request) => parts.engine.planPrune(request, {}));
    await parts.documents.show(titleOf(project), prunePreview(decisions));
    offer(parts, project, pruneSummary(decisions), goingNames(decisions));
    return decisions;
  };
}

function titleOf({ name }: OpenProject): string {
  return vscode.l10n.t('Prune preview: {0}', name.replaceAll('/', ' '));
}

/** Without holding up the command: the preview can be read first. */
function offer(parts: CommandParts, project: OpenProject, summary: string, names: readonly string[]): void {
  const settings = vscode.l10n.t('Open Settings');
  const remove = removeButton(names.length);
  void vscode.window
    .showInformationMessage(summary, ...(names.length > 0 ? [remove] : []), settings)
    .then(async (choice) => {
      if (choice === settings) {
        await vscode.commands.executeCommand('workbench.action.openSettings', 'patsBackup.retention');
      } else if (choice === remove) {
        await askAndRemove(parts, project, names);
      }
    })
    .then(undefined, (error: unknown) => {
      showFailure(parts.log, 'prune', error);
    });
}

async function askAndRemove(parts: CommandParts, project: OpenProject, names: readonly string[]): Promise<void> {
  await confirmed(pruneQuestion(names));
  const removed = await parts.operations.run(project, vscode.l10n.t('Deleting backups'), (request, options) =>
    parts.engine.prune(request, { names }, options),
  );
  parts.log.info(`pruned ${removed.join(', ')}`);
  void vscode.window.showInformationMessage(prunedText(removed.length));
  const decisions = await parts.engine.planPrune(parts.projects.requestOf(project), {});
  parts.documents.update(titleOf(project), prunePreview(decisions));
}
