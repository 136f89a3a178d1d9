// The console that a person sits at, also where standard input is none.
import type { Platform } from './platform';

/**
 * The device to read answers from; null: nobody can be asked. Windows gives a program with a window, as the editor's own Node
 * is, its output and not its input, but the console itself can be opened
 * (https://learn.microsoft.com/windows/console/console-handles).
 */
export function askedOn(platform: Platform, isTerminal: boolean, isOfEditor: boolean): 'input' | 'console' | null {
  return isTerminal ? 'input' : platform.isWindows && isOfEditor ? 'console' : null;
}

/** The signals that a program hands on to the one it has started: the console of Windows tells both, and a signal would end it at once. */
export function signalsToHandOn(platform: Platform): NodeJS.Signals[] {
  return platform.isWindows ? [] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
}

export const CONSOLE_INPUT = String.raw`\\.\CONIN$`;
