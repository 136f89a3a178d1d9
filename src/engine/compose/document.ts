// A compose file's text as plain data, with the marks that its merge tags leave.
import { isAlias, isMap, isScalar, isSeq, parseDocument, type Node } from 'yaml';
import { isModest } from '../limits/yaml';
import { ComposeRefusal } from './interpolation';
import { said } from '../said';

/** Bytes; a stranger's file may be of any size. */
export const MAX_BYTES = 256 * 1024;
const MAX_BRACKETS = 100;
const MAX_ALIASES = 500;

export type Data = Readonly<Record<string, unknown>>;

export interface ComposeDocument {
  readonly data: Data;
  /** Paths such as "services.web.volumes" with what their tag says: forget what was there, or replace it. */
  readonly marks: ReadonlyMap<string, 'reset' | 'override'>;
  /** Tags that nobody here knows. */
  readonly unknownTags: readonly string[];
}

/** Fails with ComposeRefusal where the text is no compose file. */
export function parseCompose(text: string): ComposeDocument {
  if (text.length > MAX_BYTES) {
    throw new ComposeRefusal('it is too large to be read');
  }
  if (isTooDeep(text) || !isModest(text)) {
    throw new ComposeRefusal('it is nested too deeply');
  }
  const document = parseDocument(text, { merge: true, logLevel: 'silent', uniqueKeys: false });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new ComposeRefusal(
      error.linePos === undefined ? 'it is not valid YAML' : said`it is not valid YAML (line ${error.linePos[0].line})`,
    );
  }
  // The parser itself would compare each key with every other.
  const twin = twinIn(document.contents);
  if (twin !== null) {
    throw new ComposeRefusal(said`it is not valid YAML (line ${text.slice(0, twin).split('\n').length})`);
  }
  const marks = new Map<string, 'reset' | 'override'>();
  const unknownTags: string[] = [];
  collectTags(document.contents, '', marks, unknownTags);
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    throw new ComposeRefusal('its aliases refer to too much');
  }
  if (data !== null && !isData(data)) {
    throw new ComposeRefusal('it is no compose file');
  }
  return { data: data ?? {}, marks, unknownTags };
}

export function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An empty object where the value is none. */
export function dataOf(value: unknown): Data {
  return isData(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : value === undefined || value === null ? [] : [value];
}

function collectTags(node: unknown, path: string, marks: Map<string, 'reset' | 'override'>, unknown: string[]): void {
  if (isAlias(node) || typeof node !== 'object' || node === null) {
    return;
  }
  const { tag } = node as Node;
  if (tag === '!reset' || tag === '!override') {
    marks.set(path, tag === '!reset' ? 'reset' : 'override');
  } else if (tag !== undefined && tag !== '!' && !tag.startsWith('tag:yaml.org,2002:')) {
    unknown.push(tag);
  }
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      collectTags(value, joined(path, isScalar(key) ? String(key.value) : String(key)), marks, unknown);
    }
  } else if (isSeq(node)) {
    node.items.forEach((item, index) => {
      collectTags(item, joined(path, String(index)), marks, unknown);
    });
  }
}

/** Where a key stands that its mapping has already; null: there is none. */
function twinIn(node: unknown): number | null {
  if (isSeq(node)) {
    return firstOf(node.items);
  }
  if (!isMap(node)) {
    return null;
  }
  const keys = new Set<unknown>();
  for (const { key } of node.items) {
    if (isScalar(key) && keys.has(key.value)) {
      return key.range?.[0] ?? 0;
    }
    keys.add(isScalar(key) ? key.value : key);
  }
  return firstOf(node.items.map(({ value }) => value));
}

function firstOf(nodes: readonly unknown[]): number | null {
  for (const node of nodes) {
    const twin = twinIn(node);
    if (twin !== null) {
      return twin;
    }
  }
  return null;
}

export function joined(path: string, key: string): string {
  return path === '' ? key : `${path}\n${key}`;
}

/** Brackets that are open at once; the parser is recursive. */
function isTooDeep(text: string): boolean {
  let open = 0;
  for (const character of text) {
    if (character === '[' || character === '{') {
      open++;
    } else if (character === ']' || character === '}') {
      open--;
    }
    if (open > MAX_BRACKETS) {
      return true;
    }
  }
  // Each level of a block is at least a column further right, or begins with a mark of its own.
  return /^ {400}|(?:[-?:] ){100}/m.test(text);
}
