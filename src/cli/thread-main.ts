// Entry of dist/cli-engine.js: the engine's side of the command line's thread; answers until the main thread ends it.
import { inspect } from 'node:util';
import { parentPort, type MessagePort } from 'node:worker_threads';
import { keepCompiledCode } from '../code-cache';
import { createEngine } from '../engine/create-engine';
import { reportOf } from '../engine/errors';
import type { Progress } from '../engine/operation';
import type { AnyMethod, Call, FromThread, ToThread } from './engine-thread';

keepCompiledCode();
const engine = createEngine();
const running = new Map<number, AbortController>();

function serve(port: MessagePort): void {
  port.on('message', (message: ToThread) => {
    if ('ping' in message) {
      send(port, { pong: message.ping });
    } else if ('cancel' in message) {
      running.get(message.cancel)?.abort();
    } else {
      const controller = new AbortController();
      running.set(message.call, controller);
      void answer(port, message, controller.signal).finally(() => running.delete(message.call));
    }
  });
}

async function answer(port: MessagePort, { call, method, project, params, listens }: Call, signal: AbortSignal): Promise<void> {
  try {
    const run = engine[method].bind(engine) as AnyMethod;
    const onProgress = (progress: Progress): void => {
      send(port, { of: call, progress });
    };
    send(port, { answered: call, result: await run(project, params, { signal, ...(listens && { onProgress }) }) });
  } catch (error) {
    send(port, { failed: call, report: reportOf(error), details: inspect(error, { depth: 4 }) });
  }
}

function send(port: MessagePort, message: FromThread): void {
  port.postMessage(message);
}

if (parentPort !== null) {
  serve(parentPort);
}
