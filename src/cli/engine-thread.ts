// The engine in a thread of its own: SQLite and the files of strangers may keep it busy, and Ctrl-C is heard all the same.
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Engine, ProjectRequest } from '../engine/engine';
import { BackupError, type ErrorReport } from '../engine/errors';
import type { OperationOptions, Phase, Progress } from '../engine/operation';
import { Beginning, resultAfter } from '../rpc/ended-under';
import { METHODS } from '../rpc/protocol';

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

/** What is under way, and how far it said it was. */
export interface UnderWay {
  readonly method: keyof Engine;
  readonly phase: Phase | undefined;
}

interface Waiting {
  readonly method: keyof Engine;
  phase?: Phase;
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

  /** Whether live data is being replaced, as far as is heard: then a cancellation is too late. */
  get isReplacing(): boolean {
    return this.underWay.some(({ phase }) => phase === 'replace');
  }

  get underWay(): UnderWay[] {
    return [...this.waiting.values()].map(({ method, phase }) => ({ method, phase }));
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
        // On a busy machine the answer may be here already and not be heard yet.
        setImmediate(() => {
          setImmediate(() => {
            resolve(false);
          });
        });
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
      try {
        return await this.call(method, project, params, options, beginning);
      } catch (error) {
        if (!(error instanceof EndedUnderIt)) {
          throw error;
        }
        const wasCancelled = options.signal?.aborted ?? false;
        const ended = { beginning, wasCancelled, cause: error.cause, recover: 'Run "pats-backup recover".' };
        return resultAfter(this.engine, method, project, params, ended);
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
      this.waiting.set(call, { method, resolve, reject, onProgress, beginning });
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
    const worker = new Worker(this.file, { argv: process.argv.slice(2), resourceLimits: { maxYoungGenerationSizeMb: YOUNG } });
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
      if (waiting !== undefined) {
        waiting.phase = message.progress.phase;
        if (!waiting.beginning.hear(message.progress)) {
          waiting.onProgress?.(message.progress);
        }
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

/** What is true of an operation that is left without an answer, by what it had said of itself. */
export function leftBehind(underWay: readonly UnderWay[]): BackupError {
  const changing = underWay.find(({ method }) => !METHODS[method].repeatable);
  const replaces = changing !== undefined && 'replaces' in METHODS[changing.method];
  if (underWay.some(({ method }) => method === 'recover')) {
    return new BackupError(
      'CANCELLED',
      'It was ended while it put in order what an interrupted run had left.',
      'Run "pats-backup recover": it goes on with it, and says what came of it.',
    );
  }
  if (changing === undefined) {
    return new BackupError('CANCELLED', 'It was ended while it was looking. No data was changed.', 'Run it again when you want.');
  }
  if (!replaces) {
    return new BackupError(
      'CANCELLED',
      'It was ended while it was at work. What is not complete is never listed.',
      'The next command removes what was left.',
    );
  }
  return changing.phase === 'replace'
    ? new BackupError(
        'CANCELLED',
        'It was ended while the live data was being replaced: the data may be neither as before nor as in the backup.',
        'Run "pats-backup recover" before anything uses the data: it finishes the restore or takes it back, and says which.',
      )
    : new BackupError(
        'CANCELLED',
        'It was ended before it replaced anything: the live data is as it was.',
        'The next command removes what was prepared.',
      );
}
