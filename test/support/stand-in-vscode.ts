// What stands in for the editor where the window's own code is tested in Node. Import it before what imports "vscode".
import Module from 'node:module';

/** A terminal or a task that was started, and how. */
export interface Started {
  readonly options: { readonly shellPath?: string; readonly cwd?: unknown };
  readonly typed: string[];
}

export const editor = { terminals: [] as Started[], lines: [] as { line: string; options: unknown }[], clipboard: '' };

class ShellExecution {
  constructor(
    readonly line: string,
    readonly options: unknown,
  ) {}
}

class Task {
  presentationOptions = {};
  constructor(
    _definition: unknown,
    _scope: unknown,
    _name: string,
    _source: string,
    readonly execution: ShellExecution,
  ) {}
}

type Listener = (event: unknown) => void;
const ends = new Set<Listener>();
const nothing = { dispose: () => undefined };

const standIn = {
  l10n: { t: (text: string, ...values: unknown[]) => text.replace(/\{(\d+)\}/g, (_all, index: string) => String(values[Number(index)])) },
  ShellExecution,
  Task,
  TaskRevealKind: {},
  TaskPanelKind: {},
  Disposable: { from: () => nothing },
  env: {
    clipboard: {
      writeText: (text: string) => {
        editor.clipboard = text;
        return Promise.resolve();
      },
    },
  },
  window: {
    terminals: [],
    setStatusBarMessage: () => nothing,
    onDidEndTerminalShellExecution: () => nothing,
    createTerminal: (options: Started['options']) => {
      const started: Started = { options, typed: [] };
      editor.terminals.push(started);
      return { show: () => undefined, sendText: (line: string) => started.typed.push(line) };
    },
  },
  tasks: {
    onDidEndTask: () => nothing,
    onDidEndTaskProcess: (listener: Listener) => {
      ends.add(listener);
      return nothing;
    },
    /** Each ends at once, well. */
    executeTask: (task: Task) => {
      editor.lines.push({ line: task.execution.line, options: task.execution.options });
      const execution = { task };
      setImmediate(() => {
        ends.forEach((listener) => {
          listener({ execution, exitCode: 0 });
        });
        ends.clear();
      });
      return Promise.resolve(execution);
    },
  },
};

const loader = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown };
const load = loader._load;
loader._load = (request, ...rest) => (request === 'vscode' ? standIn : load.call(loader, request, ...rest));
