// Entry of dist/cli-engine.js: the engine's side of the command line's thread; answers until the main thread ends it.
import { parentPort, workerData } from 'node:worker_threads';
import { keepCompiledCode } from '../code-cache';
import { createEngine } from '../engine/create-engine';
import { Gate } from './gate';
import { serveThread } from './thread-server';

keepCompiledCode();
if (parentPort !== null) {
  const gate = new Gate(workerData as SharedArrayBuffer);
  serveThread(
    createEngine(undefined, {
      beginChange: () => {
        gate.begin();
      },
    }),
    parentPort,
  );
}
