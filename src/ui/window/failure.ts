// The one place where a failure of a command or of work in the background ends: the log, and a message with its remedy.
import { inspect } from 'node:util';
import * as vscode from 'vscode';
import { reportOf } from '../../engine/errors';
import type { ErrorCode, ErrorReport } from '../../engine/errors';
import type { OpenProject, Projects } from './projects';

/** The engine speaks of command-line flags; what the editor offers instead. */
function remedyInEditor({ code, remedy }: ErrorReport): string {
  if (code === 'DATABASE_NOT_FOUND' || code === 'NOTHING_TO_BACK_UP') {
    return vscode.l10n.t('Choose the database, or start the application once so that it creates one.');
  }
  return code === 'DATABASE_AMBIGUOUS' ? vscode.l10n.t('Select the one to back up.') : remedy;
}

const CURED_BY_CHOOSING: readonly ErrorCode[] = ['DATABASE_NOT_FOUND', 'NOTHING_TO_BACK_UP', 'DATABASE_AMBIGUOUS', 'NOT_A_DATABASE'];

/** What happened and what to do, in the editor's words. */
export function failureText(error: unknown): string {
  const report = reportOf(error);
  return `${report.message} ${remedyInEditor(report)}`.trim();
}

/** The text with the folder's name before it, where the window has several. */
export function inFolder({ projects }: { readonly projects: Projects }, { name }: OpenProject, text: string): string {
  return projects.all().length > 1 ? `${name}: ${text}` : text;
}

/** Writes the failure with its causes to the log and shows message and remedy; a cancellation is silent. */
export function showFailure(log: vscode.LogOutputChannel, what: string, error: unknown): void {
  const { code } = reportOf(error);
  if (code === 'CANCELLED') {
    log.info(`${what}: cancelled`);
    return;
  }
  logFailure(log, what, error);
  const showLog = vscode.l10n.t('Show Log');
  const choose = vscode.l10n.t('Choose Database...');
  const actions = CURED_BY_CHOOSING.includes(code) ? [choose, showLog] : [showLog];
  void vscode.window.showErrorMessage(failureText(error), ...actions).then((choice) => {
    if (choice === showLog) {
      log.show();
    } else if (choice === choose) {
      void vscode.commands.executeCommand('patsBackup.chooseDatabase');
    }
  });
}

/** Writes a failure that needs no message to the log. */
export function logFailure(log: vscode.LogOutputChannel, what: string, error: unknown): void {
  const report = reportOf(error);
  log.error(`${what}: ${report.code}: ${report.message} ${report.remedy}`);
  if (report.code === 'INTERNAL') {
    log.error(inspect(error));
  } else if (error instanceof Error && error.cause !== undefined) {
    log.error(`Cause: ${inspect(error.cause)}`);
  }
}
