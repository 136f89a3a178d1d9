// Asks the user's git about a folder, so that nothing the folder's own configuration names is run, and no setting changes the answer.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Milliseconds after which git is given up: a backup never waits for it. */
const PATIENCE = 10_000;

/**
 * What git would run because a configuration says so (https://git-scm.com/docs/git-config), and what would change how it answers.
 * A configuration on the command line has the last word.
 */
const SETTINGS = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.sshCommand=false',
  'core.pager=cat',
  'core.askPass=',
  'core.quotePath=false',
  'core.alternateRefsCommand=',
  'credential.helper=',
  'diff.external=',
  'gpg.program=false',
  'gpg.ssh.program=false',
  'gpg.x509.program=false',
  'protocol.allow=never',
  'safe.bareRepository=explicit',
  'color.ui=false',
  'column.ui=never',
  'grep.lineNumber=false',
  'grep.column=false',
  'grep.fullName=false',
  'log.showSignature=false',
  'log.showRoot=true',
  'log.follow=false',
  'log.decorate=no',
  'log.mailmap=false',
];

/** Variables by which a user says which git and which of his settings count; others speak of another repository or run programs. */
const KEPT =
  /^GIT_(?:CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)|EXEC_PATH|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM)$/;

export interface GitAnswer {
  readonly ok: boolean;
  readonly text: string;
  /** What git said when it failed, in English; empty when git could not be started. */
  readonly complaint: string;
}

/** simple-git refuses settings by which a caller could be made to run a program; these switch such programs off. */
const SWITCHES = {
  allowUnsafeAskPass: true,
  allowUnsafeCommandBinaries: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeDiffExternal: true,
  allowUnsafeEditor: true,
  allowUnsafeExec: true,
  allowUnsafeFilter: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeGpgProgram: true,
  allowUnsafeHooksPath: true,
  allowUnsafePager: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeSshCommand: true,
} as const;

/** Runs one question; never throws. `settings` are `name=value` beside those that always hold. */
export async function askGit(folder: string, args: readonly string[], settings: readonly string[] = []): Promise<GitAnswer> {
  const { simpleGit, GitError } = await import('simple-git');
  const variables = environment();
  let complaint = '';
  const git = simpleGit({
    // Not in the folder: Windows looks for programs in the current one first.
    baseDir: dirname(process.execPath),
    config: [...SETTINGS, ...settings],
    timeout: { block: PATIENCE },
    unsafe: SWITCHES,
    allowEnvironment: Object.keys(variables),
    errors: (error, result) => {
      complaint = Buffer.concat(result.stdErr).toString('utf8').trim();
      return error ?? (result.exitCode === 0 ? undefined : Buffer.concat(result.stdErr));
    },
  }).env(variables);
  try {
    const text = await git.raw(['-C', folder, '--no-pager', '--no-optional-locks', ...args]);
    return { ok: true, text, complaint };
  } catch (error) {
    if (!(error instanceof GitError)) {
      // An argument that no program can be given, e.g. with a NUL.
      return { ok: false, text: '', complaint: '' };
    }
    return { ok: false, text: '', complaint };
  }
}

/** Whether the folder or one above it has a `.git`. */
export function isInCheckout(folder: string): boolean {
  for (let place = folder; ; place = dirname(place)) {
    if (existsSync(join(place, '.git'))) {
      return true;
    }
    if (place === dirname(place)) {
      return false;
    }
  }
}

function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.toUpperCase().startsWith('GIT_') || KEPT.test(name));
  return {
    ...Object.fromEntries(own),
    LC_ALL: 'C',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    // A partial clone fetches what it lacks, by a program that its configuration names.
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_SSH_COMMAND: 'false',
    GIT_ASKPASS: 'false',
  };
}
