// What a verb of the command line is, and how one is added to the grammar.
import type { Command } from 'commander';
import type { Context } from './context';
import type { ExitCode } from './exit-codes';

/** What a verb does with its context; its exit code unless it fails. */
export type Verb = (context: Context) => Promise<ExitCode>;
/** Adds one verb; `run` is called with the verb when its arguments were understood. */
export type AddVerb = (program: Command, run: (verb: Verb, traits?: VerbTraits) => void) => void;

export interface VerbTraits {
  /** Not even what an interrupted run left is put in order before it. */
  readonly changesNothing?: boolean;
  /** It only reads, and asks the engine once: no thread is started for it, and a signal ends it as the system does. */
  readonly isQuick?: boolean;
}
