// The engine in a thread of its own: SQLite and the files of strangers may keep it busy, and Ctrl-C is heard all the same.
import { Worker } from 'node:worker_threads';
import type { Engine, ProjectRequest } from '../engine/engine';
import { BackupError, type ErrorReport } from '../engine/errors';
import type { OperationOptions, Progress } from '../engine/operation';

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
    return (project, params, { signal, onProgress } = {}) => {
      const worker = (this.worker ??= this.start());
      const call = ++this.last;
      const cancel = (): void => {
        this.post(worker, { cancel: call });
      };
      const result = new Promise<unknown>((resolve, reject) => {
        this.waiting.set(call, { resolve, reject, onProgress });
      });
      this.post(worker, { call, method, project, params, listens: onProgress !== undefined });
      signal?.addEventListener('abort', cancel, { once: true });
      if (signal?.aborted === true) {
        cancel();
      }
      return result.finally(() => {
        signal?.removeEventListener('abort', cancel);
      });
    };
  }

  private post(worker: Worker, message: ToThread): void {
    worker.postMessage(message);
  }

  private start(): Worker {
    const worker = new Worker(this.file, { argv: process.argv.slice(2) });
    worker.on('message', (message: FromThread) => {
      this.hear(message);
    });
    worker.on('error', (error) => {
      this.failAll(error);
    });
    worker.on('exit', () => {
      this.failAll(
        new BackupError(
          'ENGINE_STOPPED',
          'The backup engine stopped before it was done.',
          'Try again: what was interrupted is finished or undone first.',
        ),
      );
    });
    return worker;
  }

  private hear(message: FromThread): void {
    if ('pong' in message) {
      this.pings.get(message.pong)?.();
    } else if ('of' in message) {
      this.waiting.get(message.of)?.onProgress?.(message.progress);
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
