// The engine's side of the command line's thread: calls in, results, failures and progress out.
import { inspect } from 'node:util';
import type { MessagePort } from 'node:worker_threads';
import type { Engine } from '../engine/engine';
import { reportOf } from '../engine/errors';
import type { Phase, Progress } from '../engine/operation';
import type { AnyMethod, Call, FromThread, ToThread } from './engine-thread';

/** Answers for as long as the port is open. */
export function serveThread(engine: Engine, port: MessagePort): void {
  const running = new Map<number, AbortController>();
  port.on('message', (message: ToThread) => {
    if ('ping' in message) {
      send(port, { pong: message.ping });
    } else if ('cancel' in message) {
      running.get(message.cancel)?.abort();
    } else {
      const controller = new AbortController();
      running.set(message.call, controller);
      void answer(engine, port, message, controller.signal).finally(() => running.delete(message.call));
    }
  });
}

async function answer(
  engine: Engine,
  port: MessagePort,
  { call, method, project, params, listens }: Call,
  signal: AbortSignal,
): Promise<void> {
  let last: Phase | undefined;
  const onProgress = (progress: Progress): void => {
    // Phase and beginning are told in any case: should this thread end, they say what may have been changed.
    if (listens || progress.phase !== last || progress.there !== undefined) {
      last = progress.phase;
      send(port, { of: call, progress });
    }
  };
  try {
    const run = engine[method].bind(engine) as AnyMethod;
    send(port, { answered: call, result: await run(project, params, { signal, onProgress }) });
  } catch (error) {
    send(port, { failed: call, report: reportOf(error), details: inspect(error, { depth: 4 }) });
  }
}

function send(port: MessagePort, message: FromThread): void {
  port.postMessage(message);
}
