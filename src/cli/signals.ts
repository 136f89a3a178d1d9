// Interruptions: the first one asks the operation to end in order, the next one ends the process.
import { EXIT } from './exit-codes';

/** A terminal sends Ctrl-C to the launcher and to this process, and the launcher hands its own on: these count as one. */
const SAME_KEYPRESS = 250;

/** The signal that is aborted by SIGINT, SIGTERM, SIGHUP and by the end of the process that started this one. */
export function handleSignals(say: (text: string) => void): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const interrupt = (): void => {
    if (!controller.signal.aborted) {
      first = Date.now();
      controller.abort();
      say('Cancelling ... press Ctrl-C again to stop at once.');
    } else if (Date.now() - first > SAME_KEYPRESS) {
      process.exit(EXIT.interrupted);
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
