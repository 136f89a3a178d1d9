// One run of the engine's process and the connection to it.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import type { MessageConnection } from 'vscode-jsonrpc/node';

export interface EngineProcess {
  readonly pid: number | undefined;
  readonly connection: MessageConnection;
  readonly isAlive: boolean;
  /** Lets it end what it does; it is killed when that takes too long. */
  stop(): void;
  kill(): void;
}

const STOP_MS = 5000;

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
  let isAlive = true;
  const ended = (): void => {
    if (isAlive) {
      isAlive = false;
      connection.dispose();
    }
  };
  child.once('error', (error) => {
    log(`The engine's process failed: ${error.message}`);
    ended();
  });
  child.once('exit', (code, signal) => {
    if (code !== 0) {
      log(`The engine's process ended (${signal ?? `exit code ${code ?? 'unknown'}`}).`);
    }
    ended();
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
    stop: () => {
      stop(child);
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
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
