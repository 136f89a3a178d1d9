// What every verb works with: the engine, the project, where to write, and what the person at the terminal wants.
import type { Engine, ProjectRequest } from '../engine/engine';
import { BackupError, cancelled } from '../engine/errors';
import type { OperationOptions } from '../engine/operation';
import { confirm } from './confirm';
import type { Output } from './output';
import { person } from './person';
import { ProgressBar } from './progress-bar';

export class Context {
  constructor(
    readonly engine: Engine,
    readonly project: ProjectRequest,
    readonly output: Output,
    readonly signal: AbortSignal,
  ) {}

  /** Runs a long operation with a progress bar on a terminal. */
  async withProgress<T>(operation: (options: OperationOptions) => Promise<T>): Promise<T> {
    const { json, quiet } = this.output.mode;
    const bar = json || quiet || !process.stderr.isTTY ? null : new ProgressBar(process.stderr);
    this.signal.addEventListener('abort', () => bar?.stop(), { once: true });
    try {
      return await operation({ signal: this.signal, ...(bar && { onProgress: bar.show }) });
    } finally {
      bar?.stop();
    }
  }

  /** Gives up waiting for a reading operation as soon as the person does; it has nothing to leave behind. */
  async untilCancelled<T>(operation: Promise<T>): Promise<T> {
    const interrupted = new Promise<never>((_resolve, reject) => {
      this.signal.addEventListener('abort', () => {
        reject(cancelled());
      });
    });
    return Promise.race([operation, interrupted]);
  }

  /** Refuses at once when nobody can be asked. */
  requireForceWithoutTerminal(force: boolean, what: string): void {
    if (!force && person() === null) {
      throw new BackupError(
        'REFUSED',
        `${what} needs a confirmation, and there is no terminal to ask on. Nothing was changed.`,
        'Run it again with --force.',
      );
    }
  }

  /** Asks on the terminal; without a yes it fails with REFUSED. */
  async confirmed(question: string): Promise<void> {
    if (!(await confirm(question, this.signal))) {
      throw new BackupError('REFUSED', 'Nothing was changed.', 'Run it again when you want.');
    }
  }
}
