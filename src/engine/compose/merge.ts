// One compose file laid over another, by Compose's own rules (https://docs.docker.com/reference/compose-file/merge/).
import { posix } from 'node:path';
import { dataOf, isData, joined, listOf, type Data } from './document';

type Marks = ReadonlyMap<string, 'reset' | 'override'>;

/** The whole of two files; `marks` are those of the second one. */
export function mergeFiles(base: Data, over: Data, marks: Marks): Data {
  return merged(base, over, '', marks, (path) => /^services\n[^\n]+$/.test(path));
}

/** A service upon the one that it extends. */
export function mergeService(base: Data, over: Data, name: string, marks: Marks = new Map()): Data {
  return mergedService(base, over, `services\n${name}`, marks);
}

function merged(base: Data, over: Data, path: string, marks: Marks, isService: (path: string) => boolean): Data {
  return laidOver(base, over, path, marks, (_key, before, value, at) =>
    isService(at) && isData(before) && isData(value)
      ? mergedService(before, value, at, marks)
      : mergedValue(before, value, at, marks, isService),
  );
}

/** What is replaced as a whole, whatever its form. */
const REPLACED = new Set(['command', 'entrypoint', 'extends', 'healthcheck.test']);

function mergedService(base: Data, over: Data, path: string, marks: Marks): Data {
  return laidOver(base, over, path, marks, (key, before, value, at) => {
    if (before === null || REPLACED.has(key)) {
      return value;
    } else if (value === null) {
      return before;
    } else if (key === 'environment') {
      return { ...pairsOf(before), ...withoutReset(pairsOf(value), at, marks) };
    } else if (key === 'volumes') {
      return byTarget([...listOf(before), ...listOf(value)]);
    } else if (key === 'build') {
      return merged(buildOf(before), buildOf(value), at, marks, () => false);
    } else if (key === 'env_file') {
      return byPath([...listOf(before), ...listOf(value)]);
    }
    return mergedValue(before, value, at, marks, () => false);
  });
}

function mergedValue(before: unknown, value: unknown, at: string, marks: Marks, isService: (path: string) => boolean): unknown {
  if (isData(before) && isData(value)) {
    return merged(before, value, at, marks, isService);
  } else if (Array.isArray(before) && Array.isArray(value)) {
    return [...(before as unknown[]), ...(value as unknown[])];
  }
  return value ?? before;
}

/** Every key of two mappings: what is marked does as its mark says, and `merge` says what becomes of a key that both have. */
function laidOver(
  base: Data,
  over: Data,
  path: string,
  marks: Marks,
  merge: (key: string, before: unknown, value: unknown, at: string) => unknown,
): Data {
  const result = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(over)) {
    const at = joined(path, key);
    const mark = marks.get(at);
    const before = result.get(key);
    if (mark === 'reset') {
      result.delete(key);
    } else {
      result.set(key, mark === 'override' || before === undefined ? value : merge(key, before, value, at));
    }
  }
  return Object.fromEntries(result);
}

function withoutReset(pairs: Data, path: string, marks: Marks): Data {
  return Object.fromEntries(Object.entries(pairs).filter(([key]) => marks.get(joined(path, key)) !== 'reset'));
}

/** `["A=1", "B"]` or `{A: 1, B: null}`: null is what the shell is asked for. */
export function pairsOf(written: unknown): Data {
  return Array.isArray(written)
    ? Object.fromEntries(
        written.map((entry) => {
          const text = String(entry);
          const at = text.indexOf('=');
          return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
        }),
      )
    : dataOf(written);
}

export function buildOf(written: unknown): Data {
  return typeof written === 'string' ? { context: written } : dataOf(written);
}

/** A file that is named twice in the same words keeps its first place, and what is said of it last. */
function byPath(files: readonly unknown[]): unknown[] {
  const last = new Map<unknown, unknown>();
  files.forEach((file) => last.set(dataOf(file)['written'] ?? file, file));
  return [...last.values()];
}

/** A later volume with the same target takes the place of the earlier one. */
export function byTarget(volumes: readonly unknown[]): unknown[] {
  const last = new Map<string, unknown>();
  volumes.forEach((volume, index) => last.set(targetOf(volume) ?? `\n${index}`, volume));
  return [...last.values()];
}

function targetOf(volume: unknown): string | null {
  const target = typeof volume === 'string' ? splitVolume(volume).target : dataOf(volume)['target'];
  return typeof target === 'string' ? posix.normalize(target).replace(/(?<=.)\/$/, '') : null;
}

/** `[SOURCE:]TARGET[:MODE]`; the colon of a Windows drive belongs to its path. */
export function splitVolume(written: string): { readonly source: string | null; readonly target: string; readonly mode: string } {
  const parts = written.match(/(?:^|(?<=:))(?:[a-zA-Z]:(?=[\\/]))?[^:]*/g) ?? [written];
  const [first = '', second, mode = ''] = parts;
  return second === undefined ? { source: null, target: first, mode: '' } : { source: first, target: second, mode };
}
