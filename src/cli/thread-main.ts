// Entry of dist/cli-engine.js: the engine's side of the command line's thread; answers until the main thread ends it.
import { parentPort } from 'node:worker_threads';
import { keepCompiledCode } from '../code-cache';
import { createEngine } from '../engine/create-engine';
import { serveThread } from './thread-server';

keepCompiledCode();
if (parentPort !== null) {
  serveThread(createEngine(), parentPort);
}
