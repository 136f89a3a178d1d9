// One run of the engine's process and the connection to it.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import type { Progress } from '../engine/operation';
import { said } from '../engine/said';

export interface EngineProcess {
  readonly pid: number | undefined;
  readonly connection: MessageConnection;
  readonly isAlive: boolean;
  /** Hears what is said of one call, to the last word before an end; null: nobody listens any more. */
  hear(token: string, listener: ((progress: Progress) => void) | null): void;
  /** Lets it end what it does; it is killed when that takes too long. */
  stop(): void;
  kill(): void;
}

const STOP_MS = 5000;
/** What a process said before it ended is there when it ends: the channel is waited for only where something else holds it. */
const LAST_WORDS_MS = 2000;

/** As vscode-jsonrpc sends it. */
interface ProgressMessage {
  readonly method: '$/progress';
  readonly params: { readonly token: string; readonly value: Progress };
}

/** Starts the engine. Requests that wait when the process ends are rejected. */
export function startProcess(modulePath: string, log: (text: string) => void): EngineProcess {
  const child = fork(modulePath, [], {
    env: environment(),
    // A debugger of the extension host must not be inherited: its port is taken. A small young generation bounds the
    // memory of long streams (dumps).
    execArgv: ['--max-semi-space-size=4'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
  // The connection takes its time over messages, and forgets those that wait when it ends.
  const listeners = new Map<string, (progress: Progress) => void>();
  child.on('message', (message) => {
    if (isProgress(message)) {
      listeners.get(message.params.token)?.(message.params.value);
    }
  });
  let isAlive = true;
  let isDisposed = false;
  const ended = (): void => {
    isAlive = false;
    if (!isDisposed) {
      isDisposed = true;
      connection.dispose();
    }
  };
  child.once('error', (error) => {
    log(`The engine's process failed: ${error.message}`);
    ended();
  });
  child.once('exit', (code, signal) => {
    if (code !== 0) {
      log(`The engine's process ended (${signal ?? said`exit code ${code ?? 'unknown'}`}).`);
    }
    isAlive = false;
    if (child.connected) {
      setTimeout(ended, LAST_WORDS_MS).unref();
    } else {
      ended();
    }
  });
  child.once('disconnect', ended);
  forward(child, log);
  connection.onError(([error]) => {
    log(`The connection to the engine's process failed: ${error.message}`);
  });
  connection.listen();
  return {
    pid: child.pid,
    connection,
    get isAlive() {
      return isAlive;
    },
    hear: (token, listener) => {
      if (listener === null) {
        listeners.delete(token);
      } else {
        listeners.set(token, listener);
      }
    },
    stop: () => {
      stop(child);
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}

function isProgress(message: unknown): message is ProgressMessage {
  return typeof message === 'object' && message !== null && 'method' in message && message.method === '$/progress';
}

function stop(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  timer.unref();
  child.once('exit', () => {
    clearTimeout(timer);
  });
  if (child.connected) {
    child.disconnect();
  }
}

function environment(): NodeJS.ProcessEnv {
  // Copying many files waits for the disk more than for the processor.
  const env: NodeJS.ProcessEnv = { UV_THREADPOOL_SIZE: '16', ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  // Preloads and flags that were meant for the host.
  delete env['NODE_OPTIONS'];
  delete env['VSCODE_INSPECTOR_OPTIONS'];
  return env;
}

function forward(child: ChildProcess, log: (text: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      log(text.trimEnd());
    });
  }
}
