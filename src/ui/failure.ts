// The one place where a failure of a command or of work in the background ends: the log, and a message with its remedy.
import { inspect } from 'node:util';
import * as vscode from 'vscode';
import { reportOf } from '../engine/errors';

/** Writes the failure with its causes to the log and shows message and remedy; a cancellation is silent. */
export function showFailure(log: vscode.LogOutputChannel, what: string, error: unknown): void {
  const report = reportOf(error);
  if (report.code === 'CANCELLED') {
    log.info(`${what}: cancelled`);
    return;
  }
  logFailure(log, what, error);
  const showLog = vscode.l10n.t('Show Log');
  void vscode.window.showErrorMessage(`${report.message} ${report.remedy}`.trim(), showLog).then((choice) => {
    if (choice === showLog) {
      log.show();
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
