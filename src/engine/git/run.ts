// Asks the user's git about a folder, so that nothing the folder's own configuration names is run, and no setting changes the answer.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Milliseconds after which git is given up: a backup never waits for it. */
const PATIENCE = 10_000;
const MOST_OUTPUT = 64 * 1024 * 1024;

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

/** Runs one question; never throws. `settings` are `name=value` beside those that always hold. */
export async function askGit(folder: string, args: readonly string[], settings: readonly string[] = []): Promise<GitAnswer> {
  const options = [...SETTINGS, ...settings].flatMap((setting) => ['-c', setting]);
  return new Promise((resolve) => {
    try {
      execFile(
        'git',
        ['-C', folder, '--no-pager', '--no-optional-locks', ...options, ...args],
        // Not in the folder: Windows looks for programs in the current one first.
        {
          cwd: dirname(process.execPath),
          env: environment(),
          timeout: PATIENCE,
          killSignal: 'SIGKILL',
          maxBuffer: MOST_OUTPUT,
          windowsHide: true,
        },
        (error, stdout, stderr) => {
          resolve({ ok: error === null, text: stdout, complaint: stderr.trim() });
        },
      );
    } catch {
      // An argument that no program can be given, e.g. with a NUL.
      resolve({ ok: false, text: '', complaint: '' });
    }
  });
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
