// Names of backups: what may be one, and how an automatic one is made. Imports nothing, so that an input box can use it.
import { said } from '../said';

/** Bytes; leaves room for what a file system's limit of 255 must also hold (stage folders). */
const LONGEST = 200;
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\..*)?$/i;

/** Why a name cannot be a backup's on every file system, as a sentence; null when it can. */
export function nameProblem(name: string): string | null {
  if (name === '') {
    return 'The name is empty.';
  }
  if (name.includes('/') || name.includes('\\')) {
    return 'The name must not contain a path separator (/ or \\).';
  }
  if (name === '.' || name === '..') {
    return said`"${name}" is a folder's own name.`;
  }
  if (name.startsWith('.')) {
    return 'The name must not start with a dot: such folders are hidden.';
  }
  if (name.startsWith('-')) {
    return 'The name must not start with a dash: a command line would take it for an option.';
  }
  if (hasControlCharacter(name)) {
    return 'The name must not contain control characters.';
  }
  if (/[<>:"|?*]/.test(name)) {
    return 'The name must not contain any of < > : " | ? *';
  }
  if (/[. ]$/.test(name) || name.startsWith(' ')) {
    return 'The name must not start with a space, nor end with a dot or a space.';
  }
  if (RESERVED.test(name)) {
    return said`"${name}" is reserved on Windows.`;
  }
  if (/\p{Surrogate}/u.test(name)) {
    return 'The name is not valid Unicode.';
  }
  if (new TextEncoder().encode(name).length > LONGEST) {
    return said`The name is longer than ${LONGEST} bytes.`;
  }
  return null;
}

/** Local time as YYYYMMDD_HHMMSS. */
export function timestampOf(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${String(time.getFullYear()).padStart(4, '0')}${two(time.getMonth() + 1)}${two(time.getDate())}`;
  return `${day}_${two(time.getHours())}${two(time.getMinutes())}${two(time.getSeconds())}`;
}

/** Local time as ISO 8601 with its offset from UTC, e.g. 2026-11-23T10:15:30.123+01:00. */
export function isoWithOffset(time: Date): string {
  const offset = -time.getTimezoneOffset();
  const local = new Date(time.getTime() + offset * 60_000).toISOString().slice(0, -1);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
}

interface GitNames {
  readonly branch: string | null;
  readonly commit: string | null;
  readonly dirty: boolean;
}

/** `<prefix>_<timestamp>_<branch>_<commit>[-dirty]`; without git just what is known. */
export function automaticName(prefix: string, time: Date, git: GitNames | null): string {
  const parts = [prefix, timestampOf(time)];
  if (git !== null) {
    const commit = git.commit === null ? 'no-commit' : git.commit.slice(0, 7);
    parts.push(git.branch === null ? 'detached' : safeBranch(git.branch), git.dirty ? `${commit}-dirty` : commit);
  }
  return parts.join('_');
}

function safeBranch(branch: string): string {
  const safe = branch
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  let short = '';
  for (const character of safe) {
    if (new TextEncoder().encode(short + character).length > 60) {
      break;
    }
    short += character;
  }
  return short === '' ? 'branch' : short;
}

function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}
