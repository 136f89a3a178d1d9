// Asks a yes-or-no question on the terminal; anything but a yes is a no.
import { createInterface } from 'node:readline/promises';
import { cancelled } from '../engine/errors';
import { person } from './person';
import { printableLines } from '../engine/limits/printable';

/** Ctrl-D: an empty line cannot be told from it otherwise. */
const END_OF_INPUT = '\u0004';

/** Asks on standard error, so that standard output stays for the answer. */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: person() ?? process.stdin, output: process.stderr });
  const interrupted = new AbortController();
  const ended = new Promise<typeof END_OF_INPUT>((resolve) => {
    terminal.once('close', () => {
      resolve(END_OF_INPUT);
    });
  });
  terminal.once('SIGINT', () => {
    interrupted.abort();
  });
  try {
    const asked = terminal.question(`${printableLines(question)} [y/N] `, { signal: AbortSignal.any([signal, interrupted.signal]) });
    const answer = await Promise.race([asked, ended]);
    if (answer === END_OF_INPUT) {
      process.stderr.write('\n');
    }
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (signal.aborted || interrupted.signal.aborted) {
      process.stderr.write('\n');
      throw cancelled();
    }
    throw error;
  } finally {
    terminal.close();
  }
}
