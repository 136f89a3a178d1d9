// The protocol between the client and the engine's process, derived from the Engine interface: one request a method.
import { ProgressType, RequestType } from 'vscode-jsonrpc/node';
import type { Engine, ProjectRequest } from '../engine/engine';
import type { ErrorReport } from '../engine/errors';
import type { Progress } from '../engine/operation';
import type { Words } from '../engine/words';

export type Method = keyof Engine;

/** Nobody waits longer for an answer that shows something; a database or a file that takes longer was made so. */
const LOOKING_MS = 10 * 60_000;

/** `patienceMs`: after that the process is ended, whatever it is at; without it only the user decides. */
export interface MethodTraits {
  readonly repeatable: boolean;
  /** Replaces live data: when the process died under it, the journal says whether it did. */
  readonly replaces?: boolean;
  readonly patienceMs?: number;
}

/** `repeatable`: only reads, so it is asked once more by itself when the engine's process died under it. */
export const METHODS = {
  discover: { repeatable: true, patienceMs: LOOKING_MS },
  recover: { repeatable: true },
  list: { repeatable: true, patienceMs: LOOKING_MS },
  show: { repeatable: true, patienceMs: LOOKING_MS },
  status: { repeatable: true, patienceMs: LOOKING_MS },
  create: { repeatable: false },
  planRestore: { repeatable: true, patienceMs: LOOKING_MS },
  restore: { repeatable: false, replaces: true },
  planUndo: { repeatable: true, patienceMs: LOOKING_MS },
  undo: { repeatable: false, replaces: true },
  verify: { repeatable: true },
  planRepair: { repeatable: true },
  repair: { repeatable: false },
  remove: { repeatable: false },
  setNote: { repeatable: false },
  setPinned: { repeatable: false },
  drill: { repeatable: true },
  dump: { repeatable: false },
  restoreDump: { repeatable: false, replaces: true },
  exportBackup: { repeatable: false },
  importBackup: { repeatable: false },
  locateRevision: { repeatable: true, patienceMs: LOOKING_MS },
  checkLive: { repeatable: true, patienceMs: LOOKING_MS },
  ignoreState: { repeatable: true, patienceMs: LOOKING_MS },
  container: { repeatable: true, patienceMs: LOOKING_MS },
  switchContainer: { repeatable: false },
  doctor: { repeatable: true, patienceMs: LOOKING_MS },
  compare: { repeatable: true },
  lookInside: { repeatable: true, patienceMs: LOOKING_MS },
  migrationMap: { repeatable: true, patienceMs: LOOKING_MS },
  logTable: { repeatable: true },
  findRows: { repeatable: true },
  storage: { repeatable: true, patienceMs: LOOKING_MS },
  planPrune: { repeatable: true, patienceMs: LOOKING_MS },
  prune: { repeatable: false },
} satisfies Record<Method, MethodTraits>;

export interface Call {
  readonly project: ProjectRequest;
  /** The method's own parameters; absent for methods without. */
  readonly params?: unknown;
  /** Token of the progress notifications of this call; absent when nobody listens. */
  readonly progress?: string;
}

export type Result<M extends Method> = Awaited<ReturnType<Engine[M]>>;

/** What was asked for, and what the sentences in it were made of. */
export interface Answer<M extends Method> {
  readonly result: Result<M>;
  readonly words: Words;
}

/** The error data of a failed request. */
export interface Failure extends ErrorReport {
  readonly words: Words;
}

export function requestType<M extends Method>(method: M): RequestType<Call, Answer<M>, Failure> {
  return new RequestType<Call, Answer<M>, Failure>(method);
}

export const progressType = new ProgressType<Progress>();
