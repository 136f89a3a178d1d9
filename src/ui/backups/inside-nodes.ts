// The nodes below a backup: its database, tables, upload folders and files.
import type { BackupEntry } from '../../engine/engine';
import type { OpenProject } from '../window/projects';

interface Inside {
  readonly project: OpenProject;
  readonly entry: BackupEntry;
}

export interface DatabaseNode extends Inside {
  readonly kind: 'database';
  readonly file: string;
}

export interface TableNode extends Inside {
  readonly kind: 'table';
  readonly table: string;
  /** null: unknown. */
  readonly rows: number | null;
}

export interface FolderNode extends Inside {
  readonly kind: 'folder';
  /** As a comparison names it: the folder in the backup comes first. */
  readonly path: string;
}

export interface FileNode extends Inside {
  readonly kind: 'file';
  readonly path: string;
}

export type InsideNode = DatabaseNode | TableNode | FolderNode | FileNode;

export const INSIDE_KINDS: readonly InsideNode['kind'][] = ['database', 'table', 'folder', 'file'];

export function isInside(node: { readonly kind: string }): node is InsideNode {
  return INSIDE_KINDS.some((kind) => kind === node.kind);
}
