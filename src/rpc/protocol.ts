// The protocol between the client and the engine's process, derived from the Engine interface: one request a method.
import { ProgressType, RequestType } from 'vscode-jsonrpc/node';
import type { Engine, ProjectRequest } from '../engine/engine';
import type { ErrorReport } from '../engine/errors';
import type { Progress } from '../engine/operation';

export type Method = keyof Engine;

/** `repeatable`: only reads, so it is asked once more by itself when the engine's process died under it. */
export const METHODS = {
  discover: { repeatable: true },
  recover: { repeatable: true },
  list: { repeatable: true },
  show: { repeatable: true },
  status: { repeatable: true },
  create: { repeatable: false },
  planRestore: { repeatable: true },
  restore: { repeatable: false },
  planUndo: { repeatable: true },
  undo: { repeatable: false },
  verify: { repeatable: true },
  planRepair: { repeatable: true },
  repair: { repeatable: false },
  remove: { repeatable: false },
  setNote: { repeatable: false },
  setPinned: { repeatable: false },
  drill: { repeatable: true },
  dump: { repeatable: false },
  restoreDump: { repeatable: false },
  exportBackup: { repeatable: false },
  importBackup: { repeatable: false },
  locateRevision: { repeatable: true },
  checkLive: { repeatable: true },
  ignoreState: { repeatable: true },
  container: { repeatable: true },
  switchContainer: { repeatable: false },
  doctor: { repeatable: true },
  storage: { repeatable: true },
  planPrune: { repeatable: true },
  prune: { repeatable: false },
} satisfies Record<Method, { repeatable: boolean }>;

export interface Call {
  readonly project: ProjectRequest;
  /** The method's own parameters; absent for methods without. */
  readonly params?: unknown;
  /** Token of the progress notifications of this call; absent when nobody listens. */
  readonly progress?: string;
}

export type Result<M extends Method> = Awaited<ReturnType<Engine[M]>>;

/** The error data of a failed request is the ErrorReport. */
export function requestType<M extends Method>(method: M): RequestType<Call, Result<M>, ErrorReport> {
  return new RequestType<Call, Result<M>, ErrorReport>(method);
}

export const progressType = new ProgressType<Progress>();
