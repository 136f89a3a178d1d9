// Two states side by side in VS Code's own multi-file diff, and what a restore would lose, where that is known soon.
import * as vscode from 'vscode';
import type { Comparison, RestoreScope } from '../../engine/engine';
import { logFailure } from '../window/failure';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { comparedTexts, lossText, ROWS_COMPARED } from '../text/comparison';

/** Somebody waits for the question meanwhile. */
const PATIENCE_MS = 2000;

/** Opens what differs from one state (null: the live data) to the other; all documents are read-only. */
export async function showComparison(parts: Parts, project: OpenProject, from: string | null, to: string | null): Promise<Comparison> {
  const { engine, operations, documents } = parts;
  const comparison = await operations.run(project, vscode.l10n.t('Comparing'), (request, options) =>
    engine.compare(request, { from, to, limit: ROWS_COMPARED }, options),
  );
  const [left, right] = [from, to].map((name) => name ?? vscode.l10n.t('Current Data')) as [string, string];
  const title = vscode.l10n.t('{0} ↔ {1}', left, right);
  const texts = comparedTexts(comparison);
  if (texts.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('{0} and {1} do not differ.', left, right));
    return comparison;
  }
  // Two paths would look like a file that was renamed.
  const place = (label: string): string => [project.name, title, label].map((part) => part.replaceAll('/', ' ')).join('/');
  const resources = texts.map((text) => {
    const before = documents.update(place(text.label), text.left, 'from');
    return [before, before, documents.update(place(text.label), text.right, 'to')];
  });
  await vscode.commands.executeCommand('vscode.changes', title, resources);
  return comparison;
}

/** What a restore would lose and bring back, in a line; null: it cannot be known soon enough. */
export async function lossesOf(
  { engine, projects, log }: Parts,
  project: OpenProject,
  name: string,
  scope: RestoreScope,
): Promise<string | null> {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort();
  }, PATIENCE_MS);
  try {
    const parts = { all: ['schema', 'tables', 'uploads'], database: ['schema', 'tables'], uploads: ['uploads'] } as const;
    const comparing = engine.compare(
      projects.requestOf(project),
      { from: null, to: name, parts: parts[scope] },
      { signal: controller.signal },
    );
    const tooLate = new Promise<null>((resolve) => {
      controller.signal.addEventListener('abort', () => {
        resolve(null);
      });
    });
    const comparison = await Promise.race([comparing, tooLate]);
    if (comparison === null) {
      comparing.catch(() => undefined);
      return null;
    }
    return comparison.warnings.length > 0 ? null : lossText(comparison);
  } catch (error) {
    logFailure(log, 'compare', error);
    return null;
  } finally {
    clearTimeout(timer);
  }
}
