// Interruptions: the first one asks the operation to end in order, the next one, or an operation that cannot hear, ends the process.
import { EXIT } from './exit-codes';
import { here } from '../engine/platform/platform';

/** A terminal sends Ctrl-C to the launcher and to this process, and the launcher hands its own on: these count as one. */
const SAME_KEYPRESS = 250;
/** Milliseconds after which an operation that does not even answer is ended: it can be finished or undone later. */
const PATIENCE = 1000;

/** What the operation runs in. */
export interface Interruptible {
  readonly isBusy: boolean;
  /** It is too late to cancel: only whoever insists ends it. */
  readonly isReplacing?: boolean;
  answers(patience: number): Promise<boolean>;
}

/**
 * The signal that is aborted by SIGINT, SIGTERM, SIGHUP and by the end of the process that started this one. `last` is called
 * before the process is ended without an answer of its work.
 */
export function handleSignals(say: (text: string) => void, work: Interruptible, last: () => void): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const stop = (): void => {
    last();
    leave(EXIT.interrupted, work);
  };
  const interrupt = (): void => {
    if (!controller.signal.aborted) {
      first = Date.now();
      say('Cancelling ... press Ctrl-C again to stop at once.');
      controller.abort();
      void work.answers(PATIENCE).then((isAlive) => {
        if (!isAlive && work.isReplacing !== true) {
          stop();
        }
      });
    } else if (Date.now() - first > SAME_KEYPRESS) {
      stop();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, interrupt);
  }
  if (process.channel) {
    process.on('disconnect', interrupt);
    process.channel.unref();
  }
  return controller.signal;
}

/** For work that a signal may end at any time: it ends with the process that started this one, too. */
export function endWithParent(): void {
  if (process.channel) {
    process.once('disconnect', () => process.exit(EXIT.interrupted));
    process.channel.unref();
  }
}

/** Ends the process. Node waits for its threads; what holds one cannot be waited for, so then the signal itself ends the process. */
export function leave(code: number, work: Interruptible): void {
  if (work.isBusy && !here.isWindows) {
    process.removeAllListeners('SIGINT');
    process.kill(process.pid, 'SIGINT');
    return;
  }
  process.exit(code);
}
