// The nodes of the tree "Backups": data only, made anew from every listing.
import type { BackupEntry, DumpEntry, WaitingRestore } from '../../engine/engine';
import { INSIDE_KINDS, type InsideNode } from './inside-nodes';
import type { OpenProject } from '../window/projects';

export interface ProjectNode {
  readonly kind: 'project';
  readonly project: OpenProject;
}

export interface BackupNode {
  readonly kind: 'backup';
  readonly project: OpenProject;
  readonly entry: BackupEntry;
  /** What it is called in the list; its name where nobody has said. */
  readonly label?: string;
}

/** The backups of a stretch of time, or those that were made before restores. */
export interface GroupNode {
  readonly kind: 'group';
  readonly project: OpenProject;
  readonly key: string;
  readonly label: string;
  readonly isOpen: boolean;
  readonly nodes: readonly BackupNode[];
}

export interface DumpsNode {
  readonly kind: 'dumps';
  readonly project: OpenProject;
  readonly dumps: readonly DumpEntry[];
}

export interface DumpNode {
  readonly kind: 'dump';
  readonly project: OpenProject;
  readonly dump: DumpEntry;
}

/** An interrupted restore that was neither finished nor taken back. */
export interface WaitingNode {
  readonly kind: 'waiting';
  readonly project: OpenProject;
  readonly waiting: WaitingRestore;
}

export type Node = ProjectNode | WaitingNode | GroupNode | BackupNode | DumpsNode | DumpNode | InsideNode;

const KINDS: readonly unknown[] = [
  'project',
  'waiting',
  'group',
  'backup',
  'dumps',
  'dump',
  ...INSIDE_KINDS,
] satisfies readonly Node['kind'][];

/** Whether a command's argument is a node of the tree: menus pass one, the palette and keybindings do not. */
export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'kind' in value && KINDS.includes(value.kind);
}

/** The backups among the arguments that a row menu passes: the row, and all selected rows when it is one of them. */
export function backupNodes(row: unknown, selected: unknown): BackupNode[] {
  const nodes = Array.isArray(selected) && selected.includes(row) ? selected : [row];
  return nodes.filter((node): node is BackupNode => isNode(node) && node.kind === 'backup');
}
