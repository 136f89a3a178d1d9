// What `pats-backup recover` says, and what other verbs say about a restore that waits.
import type { Recovery, WaitingRestore } from '../../engine/engine';
import { printable } from './words';

export function recoveryText({ actions, waiting, isBusy }: Recovery): string {
  if (isBusy === true) {
    return 'Another backup or restore of this project is running. What was interrupted before is settled by it, or by the next run.';
  }
  const lines = actions.map(printable);
  if (waiting !== null && !actions.includes(waiting.message)) {
    lines.push(waitingText(waiting));
  }
  return lines.length === 0 ? 'Nothing was interrupted.' : lines.join('\n');
}

export function waitingText({ message, remedy }: Pick<WaitingRestore, 'message' | 'remedy'>): string {
  return `${printable(message)}\n${printable(remedy)}`;
}
