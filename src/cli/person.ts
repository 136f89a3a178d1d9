// Where the answers of a person come from, if there is one.
import { openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { askedOn, CONSOLE_INPUT } from '../engine/platform/console';
import { here, type Platform } from '../engine/platform/platform';

export interface Surroundings {
  readonly platform: Platform;
  readonly isTerminal: boolean;
  /** The editor's own Node may be running this. */
  readonly isOfEditor: boolean;
  /** Opens a terminal device; fails where there is none. */
  readonly open: (device: string) => NodeJS.ReadableStream;
}

const real = (): Surroundings => ({
  platform: here,
  isTerminal: process.stdin.isTTY,
  isOfEditor: process.env['PATS_BACKUP_NODE'] !== undefined,
  open: (device) => new ReadStream(openSync(device, 'r+')),
});

let opened: NodeJS.ReadableStream | null | undefined;

/** What to read answers from, opened once; null: nobody can be asked. */
export function person(): NodeJS.ReadableStream | null {
  opened ??= personIn(real());
  return opened;
}

export function personIn({ platform, isTerminal, isOfEditor, open }: Surroundings): NodeJS.ReadableStream | null {
  switch (askedOn(platform, isTerminal, isOfEditor)) {
    case 'input':
      return process.stdin;
    case 'console':
      try {
        return open(CONSOLE_INPUT);
      } catch {
        // A program without a console started it.
        return null;
      }
    case null:
      return null;
  }
}
