// The engine in a thread of its own: SQLite and the files of strangers may keep it busy, and Ctrl-C is heard all the same.
import { inspect } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Engine, ProjectRequest } from '../engine/engine';
import { BackupError, type ErrorReport } from '../engine/errors';
import type { OperationOptions, Progress } from '../engine/operation';
import { Beginning, resultAfter } from '../rpc/ended-under';
import { METHODS } from '../rpc/protocol';
import { Gate } from './gate';

/** Megabytes for what is soon forgotten: with more, of which Node would take up to three times as many, nothing is faster. */
const YOUNG = 12;

/** One call of a method of the engine. */
export interface Call {
  readonly call: number;
  readonly method: keyof Engine;
  readonly project: ProjectRequest;
  readonly params: unknown;
  /** Somebody wants to hear of progress. */
  readonly listens: boolean;
}

export type ToThread = Call | { readonly cancel: number } | { readonly ping: number };
export type FromThread =
  | { readonly answered: number; readonly result: unknown }
  | { readonly failed: number; readonly report: ErrorReport; readonly details: string }
  | { readonly of: number; readonly progress: Progress }
  | { readonly pong: number };

export type AnyMethod = (project: ProjectRequest, params: unknown, options?: OperationOptions) => Promise<unknown>;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: OperationOptions['onProgress'];
  readonly beginning: Beginning;
}

/** The main thread's side: starts the other one with the first call. */
export class EngineThread {
  /** Every method of the engine, run over there. */
  readonly engine: Engine;
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private readonly pings = new Map<number, () => void>();
  /** Methods whose callers wait for the answer, the look at what became of one that ended included. */
  private readonly asked: (keyof Engine)[] = [];
  private readonly gate = new Gate();
  private last = 0;

  /** `file`: the program of the thread, thread-main. */
  constructor(
    private readonly file: string,
    private readonly log: (text: string) => void,
  ) {
    const methods = { get: (_target: unknown, method: string) => this.methodOf(method as keyof Engine) };
    // The proxy has every method of the interface by its name.
    this.engine = new Proxy({}, methods) as Engine;
  }

  /** Whether something is still under way over there. */
  get isBusy(): boolean {
    return this.waiting.size > 0;
  }

  /** Whether what is asked for has changed nothing so far; then it never will, whatever holds it. */
  close(): boolean {
    return this.gate.close();
  }

  /** What is to be said of an end without an answer, as far as this thread can know it. */
  leftBehind(): BackupError {
    return this.gate.close() ? leftUntouched(this.asked) : leftHalfWay(this.asked);
  }

  /**
   * Ends the thread, so that what became of its work is looked up by another one and answered. False: something holds it for
   * longer than `patience`, in milliseconds.
   */
  async end(patience: number): Promise<boolean> {
    const ended = this.worker?.terminate().then(() => true) ?? Promise.resolve(true);
    return Promise.race([ended, sleep(patience, false, { ref: false })]);
  }

  /** Whether the thread answers within this time, in milliseconds: otherwise something holds it that cannot be cancelled. */
  async answers(patience: number): Promise<boolean> {
    const { worker } = this;
    if (worker === undefined) {
      return true;
    }
    const ping = ++this.last;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve(false);
      }, patience);
      this.pings.set(ping, () => {
        clearTimeout(timer);
        resolve(true);
      });
      this.post(worker, { ping });
    });
  }

  private methodOf(method: keyof Engine): AnyMethod {
    return async (project, params, options = {}) => {
      const beginning = new Beginning(method, project, params);
      this.asked.push(method);
      try {
        return await this.call(method, project, params, options, beginning);
      } catch (error) {
        if (!(error instanceof EndedUnderIt)) {
          throw error;
        }
        const wasCancelled = options.signal?.aborted ?? false;
        const ended = { beginning, wasCancelled, cause: error.cause, recover: 'Run "pats-backup recover".' };
        // Awaited here: until there is an answer it counts as begun.
        return await resultAfter(this.engine, method, project, params, ended);
      } finally {
        this.asked.splice(this.asked.lastIndexOf(method), 1);
        if (this.asked.length === 0) {
          this.gate.answered();
        }
      }
    };
  }

  private async call(
    method: keyof Engine,
    project: ProjectRequest,
    params: unknown,
    { signal, onProgress }: OperationOptions,
    beginning: Beginning,
  ): Promise<unknown> {
    const worker = (this.worker ??= this.start());
    const call = ++this.last;
    const cancel = (): void => {
      this.post(worker, { cancel: call });
    };
    const result = new Promise<unknown>((resolve, reject) => {
      this.waiting.set(call, { resolve, reject, onProgress, beginning });
    });
    this.post(worker, { call, method, project, params, listens: onProgress !== undefined });
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted === true) {
      cancel();
    }
    worker.ref();
    return result.finally(() => {
      if (!this.isBusy) {
        // Nobody waits for a thread that has nothing to do.
        worker.unref();
      }
      signal?.removeEventListener('abort', cancel);
    });
  }

  private post(worker: Worker, message: ToThread): void {
    worker.postMessage(message);
  }

  private start(): Worker {
    const worker = new Worker(this.file, {
      argv: process.argv.slice(2),
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
      workerData: this.gate.memory,
    });
    worker.on('message', (message: FromThread) => {
      this.hear(message);
    });
    let cause: Error | undefined;
    worker.on('error', (error) => {
      cause = error;
      this.log(`The engine's thread failed: ${inspect(error)}`);
    });
    worker.on('exit', () => {
      // The next call starts another one.
      this.worker = this.worker === worker ? undefined : this.worker;
      this.failAll(new EndedUnderIt(cause));
    });
    return worker;
  }

  private hear(message: FromThread): void {
    if ('pong' in message) {
      this.pings.get(message.pong)?.();
    } else if ('of' in message) {
      const waiting = this.waiting.get(message.of);
      if (waiting?.beginning.hear(message.progress) === false) {
        waiting.onProgress?.(message.progress);
      }
    } else if ('answered' in message) {
      this.waiting.get(message.answered)?.resolve(message.result);
      this.waiting.delete(message.answered);
    } else {
      this.log(message.details);
      const { code, message: text, remedy, choices } = message.report;
      this.waiting.get(message.failed)?.reject(new BackupError(code, text, remedy, { choices }));
      this.waiting.delete(message.failed);
    }
  }

  private failAll(error: Error): void {
    for (const { reject } of this.waiting.values()) {
      reject(error);
    }
    this.waiting.clear();
  }
}

/** The thread ended before it had answered, e.g. because there was no memory left. */
class EndedUnderIt extends Error {
  constructor(cause: Error | undefined) {
    super('The thread of the engine ended.', { cause });
  }
}

/** Of operations that had changed nothing, and will not any more. */
function leftUntouched(asked: readonly (keyof Engine)[]): BackupError {
  const changing = asked.find((method) => !METHODS[method].repeatable);
  if (changing === undefined) {
    return new BackupError('CANCELLED', 'It was ended while it was looking. No data was changed.', 'Run it again when you want.');
  }
  return 'replaces' in METHODS[changing]
    ? new BackupError(
        'CANCELLED',
        'It was ended before it replaced anything: the live data is as it was.',
        'The next command removes what was prepared.',
      )
    : new BackupError(
        'CANCELLED',
        'It was ended while it was at work. Nothing was changed, and what is not complete is never listed.',
        'The next command removes what was left.',
      );
}

/** Of operations that were changing something: how far they came is not known, and is not guessed. */
function leftHalfWay(asked: readonly (keyof Engine)[]): BackupError {
  if (asked.some((method) => 'replaces' in METHODS[method])) {
    return new BackupError(
      'RESTORE_INTERRUPTED',
      'It was ended while the live data was being replaced: the data may be neither as before nor as in the backup.',
      'Run "pats-backup recover" before anything uses the data: it finishes the restore or takes it back, and says which.',
    );
  }
  if (asked.every((method) => METHODS[method].repeatable)) {
    return new BackupError(
      'RESTORE_INTERRUPTED',
      'It was ended while it put in order what an interrupted run had left.',
      'Run "pats-backup recover": it goes on with it, and says what came of it.',
    );
  }
  return new BackupError(
    'ENGINE_STOPPED',
    'It was ended while it was changing something. What was done by then stays; what is not complete is never listed.',
    'Run "pats-backup list" to see what was done. The next command removes what was left.',
  );
}
