// Plan, ask, restore, report: the way of every restore and of its undo.
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { here } from '../../engine/platform/platform';
import { typedLines } from '../../engine/platform/shell';
import type { RestoreParams, RestorePlan, RestoreResult, RevisionLocation, Status } from '../../engine/engine';
import { cancelled, reportOf } from '../../engine/errors';
import { agreedParams } from '../prompts/agreed';
import { confirmed } from '../prompts/confirm';
import { failureText, inFolder, logFailure, showFailure } from '../window/failure';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { reader } from '../window/reader';
import { runInTerminal } from '../window/terminal';
import { lossesOf, showComparison } from './comparing';
import { nearestGood } from './nearest';
import { confirmedReplacing, type Around } from './stopping';
import { ACT_ON_BACKUP } from '../text/backup-page';
import { canRun } from '../text/command';
import { backupLabel } from '../text/label';
import {
  needsQuestion,
  otherText,
  restoredText,
  restoreQuestion,
  rowsDone,
  rowsQuestion,
  undoQuestion,
  withLosses,
  type Question,
} from '../text/restore';

/** An application that writes all the time is restored over after that: its last rows are in the safety backup. */
const MOST_QUESTIONS = 3;

/** A backup, or a part of it. */
type Wanted = Omit<RestoreParams, 'ignoreDamage' | 'seen'>;

/**
 * Restores a backup, or a part of it, after the user has seen what that does; in the place of a damaged one another is
 * proposed. What was agreed to is the state that was shown: if it has moved on since, that is said and asked again.
 */
export async function askAndRestore(parts: Parts, project: OpenProject, wanted: Wanted): Promise<RestoreResult> {
  const { engine, operations } = parts;
  const { name } = wanted;
  for (let times = 1; ; times++) {
    const plan = await operations.run(project, vscode.l10n.t('Checking backup “{0}”', name), (request, options) =>
      engine.planRestore(request, wanted, options),
    );
    logProblems(parts, plan);
    const { needs = [] } = plan.part ?? {};
    if (needs.length > 0 && wanted.tables !== undefined && wanted.where === undefined) {
      await confirmed(needsQuestion(plan, needs));
      return await askAndRestore(parts, project, { ...wanted, tables: [...wanted.tables, ...needs] });
    }
    const other = plan.problems.length > 0 ? await otherThan(parts, project, wanted) : null;
    const around = await confirmedKnowing(parts, project, plan, wanted, times > 1, other);
    const isBound = times < MOST_QUESTIONS && plan.live !== undefined;
    try {
      const result = await replaced(parts, project, wanted, vscode.l10n.t('Restoring “{0}”', name), (request, options) =>
        // A service that stops tidies up its database.
        around(request, (isStopped) =>
          engine.restore(request, { ...wanted, ...agreedParams(plan), ...(isBound && !isStopped && { seen: plan.live }) }, options),
        ),
      );
      await reportRestored(parts, project, plan.backup.path, result, wanted.where === undefined ? undefined : rowsDone(result));
      return result;
    } catch (error) {
      if (reportOf(error).code !== 'STATE_CHANGED') {
        throw error;
      }
    }
  }
}

/** Restores a backup that the user has just been told all about; the result is said as after every restore. */
export async function restoreAndReport(parts: Parts, project: OpenProject, params: RestoreParams): Promise<RestoreResult> {
  const { name } = params;
  const result = await replaced(parts, project, params, vscode.l10n.t('Restoring “{0}”', name), (request, options) =>
    parts.engine.restore(request, params, options),
  );
  const { path } = await parts.engine.show(parts.projects.requestOf(project), { name });
  await reportRestored(parts, project, path, result);
  return result;
}

/** Goes back to the state before the last restore, after the user has seen what that does. After an undo that is a redo. */
export async function askAndUndo(parts: Parts, project: OpenProject): Promise<RestoreResult> {
  const { engine, operations } = parts;
  const plan = await operations.run(project, vscode.l10n.t('Checking the safety backup'), (request, options) =>
    engine.planUndo(request, {}, options),
  );
  logProblems(parts, plan);
  const undone = plan.backup.manifest?.safety?.restored ?? plan.backup.name;
  const redone = await restoreBehind(parts, project, undone);
  const around = await confirmedReplacing(parts, project, undoQuestion(plan, project.root, reader(), redone));
  const title = redone === null ? vscode.l10n.t('Undoing the last restore') : vscode.l10n.t('Redoing the last restore');
  const result = await replaced(parts, project, { name: plan.backup.name, scope: plan.scope }, title, (request, options) =>
    around(request, () => engine.restore(request, agreedParams(plan), options)),
  );
  const done =
    redone === null ? vscode.l10n.t('The restore of “{0}” was undone.', undone) : vscode.l10n.t('The restore of “{0}” was redone.', redone);
  await reportRestored(parts, project, plan.backup.path, result, done, redone === null);
  return result;
}

/** The backup whose restore was undone when this one was restored; null: it was no undo. */
async function restoreBehind({ engine, projects }: Parts, project: OpenProject, name: string): Promise<string | null> {
  try {
    const { trigger, safety } = await engine.show(projects.requestOf(project), { name });
    return trigger === 'safety' ? (safety?.restored ?? null) : null;
  } catch {
    // It was deleted since: what is undone is all that can be said.
    return null;
  }
}

type Work = Parameters<Parts['operations']['replace']>[2];

/** Replaces live data. Whoever cancels is told what is so; in the place of a damaged backup another one is proposed. */
async function replaced(
  parts: Parts,
  project: OpenProject,
  wanted: Wanted,
  title: string,
  work: (...args: Parameters<Work>) => Promise<RestoreResult>,
): Promise<RestoreResult> {
  try {
    return await parts.operations.replace(project, title, work);
  } catch (error) {
    const { code } = reportOf(error);
    if (code === 'CANCELLED') {
      const text = vscode.l10n.t('The restore of “{0}” was cancelled. Nothing was changed.', wanted.name);
      void vscode.window.showInformationMessage(text, vscode.l10n.t('OK'));
    }
    const other = code === 'BACKUP_DAMAGED' ? await otherThan(parts, project, wanted) : null;
    if (other === null) {
      throw error;
    }
    logFailure(parts.log, 'restore', error);
    const use = vscode.l10n.t('Use the Other');
    const text = [failureText(error), otherText(other.label)].join(' ');
    if ((await vscode.window.showErrorMessage(text, use)) !== use) {
      throw cancelled();
    }
    return await askAndRestore(parts, project, other.wanted);
  }
}

/** The same of another backup, and how that one is called. */
interface Other {
  readonly wanted: Wanted;
  readonly label: string;
}

async function otherThan({ engine, projects }: Parts, project: OpenProject, wanted: Wanted): Promise<Other | null> {
  const { backups } = await engine.list(projects.requestOf(project));
  const entry = nearestGood(backups, wanted.name);
  return entry === null ? null : { wanted: { ...wanted, name: entry.name }, label: backupLabel(entry) };
}

/** Asks with a line of what would be lost, if that is known soon; otherwise the changes, or another backup, are offered, which ends this. */
async function confirmedKnowing(
  parts: Parts,
  project: OpenProject,
  plan: RestorePlan,
  wanted: Wanted,
  isNews: boolean,
  other: Other | null,
): Promise<Around> {
  const { scope, backup, part } = plan;
  if (part !== undefined) {
    const whole = restoreQuestion(plan, project.root, reader());
    const question = wanted.where === undefined ? whole : rowsQuestion(whole, plan);
    const asked = isNews ? withLosses(question, '', true) : question;
    return scope === 'uploads' ? confirmedBeside(asked) : confirmedReplacing(parts, project, asked);
  }
  const shown = await lossesOf(parts, project, backup.name, scope);
  const question = withLosses(restoreQuestion(plan, project.root, reader(), other?.label), shown, isNews);
  const more = (): Promise<unknown> =>
    other === null ? showComparison(parts, project, null, backup.name) : askAndRestore(parts, project, other.wanted);
  return scope === 'uploads' ? confirmedBeside(question, more) : confirmedReplacing(parts, project, question, more);
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
export async function reportRestored(
  parts: Parts,
  project: OpenProject,
  backupPath: string | null,
  result: RestoreResult,
  done?: string,
  isUndo = false,
): Promise<void> {
  const status = await statusAfter(parts, project);
  const text = inFolder(parts, project, restoredText(result, status, done));
  parts.log.info(text);
  const undo = isUndo ? vscode.l10n.t('Redo') : vscode.l10n.t('Undo');
  const details = vscode.l10n.t('Details');
  const copy = vscode.l10n.t('Copy Command');
  const run = vscode.l10n.t('Run Command');
  // More than three would be cut off.
  const next = canRun(result.commands) ? [run] : result.commands.length > 0 ? [copy] : [];
  const actions = [undo, ...(backupPath === null ? [] : [details]), ...next];
  const show = result.warnings.length > 0 ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  const perform = async (choice: string | undefined): Promise<void> => {
    if (choice === undo) {
      await askAndUndo(parts, project);
    } else if (choice === details && backupPath !== null) {
      await vscode.commands.executeCommand(ACT_ON_BACKUP, 'patsBackup.showDetails', project.root, basename(backupPath));
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
