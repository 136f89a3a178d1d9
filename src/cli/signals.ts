// Interruptions: the first one asks the operation to end in order; the next ones, or an operation that cannot hear, end it.
import { EXIT } from './exit-codes';
import { here } from '../engine/platform/platform';

/** A terminal sends Ctrl-C to the launcher and to this process, and the launcher hands its own on: these count as one. */
const SAME_KEYPRESS = 250;
/** Milliseconds after which an operation that does not even answer is ended: it can be finished or undone later. */
const PATIENCE = 1000;

/** What the operation runs in. */
export interface Interruptible {
  readonly isBusy: boolean;
  answers(patience: number): Promise<boolean>;
  /** Whether nothing was changed so far; then nothing will be. */
  close(): boolean;
  /** Ends it where it is, so that what became of it is looked up and answered; false: it cannot be ended. */
  end(patience: number): Promise<boolean>;
}

/**
 * The signal that is aborted by SIGINT, SIGTERM, SIGHUP and by the end of the process that started this one. `last` is called
 * before the process is ended without an answer of its work. The first interruption ends the process only while nothing was
 * changed; the second one ends what changes something, and the answer says what became of it; the third one waits for nothing.
 */
export function handleSignals(say: (text: string) => void, work: Interruptible, last: () => void): AbortSignal {
  const controller = new AbortController();
  let times = 0;
  let latest = 0;
  const stop = (): void => {
    last();
    leave(Number(process.exitCode ?? EXIT.interrupted), work.isBusy);
  };
  const interrupt = (): void => {
    if (times > 0 && Date.now() - latest <= SAME_KEYPRESS) {
      return;
    }
    latest = Date.now();
    times++;
    if (times === 1) {
      say('Cancelling ... press Ctrl-C again to stop at once.');
      controller.abort();
      void work.answers(PATIENCE).then((isAlive) => {
        if (isAlive || times > 1) {
          return;
        }
        if (work.close()) {
          stop();
        } else {
          say('It is too late to cancel: data is being changed, and that goes on to its end.');
        }
      });
    } else if (times === 2 && !work.close()) {
      say('Stopping ... what was begun is finished or taken back first. Press Ctrl-C again to leave that to the next command.');
      void work.end(PATIENCE).then((isEnded) => {
        if (!isEnded) {
          stop();
        }
      });
    } else {
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
export function leave(code: number, isBusy: boolean): void {
  if (isBusy && !here.isWindows) {
    process.removeAllListeners('SIGINT');
    process.kill(process.pid, 'SIGINT');
    return;
  }
  process.exit(code);
}
