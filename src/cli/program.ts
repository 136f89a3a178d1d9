// The command line's grammar: global options, one subcommand a verb, and help.
import { Command, CommanderError, Option } from 'commander';
import { BackupError } from '../engine/errors';
import { addAutoBackup } from './commands/auto-backup';
import { addBackup } from './commands/backup';
import { addDelete } from './commands/delete';
import { addDiff } from './commands/diff';
import { addDoctor } from './commands/doctor';
import { addDrill } from './commands/drill';
import { addDump } from './commands/dump';
import { addExport } from './commands/export';
import { addFind } from './commands/find';
import { addImport } from './commands/import';
import { addList } from './commands/list';
import { addLog } from './commands/log';
import { addPin } from './commands/pin';
import { addPrune } from './commands/prune';
import { addRepair } from './commands/repair';
import { addRecover } from './commands/recover';
import { addRestore } from './commands/restore';
import { addRestoreDump } from './commands/restore-dump';
import { addShow } from './commands/show';
import { addStatus } from './commands/status';
import { addUndo } from './commands/undo';
import { addVerify } from './commands/verify';
import { EXIT, type ExitCode } from './exit-codes';
import { repeated } from './repeated';
import type { AddVerb, Verb, VerbTraits } from './verb';

export interface GlobalOptions {
  readonly project?: string;
  readonly database?: string;
  readonly uploads?: readonly string[];
  readonly backups?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What `--uploads` is called after a verb for which it means something else. */
const OWN_UPLOADS = '--only-uploads';

const VERBS: readonly AddVerb[] = [
  addBackup,
  addAutoBackup,
  addList,
  addShow,
  addRestore,
  addUndo,
  addRecover,
  addStatus,
  addDiff,
  addLog,
  addFind,
  addVerify,
  addRepair,
  addDelete,
  addPin,
  addPrune,
  addDrill,
  addDump,
  addRestoreDump,
  addExport,
  addImport,
  addDoctor,
];

const EXIT_CODES = `
Exit codes:
  0    done, perhaps with warnings
  1    failed; nothing was changed (verify, drill, doctor: there are problems)
  2    wrong usage, or a name that no backup can have
  3    refused, or declined at the question
  4    done, but something is missing from the result, such as a file
  130  interrupted

Paths given here are relative to the working directory, those in the settings
(patsBackup.* in .vscode/settings.json) to the project.
Names that start with a dash go after --, for example: pats-backup show -- -name`;

export type Parsed =
  | { readonly kind: 'verb'; readonly verb: Verb; readonly traits: VerbTraits; readonly options: GlobalOptions }
  | { readonly kind: 'printed'; readonly text: string; readonly code: ExitCode };

/** Understands the arguments (without node and script). Fails with USAGE; help, also for no verb at all, and version come back as text. */
export function parseArguments(args: readonly string[], version: string): Parsed {
  const printed: string[] = [];
  let chosen: { readonly verb: Verb; readonly traits: VerbTraits } | undefined;
  const program = createProgram(version, (verb, traits = {}) => (chosen = { verb, traits }));
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ writeOut: (text) => printed.push(text), writeErr: (text) => printed.push(text) }).exitOverride();
  }
  try {
    program.parse(withOwnUploads(args, program), { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === EXIT.done) {
        return { kind: 'printed', text: printed.join(''), code: EXIT.done };
      }
      if (error.code === 'commander.help' && !program.opts<GlobalOptions>().json) {
        return { kind: 'printed', text: printed.join(''), code: EXIT.usage };
      }
      throw usage(error);
    }
    throw error;
  }
  if (!chosen) {
    throw new BackupError('USAGE', 'There is no verb.', 'Run "pats-backup --help" for the list of verbs.');
  }
  return { kind: 'verb', ...chosen, options: program.opts<GlobalOptions>() };
}

/** Options that every verb takes win over a verb's own, wherever they stand; of a verb that has its own --uploads that one is meant. */
function withOwnUploads(args: readonly string[], program: Command): string[] {
  const isValue = (index: number): boolean =>
    program.options.some((option) => option.required && [option.long, option.short].includes(args[index - 1] ?? ''));
  const verb = args.findIndex((arg, index) => !arg.startsWith('-') && !isValue(index));
  const own = program.commands.find((command) => command.name() === args[verb])?.options.some(({ long }) => long === OWN_UPLOADS) ?? false;
  return args.map((arg, index) => (own && index > verb && arg === '--uploads' ? OWN_UPLOADS : arg));
}

function createProgram(version: string, run: Parameters<AddVerb>[1]): Command {
  const program = new Command('pats-backup')
    .description("Backs up and restores a project's SQLite database and uploaded files.")
    .usage('[options] <verb>')
    .addOption(new Option('--project <dir>', 'the project folder (default: the working directory)'))
    .addOption(new Option('--database <file>', 'the SQLite database'))
    .addOption(new Option('--uploads <dir>', 'a folder of uploaded files; may be repeated').argParser(repeated))
    .addOption(new Option('--backups <dir>', 'the folder that holds the backups'))
    .addOption(new Option('--json', 'print one JSON document'))
    .addOption(new Option('-q, --quiet', 'say nothing but errors and what was asked for'))
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [verb]', 'print the help of a verb')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', EXIT_CODES);
  for (const add of VERBS) {
    add(program, run);
  }
  return program;
}

/** Commander's own sentence, in our form. */
function usage(error: CommanderError): BackupError {
  if (error.code === 'commander.help') {
    return new BackupError('USAGE', 'There is no verb.', 'Run "pats-backup --help" for the list of verbs.', { cause: error });
  }
  const [sentence = '', hint] = error.message.replace(/^error: /, '').split('\n');
  const message = `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
  const suggestion = hint ? `${hint.replace(/^\(|\)$/g, '')} ` : '';
  return new BackupError('USAGE', message, `${suggestion}Run "pats-backup --help" for verbs and options.`, { cause: error });
}
