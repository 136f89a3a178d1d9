// The sentence for people behind each errno that a disk, or the system on the way to it, gives.
import { errnoOf } from './errno';
import { said } from '../said';

export interface DiskSentence {
  readonly code: 'NO_SPACE' | 'NO_PERMISSION' | 'WRITE_FAILED' | 'READ_FAILED' | 'NAME_INVALID';
  readonly message: string;
  readonly remedy: string;
}

type Say = (path: string) => DiskSentence;

const full: Say = (path) => ({
  code: 'NO_SPACE',
  message: said`There is no space left to write ${path}.`,
  remedy: 'Free some disk space and try again.',
});
const overQuota: Say = (path) => ({
  code: 'NO_SPACE',
  message: said`The quota of this user is used up: there is no space left to write ${path}.`,
  remedy: 'Remove files of yours, or ask for a larger quota, and try again.',
});
const forbidden: Say = (path) => ({
  code: 'NO_PERMISSION',
  message: said`This user may not read or write ${path}.`,
  remedy: 'Check its owner and permissions, then try again.',
});
const readOnly: Say = (path) => ({
  code: 'NO_PERMISSION',
  message: said`The file system of ${path} can only be read.`,
  remedy: 'Systems do that to a disk that fails: check it, mount it writable, then try again.',
});
const broken: Say = (path) => ({
  code: 'WRITE_FAILED',
  message: said`The disk failed while working on ${path}.`,
  remedy: 'Check the disk before you try again.',
});
const gone: Say = (path) => ({
  code: 'WRITE_FAILED',
  message: said`The disk on which ${path} lies is not there any more.`,
  remedy: 'Connect or mount it again, then try again.',
});
const silent: Say = (path) => ({
  code: 'WRITE_FAILED',
  message: said`The network drive on which ${path} lies does not answer as it did.`,
  remedy: 'Connect or mount it again, then try again.',
});
const tooManyOpen: Say = (path) => ({
  code: 'READ_FAILED',
  message: said`Too many files are open for ${path} to be opened.`,
  remedy: 'Close other programs, or raise the limit (ulimit -n), and try again.',
});
const noMemory: Say = (path) => ({
  code: 'READ_FAILED',
  message: said`There is too little memory to work on ${path}.`,
  remedy: 'Close other programs and try again.',
});
const tooLong: Say = (path) => ({
  code: 'NAME_INVALID',
  message: said`The path ${path} is too long for this file system.`,
  remedy: 'Choose a shorter name.',
});
const vanished: Say = (path) => ({
  code: 'READ_FAILED',
  message: said`${path} is not there, or something else is in its place.`,
  remedy: 'Try again. If it happens again, find out what has removed or replaced it.',
});

const SENTENCES: Readonly<Record<string, Say>> = {
  ENOSPC: full,
  EFBIG: full,
  EDQUOT: overQuota,
  EACCES: forbidden,
  EPERM: forbidden,
  EROFS: readOnly,
  EIO: broken,
  ENODEV: gone,
  ENXIO: gone,
  ESTALE: silent,
  EREMOTEIO: silent,
  EHOSTDOWN: silent,
  EHOSTUNREACH: silent,
  ENOTCONN: silent,
  ETIMEDOUT: silent,
  EMFILE: tooManyOpen,
  ENFILE: tooManyOpen,
  ENOMEM: noMemory,
  ENAMETOOLONG: tooLong,
};

/** What is no failure of a disk, but may come from one that changes under us. */
const OTHERS: Readonly<Record<string, Say>> = { ENOENT: vanished, ENOTDIR: vanished, EEXIST: vanished, ENOTEMPTY: vanished };

/** What a failing disk says of `path`; null: the failure is of another kind. */
export function diskSentence(error: unknown, path: string): DiskSentence | null {
  return SENTENCES[errnoOf(error)]?.(path) ?? null;
}

/** The same of the file that the system spoke of, for every failed system call; null: it is none. */
export function systemSentence(error: unknown): DiskSentence | null {
  const code = errnoOf(error);
  if (!(error instanceof Error) || !('syscall' in error) || !/^E[A-Z0-9]+$/.test(code)) {
    return null;
  }
  const path = visible(pathOf(error) ?? 'the files of this project');
  return (
    (SENTENCES[code] ?? OTHERS[code])?.(path) ?? {
      code: 'WRITE_FAILED',
      message: said`The system could not work on ${path} (${code}).`,
      remedy: 'Try again. If it happens again, check the disk.',
    }
  );
}

/** The very file that the system spoke of. */
export function pathOf(error: unknown): string | undefined {
  return error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : undefined;
}

/** Nobody knows our own temporary names: the folder in which they are is named. */
function visible(path: string): string {
  return path.replace(/[/\\]\.(?:tmp|pats|restore)-.*$/s, '') || path;
}
