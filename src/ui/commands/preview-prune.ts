// "Preview Prune...": a page with why each backup is kept or would be deleted, and the question which of them to delete.
import * as vscode from 'vscode';
import { cancelled } from '../../engine/errors';
import type { PruneDecision, Storage } from '../../engine/engine';
import { confirmed } from '../prompts/confirm';
import type { CommandParts } from './parts';
import type { OpenProject } from '../window/projects';
import type { Page } from '../window/pages';
import { reader } from '../window/reader';
import { goingNames, prunedText, pruneQuestion } from '../text/prune';
import { DELETE_PRUNED, prunePage } from '../text/prune-page';
import { sizeText } from '../text/size';
import { isNode } from '../backups/nodes';
import type { Handler } from './handler';

const KIND = 'prune';
/** What a page may run. */
const LINKS = [DELETE_PRUNED, 'workbench.action.openSettings'];

export function previewPrune(parts: CommandParts): Handler {
  return async (row) => {
    const project = isNode(row) ? row.project : await parts.projects.pick();
    const { decisions, storage } = await parts.operations.run(project, vscode.l10n.t('Planning'), () => plan(parts, project));
    parts.pages.show(KIND, pageOf(project, decisions, storage));
    return decisions;
  };
}

/** What the page's link does; it names the project's folder and what the page shows: only that is deleted. */
export function deletePruned(parts: CommandParts): Handler {
  return async (root, shown) => {
    const project = parts.projects.all().find((each) => each.root === root);
    if (project === undefined || !Array.isArray(shown)) {
      throw cancelled();
    }
    const names = await chosen(await plan(parts, project), shown);
    await confirmed(pruneQuestion(names));
    const removed = await parts.operations.run(project, vscode.l10n.t('Deleting backups'), (request, options) =>
      parts.engine.prune(request, { names }, options),
    );
    parts.log.info(`pruned ${removed.join(', ')}`);
    void vscode.window.showInformationMessage(prunedText(removed.length));
    const { decisions, storage } = await plan(parts, project);
    parts.pages.update(KIND, pageOf(project, decisions, storage));
    return removed;
  };
}

interface Plan {
  readonly decisions: readonly PruneDecision[];
  readonly storage: Storage;
}

async function plan({ engine, projects }: CommandParts, project: OpenProject): Promise<Plan> {
  const request = projects.requestOf(project);
  return { decisions: await engine.planPrune(request, {}), storage: await engine.storage(request) };
}

/** Those that the user leaves ticked. */
async function chosen({ decisions, storage }: Plan, shown: readonly unknown[]): Promise<string[]> {
  const { locale } = reader();
  const going = goingNames(decisions).filter((name) => shown.includes(name));
  const items = going.map((name) => ({
    label: name,
    description: sizeText(storage.backups.find((each) => each.name === name)?.ownBytes ?? 0, locale),
    detail: decisions.find((decision) => decision.name === name)?.reason ?? '',
    picked: true,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    title: vscode.l10n.t('Delete Backups'),
    placeHolder: vscode.l10n.t('Select backups to delete'),
  });
  if (picked === undefined || picked.length === 0) {
    throw cancelled();
  }
  return picked.map(({ label }) => label);
}

function pageOf(project: OpenProject, decisions: readonly PruneDecision[], storage: Storage): Page {
  return {
    title: vscode.l10n.t('Prune preview: {0}', project.name),
    body: prunePage(decisions, storage, project.name, project.root, reader().locale),
    commands: LINKS,
  };
}
