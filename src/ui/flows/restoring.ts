// Plan, ask, restore, report: the way of every restore and of its undo.
import * as vscode from 'vscode';
import { here } from '../../engine/platform/platform';
import { typedLines } from '../../engine/platform/shell';
import type { RestoreParams, RestorePlan, RestoreResult, RevisionLocation, Status } from '../../engine/engine';
import { BackupError } from '../../engine/errors';
import { agreedParams } from '../prompts/agreed';
import { confirmed } from '../prompts/confirm';
import { logFailure, showFailure } from '../window/failure';
import { openManifest } from '../window/manifest-editor';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { reader } from '../window/reader';
import { runInTerminal } from '../window/terminal';
import { lossesOf, showComparison } from './comparing';
import { confirmedReplacing, type Around } from './stopping';
import { canRun } from '../text/command';
import { needsQuestion, restoredText, restoreQuestion, undoQuestion, withLosses, type Question } from '../text/restore';

/** An application that writes all the time is restored over after that: its last rows are in the safety backup. */
const MOST_QUESTIONS = 3;

/**
 * Restores a backup, or a part of it, after the user has seen what that does. What was agreed to is the state that was shown:
 * if it has moved on since, that is said and asked again.
 */
export async function askAndRestore(
  parts: Parts,
  project: OpenProject,
  params: Omit<RestoreParams, 'ignoreDamage' | 'seen'>,
): Promise<RestoreResult> {
  const { engine, operations } = parts;
  const { name } = params;
  for (let times = 1; ; times++) {
    const plan = await operations.run(project, vscode.l10n.t('Checking backup “{0}”', name), (request, options) =>
      engine.planRestore(request, params, options),
    );
    logProblems(parts, plan);
    const { needs = [] } = plan.part ?? {};
    if (needs.length > 0 && params.tables !== undefined && params.where === undefined) {
      await confirmed(needsQuestion(plan, needs));
      return await askAndRestore(parts, project, { ...params, tables: [...params.tables, ...needs] });
    }
    const around = await confirmedKnowing(parts, project, plan, times > 1);
    const isBound = times < MOST_QUESTIONS && plan.live !== undefined;
    try {
      const result = await operations.replace(project, vscode.l10n.t('Restoring “{0}”', name), (request, options) =>
        // A service that stops tidies up its database.
        around(request, (isStopped) =>
          engine.restore(request, { ...params, ...agreedParams(plan), ...(isBound && !isStopped && { seen: plan.live }) }, options),
        ),
      );
      await reportRestored(parts, project, plan.backup.path, result);
      return result;
    } catch (error) {
      if (!(error instanceof BackupError) || error.code !== 'STATE_CHANGED') {
        throw error;
      }
    }
  }
}

/** Restores a backup that the user has just been told all about; the result is said as after every restore. */
export async function restoreAndReport(parts: Parts, project: OpenProject, params: RestoreParams): Promise<RestoreResult> {
  const result = await parts.operations.replace(project, vscode.l10n.t('Restoring “{0}”', params.name), (request, options) =>
    parts.engine.restore(request, params, options),
  );
  const { path } = await parts.engine.show(parts.projects.requestOf(project), { name: params.name });
  await reportRestored(parts, project, path, result);
  return result;
}

/** Goes back to the state before the last restore, after the user has seen what that does. */
export async function askAndUndo(parts: Parts, project: OpenProject): Promise<RestoreResult> {
  const { engine, operations } = parts;
  const plan = await operations.run(project, vscode.l10n.t('Checking the safety backup'), (request, options) =>
    engine.planUndo(request, {}, options),
  );
  logProblems(parts, plan);
  const around = await confirmedReplacing(parts, project, undoQuestion(plan, project.root, reader()));
  const result = await operations.replace(project, vscode.l10n.t('Undoing the last restore'), (request, options) =>
    around(request, () => engine.restore(request, agreedParams(plan), options)),
  );
  await reportRestored(parts, project, plan.backup.path, result);
  return result;
}

/** Asks with a line of what would be lost, if that is known soon; otherwise the changes are offered, which ends this. */
async function confirmedKnowing(parts: Parts, project: OpenProject, plan: RestorePlan, isNews: boolean): Promise<Around> {
  const { scope, backup, part } = plan;
  if (part !== undefined) {
    const question = restoreQuestion(plan, project.root, reader());
    const asked = isNews ? withLosses(question, '', true) : question;
    return scope === 'uploads' ? confirmedBeside(asked) : confirmedReplacing(parts, project, asked);
  }
  const shown = await lossesOf(parts, project, backup.name, scope);
  const question = withLosses(restoreQuestion(plan, project.root, reader()), shown, isNews);
  const changes = (): Promise<unknown> => showComparison(parts, project, null, backup.name);
  return scope === 'uploads' ? confirmedBeside(question, changes) : confirmedReplacing(parts, project, question, changes);
}

async function confirmedBeside(question: Question, more?: () => Promise<unknown>): Promise<Around> {
  await confirmed(question, more);
  return (_request, work) => work(false);
}

function logProblems({ log }: Parts, plan: RestorePlan): void {
  for (const problem of plan.problems) {
    log.warn(`${plan.backup.name}: ${problem}`);
  }
}

/**
 * Says what is now, without holding up the command: the message stays as long as the user wants.
 * `backupPath` is null after restoring what is no backup.
 */
export async function reportRestored(parts: Parts, project: OpenProject, backupPath: string | null, result: RestoreResult): Promise<void> {
  const status = await statusAfter(parts, project);
  const text = restoredText(result, status);
  parts.log.info(text);
  const undo = vscode.l10n.t('Undo');
  const openMetadata = vscode.l10n.t('Open Metadata');
  const copy = vscode.l10n.t('Copy Command');
  const run = vscode.l10n.t('Run in Terminal');
  const actions = [
    undo,
    ...(backupPath === null ? [] : [openMetadata]),
    ...(result.commands.length > 0 ? [copy] : []),
    ...(canRun(result.commands) ? [run] : []),
  ];
  const show = result.warnings.length > 0 ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  const perform = async (choice: string | undefined): Promise<void> => {
    if (choice === undo) {
      await askAndUndo(parts, project);
    } else if (choice === openMetadata && backupPath !== null) {
      await openManifest(backupPath);
    } else if (choice === copy) {
      await vscode.env.clipboard.writeText(result.commands.flatMap((command) => typedLines(command, here)).join('\n'));
    } else if (choice === run) {
      runInTerminal(project, result.commands);
    }
  };
  void show(text, ...actions)
    .then(perform)
    .then(undefined, (error: unknown) => {
      showFailure(parts.log, 'restore', error);
    });
}

/** The commit or branch that holds the revision which these files do not know. */
export async function placeOf(parts: Parts, project: OpenProject, { revisions }: Status): Promise<RevisionLocation | null> {
  const [revision] = revisions;
  try {
    return revision === undefined ? null : await parts.engine.locateRevision(parts.projects.requestOf(project), { revision });
  } catch (error) {
    logFailure(parts.log, 'locate revision', error);
    return null;
  }
}

async function statusAfter(parts: Parts, project: OpenProject): Promise<Status | null> {
  try {
    return await parts.engine.status(parts.projects.requestOf(project));
  } catch (error) {
    logFailure(parts.log, 'status after restore', error);
    return null;
  }
}
