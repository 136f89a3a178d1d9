// Serves an Engine over the channel to the parent process: requests in, results, progress and errors out.
import { inspect } from 'node:util';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter, ResponseError } from 'vscode-jsonrpc/node';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import type { Engine, ProjectRequest } from '../engine/engine';
import { reportOf } from '../engine/errors';
import type { OperationOptions, Progress } from '../engine/operation';
import { METHODS, progressType, requestType } from './protocol';
import type { Call, Failure, Method } from './protocol';
import { wordsOf } from '../engine/words';

/** How long running operations may take to stop when the parent is gone. */
const FAREWELL_MS = 2000;
/** More progress than anybody can read would only fill the channel. */
const PROGRESS_EVERY_MS = 100;

type AnyMethod = (project: ProjectRequest, params: unknown, options: OperationOptions) => Promise<unknown>;

/** Answers requests until the parent goes away, then stops what runs and ends the process. */
export function serve(engine: Engine): void {
  const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
  const running = new Map<AbortController, Promise<unknown>>();
  for (const method of Object.keys(METHODS) as Method[]) {
    connection.onRequest(requestType(method), (call: Call, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => {
        controller.abort();
      });
      const answer = perform(engine, method, call, { connection, signal: controller.signal });
      running.set(controller, answer);
      return answer.finally(() => running.delete(controller)) as Promise<never>;
    });
  }
  process.once('disconnect', () => {
    for (const controller of running.keys()) {
      controller.abort();
    }
    setTimeout(() => process.exit(0), FAREWELL_MS).unref();
    void Promise.allSettled(running.values()).then(() => process.exit(0));
  });
  connection.listen();
}

async function perform(
  engine: Engine,
  method: Method,
  call: Call,
  { connection, signal }: { connection: MessageConnection; signal: AbortSignal },
): Promise<unknown> {
  const { project, params, progress } = call;
  const run = engine[method].bind(engine) as AnyMethod;
  try {
    const result = await run(project, params, {
      signal,
      ...(progress === undefined ? {} : { onProgress: reporter(connection, progress) }),
    });
    return { result, words: wordsOf(result) };
  } catch (error) {
    const report = reportOf(error);
    if (report.code !== 'CANCELLED') {
      process.stderr.write(`${method} failed: ${inspect(error)}\n`);
    }
    throw new ResponseError<Failure>(1, report.message, { ...report, words: wordsOf(report) });
  }
}

/** Passes the first and the last progress of a phase on, and of those between no more than can be read. */
function reporter(connection: MessageConnection, token: string): (progress: Progress) => void {
  let lastAt = 0;
  let lastPhase = '';
  return (progress) => {
    const now = performance.now();
    const isEdge = progress.phase !== lastPhase || progress.doneBytes >= progress.totalBytes;
    if (!isEdge && now - lastAt < PROGRESS_EVERY_MS) {
      return;
    }
    lastAt = now;
    lastPhase = progress.phase;
    // The parent may be gone; then nobody misses it.
    connection.sendProgress(progressType, token, progress).catch(() => undefined);
  };
}
