// What this user's runs keep for themselves on this machine: the secret behind their marks, and the locks of live databases.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { resolvedPath } from '../files/paths';
import { here } from '../platform/platform';

const SECRET = /^[0-9a-f]{64}$/;
/** Where no folder of this user can be written, marks hold as long as the process. */
let ofThisRun: string | undefined;
const secrets = new Map<string, string>();

/** `parts` signed with this user's secret, in hex: nobody else can make such a mark. */
export function markOf(...parts: readonly string[]): string {
  return createHmac('sha256', secret()).update(JSON.stringify(parts)).digest('hex');
}

/** A name for something of our own in an existing folder: `stem`, eight random digits, and a mark that holds only there. */
export function markedName(folder: string, stem: string): string {
  return nameWithMark(folder, `${stem}-${randomBytes(4).toString('hex')}`);
}

/** `stem` and its mark: the same for the same folder. */
export function nameWithMark(folder: string, stem: string): string {
  return `${stem}-${markOf('name', resolvedPath(folder), stem).slice(0, 16)}`;
}

/** Whether a name in a folder was made by `nameWithMark`, by this user on this machine. */
export function hasOwnMark(folder: string, name: string): boolean {
  const stem = /^(.+)-[0-9a-f]{16}$/.exec(name)?.[1];
  return stem !== undefined && nameWithMark(folder, stem) === name;
}

/** The lock file of what lies at `path`, whatever the backups folder; null: this user has no folder for it. */
export function lockFileOf(path: string): string | null {
  const folder = stateFolder();
  return folder === null ? null : join(folder, `${createHash('sha256').update(resolvedPath(path)).digest('hex').slice(0, 32)}.lock`);
}

function forThisRun(): string {
  return (ofThisRun ??= randomBytes(32).toString('hex'));
}

function secret(): string {
  const folder = stateFolder();
  if (folder === null) {
    return forThisRun();
  }
  const known = secrets.get(folder) ?? secretIn(folder) ?? forThisRun();
  secrets.set(folder, known);
  return known;
}

/** Reads the secret; the first to need it makes it, whole or not at all. */
function secretIn(folder: string): string | null {
  const file = join(folder, 'secret');
  try {
    if (lstatSync(file, { throwIfNoEntry: false }) === undefined) {
      const draft = join(folder, `.secret-${randomBytes(4).toString('hex')}`);
      const handle = openSync(draft, 'wx', 0o600);
      try {
        writeSync(handle, randomBytes(32).toString('hex'));
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      publishOnce(draft, file);
    }
    const text = readFileSync(file, 'utf8');
    return SECRET.test(text) ? text : null;
  } catch {
    return null;
  }
}

/** Of several runs that make the secret at once, the first one's counts. */
function publishOnce(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch {
    // There are no hard links here, or another run was first.
    if (!existsSync(file)) {
      renameSync(draft, file);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** The first of the usual places that can be written; in none of them anybody else may write. */
export function stateFolder(): string | null {
  return places().find(isOurFolder) ?? null;
}

function places(): string[] {
  return [join(usualFolder(), 'pats-backup'), join(tmpdir(), `pats-backup-${userId()}`)];
}

/**
 * https://specifications.freedesktop.org/basedir-spec/latest/ and what Windows and macOS have for it. What is empty or
 * relative counts as not set: it would be a folder of the project that the command is run in, and that is a stranger's.
 */
function usualFolder(): string {
  const { env } = process;
  if (here.isWindows) {
    return absolute(env['LOCALAPPDATA']) ?? join(homedir(), 'AppData', 'Local');
  }
  return here.isMacos
    ? join(homedir(), 'Library', 'Application Support')
    : (absolute(env['XDG_STATE_HOME']) ?? join(homedir(), '.local', 'state'));
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

function isOurFolder(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const stats = lstatSync(folder);
    const isPrivate = here.isWindows || (stats.uid === process.getuid?.() && (stats.mode & 0o022) === 0);
    // A home that is mounted read-only has the folder, and it is of no use.
    accessSync(folder, constants.W_OK);
    return stats.isDirectory() && isPrivate;
  } catch {
    return false;
  }
}

function userId(): string {
  try {
    return String(process.getuid?.() ?? userInfo().username);
  } catch {
    return 'user';
  }
}
