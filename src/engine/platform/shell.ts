// Command lines: folder and line apart, and what each system's shells make of them.
import { posix } from 'path';
import type { Platform } from './platform';
import { said } from '../said';

/** One line, and the folder in which it is typed: `/`-separated below the project's root, '' for the root itself. */
export interface Step {
  readonly folder: string;
  readonly line: string;
}

/** A folder that can be told from where one is: nothing of the shell's own, and no other disk. */
const WORD = String.raw`("(?:[^"\\$]|\\.)*"|(?![/~]|\w:)[^\s"'()&|;<>$]+)`;
const CHANGE = new RegExp(`^cd ${WORD}$`);
const SUBSHELL = new RegExp(`^\\(cd ${WORD} && (.*)\\)$`);
const AND = ' && ';

/** The word as it is typed: in quotes where it holds more than plain characters. */
export function quotedWord(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `"${word.replace(/(["\\$`])/g, '\\$1')}"`;
}

/** A path inside a command: `/` is understood by the programs of every system. */
export function typedPath(path: string, platform: Platform): string {
  return quotedWord(platform.isWindows ? path.replaceAll('\\', '/') : path);
}

/** The steps as one line for shells that know `&&`: cmd and fish know no subshell. */
export function typedLine(steps: readonly Step[]): string {
  let place = '';
  return steps
    .flatMap(({ folder, line }) => {
      const change = changeFrom(place, folder);
      place = folder;
      return [...change, line];
    })
    .join(AND);
}

function changeFrom(place: string, folder: string): string[] {
  return folder === place ? [] : [`cd ${quotedWord(posix.relative(place, folder))}`];
}

/** The folders and lines of a command; where its folders are not plain, it is one step in the root. */
export function stepsOf(command: string): Step[] {
  const steps: { folder: string; line: string }[] = [];
  let place = '';
  let isNew = true;
  for (const part of partsOf(command)) {
    const change = CHANGE.exec(part);
    const inner = SUBSHELL.exec(part);
    const last = steps.at(-1);
    if (change !== null) {
      place = below(place, change[1] ?? '');
      isNew = true;
    } else if (inner !== null) {
      steps.push({ folder: below(place, inner[1] ?? ''), line: inner[2] ?? '' });
      isNew = true;
    } else if (/^\(?cd\b/.test(part)) {
      return [{ folder: '', line: command }];
    } else if (isNew || last === undefined) {
      steps.push({ folder: place, line: part });
      isNew = false;
    } else {
      last.line += AND + part;
    }
  }
  return steps.length === 0 ? [{ folder: '', line: command }] : steps;
}

/** What `&&` joins, outside of quotes and brackets. */
function partsOf(line: string): string[] {
  const parts: string[] = [];
  let quote = '';
  let depth = 0;
  let from = 0;
  for (let at = 0; at < line.length; at++) {
    const letter = line.charAt(at);
    if (quote !== '') {
      quote = letter === quote ? '' : quote;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
    } else if (letter === '(' || letter === ')') {
      depth += letter === '(' ? 1 : -1;
    } else if (depth === 0 && line.startsWith(AND, at)) {
      parts.push(line.slice(from, at));
      from = at + AND.length;
      at = from - 1;
    }
  }
  return [...parts, line.slice(from)];
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
        .map(({ folder, line }) => ({ folder, line: partsOf(line).join(', then ') }))
        .map(({ folder, line }) => (folder === '' ? line : said`in ${folder}: ${line}`))
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
    const change = changeFrom(place, folder);
    place = folder;
    return [...change, ...partsOf(line)];
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

/** The shells that are started one after the other for a command, each in its folder. */
export function shellStarts(command: string, platform: Platform): (ShellStart & { readonly folder: string })[] {
  // Only a shell that knows `&&` and subshells takes several steps in one line; the PowerShell of Windows does not.
  const steps = platform.isWindows ? stepsOf(command) : [{ folder: '', line: command }];
  return steps.map(({ folder, line }) => ({ folder, ...shellStart(line, platform) }));
}

/** Whether a command can be started in a folder at all: cmd works in none of the network. */
export function startsIn(folder: string, platform: Platform): boolean {
  return !platform.isWindows || !folder.startsWith('\\\\');
}

/** The shell that what `typedLines` gives is typed into: on Windows it is written for cmd, as not every PowerShell knows the same words. */
export function typingShell(platform: Platform): { readonly shellPath?: string } {
  return platform.isWindows ? { shellPath: 'cmd.exe' } : {};
}

/**
 * A command line as the one argument of `sh -c` in a container: neither cmd nor PowerShell 5.1 agrees with sh about single quotes,
 * nor with one another about double quotes in double quotes. In there they are single ones, which both leave alone.
 */
export function asArgument(line: string, platform: Platform): string {
  return platform.isWindows ? `"${line.replace(/"([^"'\\$`]*)"/g, `'$1'`).replaceAll('"', '\\"')}"` : `'${line.replaceAll("'", `'\\''`)}'`;
}

/** How Python may be called where no virtual environment names it, the usual name first: macOS has no `python`, and that of Windows may open a shop. */
export function pythonPrograms(platform: Platform): readonly [string, ...string[]] {
  return platform.isWindows ? ['py', 'python', 'python3'] : platform.isMacos ? ['python3', 'python'] : ['python', 'python3'];
}
