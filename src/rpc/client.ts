// The engine as the extension sees it: starts the engine's process on first need, talks to it, stops it when idle.
import type { Engine, ProjectRequest } from '../engine/engine';
import { BackupError, cancelled } from '../engine/errors';
import type { OperationOptions, Phase } from '../engine/operation';
import { CancellationTokenSource, ResponseError } from 'vscode-jsonrpc/node';
import { Beginning } from './beginning';
import { resultAfter } from './ended-under';
import { startProcess } from './process';
import type { EngineProcess } from './process';
import { METHODS, requestType } from './protocol';
import type { Failure, Method, MethodTraits, Result } from './protocol';
import { hear } from '../engine/words';

export interface EngineClientOptions {
  /** Absolute path of the built child.ts (dist/engine.js). */
  readonly modulePath: string;
  /** Gets what the engine's process says about failures, causes and stacks included. */
  readonly log: (text: string) => void;
  /** The process is stopped after so long without a request. */
  readonly idleMs?: number;
  /** In place of the time that each method has. */
  readonly patienceMs?: number;
  /** A cancelled request that does not end by itself in this time ends with its process. */
  readonly killAfterMs?: number;
}

interface Deadline {
  isOver: boolean;
  timer: NodeJS.Timeout | undefined;
  readonly unlimited: number;
}

/** Ending the process here gains nothing: these steps are short, and the engine would only have to finish them later. */
const NEVER_KILLED: readonly Phase[] = ['replace', 'publish'];

/** An Engine whose methods run in another process. A process that died is started again by the next call. */
export class EngineClient implements Engine {
  readonly discover: Engine['discover'] = (project) => this.call('discover', project);
  readonly recover: Engine['recover'] = (...call) => this.call('recover', ...call);
  readonly list: Engine['list'] = (project) => this.call('list', project);
  readonly show: Engine['show'] = (...call) => this.call('show', ...call);
  readonly status: Engine['status'] = (project, params) => this.call('status', project, params);
  readonly create: Engine['create'] = (...call) => this.call('create', ...call);
  readonly planRestore: Engine['planRestore'] = (...call) => this.call('planRestore', ...call);
  readonly restore: Engine['restore'] = (...call) => this.call('restore', ...call);
  readonly planUndo: Engine['planUndo'] = (...call) => this.call('planUndo', ...call);
  readonly undo: Engine['undo'] = (...call) => this.call('undo', ...call);
  readonly verify: Engine['verify'] = (...call) => this.call('verify', ...call);
  readonly planRepair: Engine['planRepair'] = (...call) => this.call('planRepair', ...call);
  readonly repair: Engine['repair'] = (...call) => this.call('repair', ...call);
  readonly remove: Engine['remove'] = (...call) => this.call('remove', ...call);
  readonly setNote: Engine['setNote'] = (...call) => this.call('setNote', ...call);
  readonly setPinned: Engine['setPinned'] = (...call) => this.call('setPinned', ...call);
  readonly drill: Engine['drill'] = (...call) => this.call('drill', ...call);
  readonly dump: Engine['dump'] = (...call) => this.call('dump', ...call);
  readonly restoreDump: Engine['restoreDump'] = (...call) => this.call('restoreDump', ...call);
  readonly exportBackup: Engine['exportBackup'] = (...call) => this.call('exportBackup', ...call);
  readonly importBackup: Engine['importBackup'] = (...call) => this.call('importBackup', ...call);
  readonly locateRevision: Engine['locateRevision'] = (...call) => this.call('locateRevision', ...call);
  readonly checkLive: Engine['checkLive'] = (project, params) => this.call('checkLive', project, params);
  readonly ignoreState: Engine['ignoreState'] = (project) => this.call('ignoreState', project);
  readonly container: Engine['container'] = (project) => this.call('container', project);
  readonly switchContainer: Engine['switchContainer'] = (...call) => this.call('switchContainer', ...call);
  readonly doctor: Engine['doctor'] = (project) => this.call('doctor', project);
  readonly compare: Engine['compare'] = (...call) => this.call('compare', ...call);
  readonly lookInside: Engine['lookInside'] = (...call) => this.call('lookInside', ...call);
  readonly migrationMap: Engine['migrationMap'] = (...call) => this.call('migrationMap', ...call);
  readonly logTable: Engine['logTable'] = (...call) => this.call('logTable', ...call);
  readonly findRows: Engine['findRows'] = (...call) => this.call('findRows', ...call);
  readonly storage: Engine['storage'] = (project) => this.call('storage', project);
  readonly planPrune: Engine['planPrune'] = (...call) => this.call('planPrune', ...call);
  readonly prune: Engine['prune'] = (...call) => this.call('prune', ...call);

  private process: EngineProcess | undefined;
  private idleTimer: NodeJS.Timeout | undefined;
  private pending = 0;
  /** Running calls of methods that may take as long as they need. */
  private unlimited = 0;
  private nextToken = 0;
  private disposed = false;

  constructor(private readonly options: EngineClientOptions) {}

  /** Process id of the running engine; undefined while there is none. */
  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Stops the process; later calls fail with ENGINE_STOPPED. */
  dispose(): void {
    this.disposed = true;
    this.stop();
  }

  private async call<M extends Method>(
    method: M,
    project: ProjectRequest,
    params?: unknown,
    options: OperationOptions = {},
  ): Promise<Result<M>> {
    const beginning = new Beginning(method, project, params);
    const heard: OperationOptions = { ...options, onProgress: (progress) => beginning.hear(progress) || options.onProgress?.(progress) };
    try {
      return await this.attempt(method, project, params, heard);
    } catch (error) {
      const { repeatable }: MethodTraits = METHODS[method];
      if (!(error instanceof EndedUnderIt) || this.disposed) {
        throw error;
      }
      if (repeatable && !error.wasCancelled) {
        return await this.attempt(method, project, params, options);
      }
      const ended = { beginning, wasCancelled: error.wasCancelled, cause: error, recover: 'Run “Recover Interrupted Restore...”.' };
      // The result is that of the method.
      return (await resultAfter(this, method, project, params, ended)) as Result<M>;
    }
  }

  private async attempt<M extends Method>(
    method: M,
    project: ProjectRequest,
    params: unknown,
    options: OperationOptions,
  ): Promise<Result<M>> {
    if (options.signal?.aborted) {
      throw cancelled();
    }
    const engine = this.running();
    const progress = `${++this.nextToken}`;
    const canceller = new Canceller(engine, options.signal, this.options.killAfterMs ?? 2000);
    engine.hear(progress, (value) => {
      canceller.phase = value.phase;
      options.onProgress?.(value);
    });
    const deadline = this.deadlineOf(method, engine);
    this.pending += 1;
    clearTimeout(this.idleTimer);
    try {
      const { result, words } = await engine.connection.sendRequest(requestType(method), { project, params, progress }, canceller.token);
      hear(words);
      return result;
    } catch (error) {
      throw deadline.isOver ? tooLate() : toBackupError(error, canceller.killed, METHODS[method].repeatable && method !== 'recover');
    } finally {
      clearTimeout(deadline.timer);
      this.unlimited -= deadline.unlimited;
      canceller.dispose();
      engine.hear(progress, null);
      this.pending -= 1;
      this.stopWhenIdle();
    }
  }

  /** Ends the process when the method takes longer than anybody waits for it, unless it also does what takes its time. */
  private deadlineOf(method: Method, engine: EngineProcess): Deadline {
    const { patienceMs }: MethodTraits = METHODS[method];
    if (patienceMs === undefined) {
      this.unlimited += 1;
      return { isOver: false, timer: undefined, unlimited: 1 };
    }
    const deadline: Deadline = { isOver: false, timer: undefined, unlimited: 0 };
    const wait = (): void => {
      deadline.timer = setTimeout(() => {
        if (this.unlimited > 0) {
          wait();
          return;
        }
        deadline.isOver = true;
        engine.kill();
      }, this.options.patienceMs ?? patienceMs);
    };
    wait();
    return deadline;
  }

  private running(): EngineProcess {
    if (this.disposed) {
      throw new BackupError('ENGINE_STOPPED', 'The backup engine was stopped.', 'Reload the window and try again.');
    }
    if (!this.process?.isAlive) {
      this.process = startProcess(this.options.modulePath, this.options.log);
    }
    return this.process;
  }

  private stopWhenIdle(): void {
    if (this.pending === 0) {
      clearTimeout(this.idleTimer);
      this.idleTimer = setTimeout(() => {
        this.stop();
      }, this.options.idleMs ?? 60_000);
      this.idleTimer.unref();
    }
  }

  private stop(): void {
    clearTimeout(this.idleTimer);
    this.process?.stop();
    this.process = undefined;
  }
}

/**
 * Turns an abort into a polite request and, when that is not heard, into the end of the process; but not once live data is
 * being replaced: from then on only the engine knows what has happened, and it says so.
 */
class Canceller {
  phase: Phase | undefined;
  killed = false;
  private readonly source = new CancellationTokenSource();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly engine: EngineProcess,
    private readonly signal: AbortSignal | undefined,
    private readonly killAfterMs: number,
  ) {
    signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  get token(): CancellationTokenSource['token'] {
    return this.source.token;
  }

  private readonly onAbort = (): void => {
    this.source.cancel();
    this.timer = setTimeout(() => {
      if (this.phase === undefined || !NEVER_KILLED.includes(this.phase)) {
        this.killed = true;
        this.engine.kill();
      }
    }, this.killAfterMs);
  };

  dispose(): void {
    clearTimeout(this.timer);
    this.signal?.removeEventListener('abort', this.onAbort);
    this.source.dispose();
  }
}

/** The process ended before it had answered. */
class EndedUnderIt extends BackupError {
  get wasCancelled(): boolean {
    return this.code === 'CANCELLED';
  }
}

function tooLate(): BackupError {
  return new BackupError(
    'ENGINE_STOPPED',
    'The backup engine took too long and was stopped. Nothing was changed.',
    'A file of the project, or its database, keeps it busy: look at the log, or try again later.',
  );
}

function toBackupError(error: unknown, killed: boolean, onlyReads: boolean): BackupError {
  if (killed) {
    // What the process had begun is known to its journal alone.
    return onlyReads
      ? cancelled()
      : new EndedUnderIt('CANCELLED', 'The operation was stopped.', 'What it had begun is taken back or finished by the next command.');
  }
  if (error instanceof ResponseError && isFailure(error.data)) {
    const { code, message, remedy, choices, words } = error.data;
    hear(words);
    return new BackupError(code, message, remedy, { choices });
  }
  return new EndedUnderIt(
    'ENGINE_STOPPED',
    'The backup engine stopped before it was done.',
    'Try again: an interrupted backup or restore is finished or undone first, and no backup is lost.',
    { cause: error },
  );
}

function isFailure(data: unknown): data is Failure {
  return typeof data === 'object' && data !== null && 'code' in data && 'message' in data && 'remedy' in data && 'words' in data;
}
