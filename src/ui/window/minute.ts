// The minute hand: ages that are shown move on with it.
import * as vscode from 'vscode';

const MINUTE_MS = 60_000;

/** Calls it each minute until it is disposed. */
export function everyMinute(call: () => void): vscode.Disposable {
  const timer = setInterval(call, MINUTE_MS);
  return new vscode.Disposable(() => {
    clearInterval(timer);
  });
}
