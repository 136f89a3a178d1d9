// Runs a command and tells every path that it, or anything it starts, opened for writing, made, moved or removed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { ended, type CliProject, type Ended } from './cli-project';

export interface Watched extends Ended {
  /** Absolute, links resolved as far as the path exists. */
  readonly written: readonly string[];
}

const CALLS =
  'openat,open,creat,rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,symlink,symlinkat,link,linkat,chmod,fchmodat,chown,lchown,fchownat,utimensat,truncate,mknod,mknodat,setxattr';

/** Whether system calls can be watched here. */
export function canWatch(): boolean {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A command that runs another one, and writes what that does to files, with all that it starts, into a log for `writtenIn`. */
export function watching(log: string): string[] {
  return ['strace', '-f', '-y', '-s', '5000', '-o', log, '-e', `trace=${CALLS}`];
}

/** Runs a verb of the command line in the project. */
export async function watch(project: CliProject, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Watched> {
  const folder = mkdtempSync(join(tmpdir(), 'pats-strace-'));
  try {
    const log = join(folder, 'log');
    const result = await ended(project.start(args, watching(log), env));
    return { ...result, written: writtenIn(readFileSync(log, 'utf8'), project.root) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The paths that a log names; relative ones are relative to `cwd`. */
export function writtenIn(log: string, cwd: string): string[] {
  const paths = new Set<string>();
  for (const line of wholeCalls(log)) {
    const call = /^\d+ +(\w+)/.exec(line)?.[1] ?? '';
    if (/ = -1 /.test(line)) {
      continue;
    }
    if (/^(?:openat|open|creat)$/.test(call)) {
      if (/O_(?:WRONLY|RDWR|CREAT|TRUNC)/.test(line)) {
        // What was opened, whatever links led there.
        const opened = / = \d+<(.*)>$/.exec(line)?.[1];
        const named = /"((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? 'unknown';
        paths.add(opened === undefined ? realPlace(resolve(cwd, plain(named))) : plain(opened));
      }
    } else {
      // A link's own text is no place that is written to.
      const named = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, path = '']) => plain(path));
      for (const path of call.startsWith('symlink') ? named.slice(-1) : named) {
        paths.add(realPlace(resolve(cwd, path)));
      }
    }
  }
  return [...paths].sort();
}

/** One line for each call: what was interrupted by a call of another thread is put together again. */
function wholeCalls(log: string): string[] {
  const begun = new Map<string, string>();
  const whole = log.split('\n').flatMap((line) => {
    const thread = /^\d+/.exec(line)?.[0] ?? '';
    const rest = /^\d+ +<\.\.\. \w+ resumed>(.*)$/.exec(line)?.[1];
    if (line.endsWith('<unfinished ...>')) {
      begun.set(thread, line.slice(0, -'<unfinished ...>'.length));
      return [];
    }
    if (rest === undefined) {
      return [line];
    }
    const start = begun.get(thread) ?? '';
    begun.delete(thread);
    return [start + rest];
  });
  return [...whole, ...begun.values()];
}

function plain(path: string): string {
  return path.replace(/\\([0-7]{1,3})/g, (_all, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}

function realPlace(path: string): string {
  const folder = dirname(path);
  try {
    return join(realpathSync(folder), basename(path));
  } catch {
    return folder === path ? path : join(realPlace(folder), basename(path));
  }
}
