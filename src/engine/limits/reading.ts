// Small files and folders of strangers: a bounded part of each, read once in a look and again only when it has changed.
import { opendirSync, readFileSync, statSync, type Dirent } from 'node:fs';
import { decodedText } from '../platform/text';
import { MOST_CONFIGURATION_BYTES } from './sizes';
import { said } from '../said';

/** What was read, and of what: equal stamps are the same content, if the file was not being written just then. */
interface Known {
  readonly stamp: string;
  readonly look: number;
  /** Nobody can have changed the file since within the resolution of its times. */
  readonly isSettled: boolean;
}

interface KnownText extends Known {
  readonly text: string;
  readonly made: Map<string, unknown>;
}

interface KnownFolder extends Known {
  readonly entries: readonly Dirent[];
  readonly isWhole: boolean;
}

/**
 * Databases and what SQLite keeps beside them are no texts, and closing one of them would drop all locks that this process
 * has on it, e.g. while a backup is made (https://www.sqlite.org/howtocorrupt.html, 2.2).
 */
const DATABASES = /\.(?:db3?|sqlite3?|s3db|sl3)$|-(?:wal|shm|journal)$/i;
/** Milliseconds; the times of some file systems are no finer, and some clocks no closer. */
const RESOLUTION = 2000;
const MOST_CHARACTERS = 8 * 1024 * 1024;
const MOST_ENTRIES = 60_000;

const texts = new Map<string, KnownText>();
const folders = new Map<string, KnownFolder>();
let characters = 0;
let entries = 0;
let look = 0;

/** From here on what was read while it was being written is read again. */
export function beginLook(): void {
  look++;
}

/** The text of a small file; null when it is none, is a database, is too big or may not be read. */
export function textOf(file: string, mostBytes = MOST_CONFIGURATION_BYTES): string | null {
  return read(file, mostBytes)?.text ?? null;
}

/** What `make` makes of the text of a small file, made once for each content; null: there is none, as with `textOf`. */
export function madeOf<T>(file: string, purpose: string, make: (text: string) => T, mostBytes = MOST_CONFIGURATION_BYTES): T | null {
  const known = read(file, mostBytes);
  if (known === null) {
    return null;
  }
  if (!known.made.has(purpose)) {
    known.made.set(purpose, make(known.text));
  }
  return known.made.get(purpose) as T;
}

/** At most so many entries of a folder, by name; null: it may not be read. */
export function entriesWithin(folder: string, most: number): readonly Dirent[] | null {
  try {
    const { stamp, changed } = stampOf(folder);
    const known = folders.get(folder);
    if (known !== undefined && isCurrent(known, stamp) && (known.isWhole || known.entries.length >= most)) {
      return byName(known.entries.slice(0, most));
    }
    const isSettled = changed < Date.now() - RESOLUTION;
    const found = listed(folder, most);
    entries += found.length - (known?.entries.length ?? 0);
    if (entries > MOST_ENTRIES) {
      folders.clear();
      entries = found.length;
    }
    folders.set(folder, { stamp, look, isSettled, entries: found, isWhole: found.length < most });
    return byName(found);
  } catch {
    return null;
  }
}

function read(file: string, mostBytes: number): KnownText | null {
  try {
    const { stamp, changed, size } = stampOf(file, 'file');
    if (size > mostBytes || DATABASES.test(file)) {
      return null;
    }
    const known = texts.get(file);
    if (known !== undefined && isCurrent(known, stamp)) {
      return known;
    }
    const isSettled = changed < Date.now() - RESOLUTION;
    const text = decodedText(readFileSync(file));
    characters += text.length - (known?.text.length ?? 0);
    if (characters > MOST_CHARACTERS) {
      texts.clear();
      characters = text.length;
    }
    const fresh = { stamp, look, isSettled, text, made: new Map<string, unknown>() };
    texts.set(file, fresh);
    return fresh;
  } catch {
    return null;
  }
}

function isCurrent(known: Known, stamp: string): boolean {
  return known.stamp === stamp && (known.isSettled || (known.look === look && look > 0));
}

/** Fails where there is no such file: opening a FIFO would wait for its writer for ever. */
function stampOf(path: string, kind: 'file' | 'folder' = 'folder'): { stamp: string; changed: number; size: number } {
  const stats = statSync(path, { bigint: true });
  if (kind === 'file' ? !stats.isFile() : !stats.isDirectory()) {
    throw new Error(said`${path} is no ${kind}.`);
  }
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  const latest = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
  return { stamp: `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`, changed: Number(latest / 1_000_000n), size: Number(size) };
}

function listed(folder: string, most: number): Dirent[] {
  const handle = opendirSync(folder, { bufferSize: 256 });
  const found: Dirent[] = [];
  try {
    for (let entry = handle.readSync(); entry !== null && found.length < most; entry = handle.readSync()) {
      found.push(entry);
    }
  } finally {
    handle.closeSync();
  }
  return found;
}

function byName(found: readonly Dirent[]): Dirent[] {
  return [...found].sort((a, b) => (a.name < b.name ? -1 : 1));
}
