// The progress bar on a terminal: one line that names the phase and counts bytes.
import cliProgress from 'cli-progress';
import type { Phase, Progress } from '../engine/operation';
import { progressText } from './text/progress';

export class ProgressBar {
  private bar: cliProgress.SingleBar | undefined;
  private phase: Phase | undefined;
  private stopped = false;

  constructor(private readonly stream: NodeJS.WriteStream) {}

  /** Shows the progress, in a new bar for each phase, unless it was stopped. */
  readonly show = (progress: Progress): void => {
    if (this.stopped) {
      return;
    }
    if (this.phase !== progress.phase) {
      this.phase = progress.phase;
      this.bar?.stop();
      this.bar = this.start(progress);
    }
    this.bar?.update(0, { progress });
  };

  /** Clears the line for good. */
  stop(): void {
    this.stopped = true;
    this.bar?.stop();
  }

  private start(progress: Progress): cliProgress.SingleBar {
    const bar = new cliProgress.SingleBar({
      stream: this.stream,
      format: (_options, _params, payload: { progress: Progress }) => progressText(payload.progress, this.stream.columns || 80),
      hideCursor: true,
      clearOnComplete: true,
      linewrap: null,
      // Ctrl-C is for the operation to end in order.
      gracefulExit: false,
      fps: 10,
    });
    bar.start(1, 0, { progress });
    return bar;
  }
}
