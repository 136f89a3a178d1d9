// Command lines: folder and line apart, and what each system's shells make of them.
import { posix } from 'path';
import type { Platform } from './platform';

/** One line, and the folder in which it is typed: `/`-separated below the project's root, '' for the root itself. */
export interface Step {
  readonly folder: string;
  readonly line: string;
}

const WORD = String.raw`(?:"(?:[^"\\]|\\.)*"|[^\s"'()&|;<>]+)`;
const FIRST = new RegExp(`^cd (${WORD}) && `);
const FURTHER = new RegExp(` && \\(cd (${WORD}) && `);

/** The word as it is typed: in quotes where it holds more than plain characters. */
export function quotedWord(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `"${word.replace(/(["\\$`])/g, '\\$1')}"`;
}

/** A path inside a command: `/` is understood by the programs of every system. */
export function typedPath(path: string, platform: Platform): string {
  return quotedWord(platform.isWindows ? path.replaceAll('\\', '/') : path);
}

/** The steps as one line for shells that know `&&` and subshells; the first folder is where the later ones are seen from. */
export function typedLine([first, ...more]: readonly Step[]): string {
  if (first === undefined) {
    return '';
  }
  const { folder, line } = first;
  const others = more.map((step) =>
    step.folder === folder ? step.line : `(cd ${quotedWord(posix.relative(folder, step.folder) || '.')} && ${step.line})`,
  );
  return [...(folder === '' ? [] : [`cd ${quotedWord(folder)}`]), line, ...others].join(' && ');
}

/** What `typedLine` made: anything else is one step in the root. */
export function stepsOf(command: string): Step[] {
  const [start = '', first = ''] = FIRST.exec(command) ?? [];
  const folder = below('', first);
  const steps: Step[] = [];
  let rest = command.slice(start.length);
  let place = folder;
  for (let next = FURTHER.exec(rest); next !== null; next = FURTHER.exec(rest)) {
    steps.push({ folder: place, line: closed(rest.slice(0, next.index), steps.length) });
    place = below(folder, next[1] ?? '');
    rest = rest.slice(next.index + next[0].length);
  }
  return [...steps, { folder: place, line: closed(rest, steps.length) }];
}

/** Of a step in a subshell, without the bracket that ends it. */
function closed(line: string, index: number): string {
  return index > 0 ? line.replace(/\)$/, '') : line;
}

function below(folder: string, word: string): string {
  const plain = word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word;
  const way = posix.join(folder, plain);
  return way === '.' ? '' : way.replace(/\/$/, '');
}

/** For people: the PowerShell of Windows knows no `&&`, and cmd no subshell. */
export function shownCommand(command: string, platform: Platform): string {
  return platform.isWindows
    ? stepsOf(command)
        .map(({ folder, line }) => (folder === '' ? line : `in ${folder}: ${line}`))
        .join(', then ')
    : command;
}

/** Lines that every shell of the system takes, typed one after the other in the root. */
export function typedLines(command: string, platform: Platform): string[] {
  if (!platform.isWindows) {
    return [command];
  }
  let place = '';
  return stepsOf(command).flatMap(({ folder, line }) => {
    const change = folder === place ? [] : [`cd ${quotedWord(posix.relative(place, folder))}`];
    place = folder;
    return [...change, line];
  });
}

/** How a shell is started that runs one line and ends with its exit code; nothing: the user's own shell does. */
export interface ShellStart {
  readonly executable?: string;
  readonly shellArgs?: string[];
  readonly line: string;
}

/** Windows' cmd takes away the first and the last quote of what follows `/s /c`, and leaves all between as it is. */
export function shellStart(line: string, platform: Platform): ShellStart {
  return platform.isWindows ? { executable: 'cmd.exe', shellArgs: ['/d', '/s', '/c'], line: `"${line}"` } : { line };
}

/** A command line as the one argument of `sh -c` in a container: neither cmd nor PowerShell 5.1 agrees with sh about single quotes. */
export function asArgument(line: string, platform: Platform): string {
  return platform.isWindows ? `"${line.replaceAll('"', '\\"')}"` : `'${line.replaceAll("'", `'\\''`)}'`;
}

/** How Python is started where no virtual environment names it: macOS has no `python`, and that of Windows may open a shop. */
export function pythonProgram(platform: Platform): string {
  return platform.isWindows ? 'py' : platform.isMacos ? 'python3' : 'python';
}
