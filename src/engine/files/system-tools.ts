// What Node cannot do to files and the system's own programs can: ACLs, extended attributes, times to the nanosecond.
import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { here } from '../platform/platform';
import { said } from '../said';

/** What came of it: sentences about what was not kept; empty: all of it, as far as this system can tell. */
export type Unkept = readonly string[];

/** Not that a mode was refused, but that an attribute is lost which is really there. */
const LOST = /setting attribute|preserving permissions .*not supported|lsetxattr|acl_set/;

let hasGnuTools: Promise<boolean> | undefined;

/** Whether cp and tar know what is asked of them below; BusyBox and macOS do not (there the copy itself carries everything). */
export async function gnuTools(): Promise<boolean> {
  hasGnuTools ??= (async () => {
    if (!here.isLinux) {
      return false;
    }
    const [cp, tar] = await Promise.all([run('cp', ['--version'], '/', []), run('tar', ['--version'], '/', [])]);
    return /coreutils/.test(cp.out) && /GNU tar/.test(tar.out);
  })();
  return hasGnuTools;
}

/**
 * Gives files and folders in `to` the ACLs, the extended attributes and the times of those with the same paths in
 * `from`. Modes come along and are to be set afterwards: they are the mask of an ACL. Contents stay as they are.
 */
export async function carryAttributes(from: string, to: string, files: readonly string[], folders: readonly string[]): Promise<Unkept> {
  if (files.length + folders.length === 0 || !(await gnuTools())) {
    return [];
  }
  const kept = ['--attributes-only', '--no-dereference', '--parents', '--preserve=mode,timestamps,xattr'];
  const copied = files.length === 0 ? null : await run('xargs', ['-0', 'cp', ...kept, '-t', to], from, files);
  // cp would go into every folder: only tar takes a folder alone.
  const what = '--acls --xattrs --xattrs-include=user.* --no-recursion';
  const pack = `tar ${what} --format=posix --null -T - -cf - | tar ${what} -xpf - -C "$1"`;
  const packed = folders.length === 0 ? null : await run('sh', ['-c', pack, 'sh', to], from, folders);
  return complaint([copied?.err, packed?.err].join('\n'), to);
}

/** As Disk says; blocks are shared where the file system can. */
export async function copyApart(from: string, to: string, signal?: AbortSignal): Promise<boolean> {
  if (!(await gnuTools())) {
    return false;
  }
  try {
    // What is there keeps its mode.
    await writeFile(to, '', { flag: 'wx', mode: 0o600 });
  } catch {
    return false;
  }
  const { code } = await run('cp', ['--reflink=auto', '--', from, to], '/', [], '', signal);
  if (code !== 0) {
    await rm(to, { force: true });
  }
  return code === 0;
}

/** Paths below a folder that have an ACL or extended attributes; empty too where this system cannot tell. Reads no contents. */
export async function attributedBelow(folder: string): Promise<string[]> {
  if (!(await gnuTools())) {
    return [];
  }
  // GNU tar reads nothing that it writes to /dev/null, and marks what it would have kept beside the mode.
  const what = ['--acls', '--xattrs', '--xattrs-include=user.*', '--numeric-owner', '--quoting-style=escape'];
  const { out } = await run('tar', [...what, '-cvvf', '/dev/null', '--null', '-T', '-'], folder, ['']);
  return out.split('\n').flatMap((line) => /^\S{10}[+*] \S+ +\S+ \S+ \S+ \.\/(.+)$/.exec(line)?.[1] ?? []);
}

/** As Disk says. Reads no contents. */
export async function plainAmong(folder: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (paths.length === 0 || !(await gnuTools())) {
    return new Set();
  }
  // As above; of a line that is any different nothing is believed.
  const what = ['--acls', '--xattrs', '--xattrs-include=*', '--numeric-owner', '--quoting-style=escape', '--no-recursion'];
  const { out } = await run('tar', [...what, '-cvvf', '/dev/null', '--null', '-T', '-'], folder, paths);
  const names = out.split('\n').flatMap((line) => /^-\S{9} {2}\S+ +\S+ \S+ \S+ \.\/(.+)$/.exec(line)?.[1] ?? []);
  return new Set(names.map(unescaped));
}

const ESCAPED: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** A name as it is, out of how GNU tar writes it in a locale that has only ASCII: bytes beyond that in octal. */
function unescaped(name: string): string {
  const bytes = name.replace(/\\([0-7]{3}|.)/g, (_all, what: string) =>
    what.length === 3 ? String.fromCharCode(parseInt(what, 8)) : (ESCAPED[what] ?? what),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** One sentence with the first path, out of what cp and tar say. */
function complaint(err: string, to: string): string[] {
  const lines = err.split('\n').filter((line) => LOST.test(line));
  const [first = ''] = lines;
  if (first === '') {
    return [];
  }
  const [, path = '', reason = ''] = /(?:'([^']*)'[^']*)?: ([^:]*)$/.exec(first) ?? [];
  const place = path.replace(`${to}/`, '').replace(/^\.\//, '');
  return [said`ACLs and extended attributes could not be kept (${place === '' ? '' : `${place}: `}${reason}).`];
}

/**
 * Sets modification times to the nanosecond (`touch`, for Node's numbers are too coarse: a double has 24 bits for what
 * is below a second). One process for each path. false: not on this system, or not all of them.
 */
export async function touchAll(entries: readonly { readonly path: string; readonly mtime: bigint }[]): Promise<boolean> {
  if (here.isWindows || entries.length === 0) {
    return entries.length === 0;
  }
  if (entries.some(({ mtime }) => mtime < FIRST_ISO || mtime > LAST_ISO)) {
    return false;
  }
  const words = entries.flatMap(({ path, mtime }) => [isoTime(mtime), path]);
  const { code } = await run('xargs', ['-0', '-n', '2', '-P', '2', 'touch', '-h', '-m', '-d'], '/', words, '');
  return code === 0;
}

/** Nanoseconds since 1970 of the years 1 to 9999, which have four digits. */
const FIRST_ISO = -62_135_596_800_000_000_000n;
const LAST_ISO = 253_402_300_799_000_000_000n;

/** ISO 8601 in UTC with nanoseconds, which GNU's and the BSDs' touch read. */
function isoTime(nanoseconds: bigint): string {
  const below = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = Number((nanoseconds - below) / 1_000_000_000n);
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(below).padStart(9, '0')}Z`;
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program on paths that it reads from standard input, each ended by a zero byte. A missing program has code null. */
async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  input: readonly string[],
  prefix = './',
  signal?: AbortSignal,
): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], ...(signal && { signal }) });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => (err = (err + String(chunk)).slice(0, 100_000)));
    child.on('error', () => {
      resolve({ code: null, out, err });
    });
    child.on('close', (code) => {
      resolve({ code, out, err });
    });
    // It may end before it has read everything.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input.map((word) => `${prefix}${word}\0`).join(''));
  });
}
