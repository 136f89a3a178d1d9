// The rows below a project: groups by day, safety backups by themselves, then SQL dumps.
import type { BackupEntry, BackupList } from '../../engine/engine';
import { isEmpty, passes, type Filter } from '../text/filter';
import { backupLabel } from '../text/label';
import { periodOf } from '../text/period';
import type { Reader } from '../text/reader';
import { momentOf } from '../text/time';
import type { OpenProject } from '../window/projects';
import type { BackupNode, GroupNode, Node } from './nodes';

/** The words of those groups that are no stretch of time. */
export interface GroupWords {
  readonly safety: string;
  readonly undated: string;
}

/** Stretches of time whose groups are open from the beginning; the newest always is. */
const OPEN: readonly string[] = ['today', 'yesterday', 'week', 'undated'];

/** Everything to be shown of a listing, newest first. */
export function rowsOf(project: OpenProject, list: BackupList, filter: Filter, reader: Reader, words: GroupWords): Node[] {
  const { backups, dumps, waiting = null } = list;
  const nodes = backups.map((entry): BackupNode => ({ kind: 'backup', project, entry, label: backupLabel(entry, backups) }));
  const shown = nodes.filter(({ entry, label }) => passes(filter, entry, label ?? entry.name));
  const isFiltered = !isEmpty(filter);
  return [
    ...(waiting === null ? [] : [{ kind: 'waiting', project, waiting } satisfies Node]),
    ...grouped(project, shown, isFiltered, reader, words),
    ...(dumps.length > 0 && !isFiltered ? [{ kind: 'dumps', project, dumps } satisfies Node] : []),
  ];
}

function grouped(project: OpenProject, nodes: readonly BackupNode[], isFiltered: boolean, reader: Reader, words: GroupWords): GroupNode[] {
  const groups = new Map<string, { readonly label: string; readonly nodes: BackupNode[] }>();
  for (const node of nodes) {
    const { key, label } = placeOf(node.entry, reader, words);
    const group = groups.get(key) ?? { label, nodes: [] };
    groups.set(key, group);
    group.nodes.push(node);
  }
  // Safety backups come last, wherever the newest of them is.
  const keys = [...groups.keys()].sort((one, other) => Number(one === 'safety') - Number(other === 'safety'));
  return keys.map((key, index): GroupNode => {
    const { label = '', nodes: below = [] } = groups.get(key) ?? {};
    const isOpen = isFiltered || OPEN.includes(key) || (index === 0 && key !== 'safety');
    return { kind: 'group', project, key: isFiltered ? `${key}/filtered` : key, label, isOpen, nodes: below };
  });
}

function placeOf(entry: BackupEntry, reader: Reader, words: GroupWords): { readonly key: string; readonly label: string } {
  const made = entry.manifest && momentOf(entry.manifest);
  if (entry.manifest?.trigger === 'safety') {
    return { key: 'safety', label: words.safety };
  }
  return made ? periodOf(made, reader) : { key: 'undated', label: words.undated };
}
