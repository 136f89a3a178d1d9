// What stands below a backup in the tree: its database with the tables, and its upload folders.
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { BackupEntry, Engine } from '../../engine/engine';
import { sizeText } from '../text/size';
import { reader } from '../window/reader';
import type { Projects } from '../window/projects';
import type { DatabaseNode, FolderNode, InsideNode } from './inside-nodes';
import type { BackupNode } from './nodes';

/** Whether there is anything below the row of a backup. */
export function canOpen({ status, manifest }: BackupEntry): boolean {
  return status === 'ok' && (Boolean(manifest?.database_file) || manifest?.uploads_included === true);
}

/** The rows below a backup, its database, or a folder of its uploads. */
export async function rowsInside(engine: Engine, projects: Projects, parent: BackupNode | InsideNode): Promise<InsideNode[]> {
  const { project, entry } = parent;
  switch (parent.kind) {
    case 'backup':
      return canOpen(entry) ? contentsOf(parent) : [];
    case 'database': {
      const recorded = entry.manifest?.database?.tables;
      // An untrusted window opens no database.
      const tables = vscode.workspace.isTrusted
        ? (await engine.lookInside(projects.requestOf(project), { name: entry.name })).tables
        : (recorded ?? []);
      return tables.map(({ name, rows }) => ({ kind: 'table', project, entry, table: name, rows }));
    }
    case 'folder': {
      const names = await vscode.workspace.fs.readDirectory(vscode.Uri.file(join(entry.path, parent.path)));
      const isFolder = (type: vscode.FileType): boolean => (type & vscode.FileType.Directory) !== 0;
      return names
        .sort(([one, first], [other, second]) => Number(isFolder(second)) - Number(isFolder(first)) || one.localeCompare(other))
        .map(([name, type]) => ({ kind: isFolder(type) ? 'folder' : 'file', project, entry, path: `${parent.path}/${name}` }));
    }
    case 'table':
    case 'file':
      return [];
  }
}

function contentsOf({ project, entry }: BackupNode): InsideNode[] {
  const { manifest } = entry;
  const file = manifest?.database_file ?? null;
  const folders = manifest?.uploads?.filter(({ existed }) => existed).map(({ folder }) => folder);
  const uploads = folders ?? (manifest?.uploads_included === true ? ['uploads'] : []);
  return [
    ...(file === null ? [] : [{ kind: 'database', project, entry, file } satisfies DatabaseNode]),
    ...uploads.map((path) => ({ kind: 'folder', project, entry, path }) satisfies FolderNode),
  ];
}

export function insideItem(node: InsideNode): vscode.TreeItem {
  const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem('', node.kind === 'database' ? Expanded : node.kind === 'folder' ? Collapsed : None);
  const place = `${node.project.root}//${node.entry.name}//`;
  const opens = (command: string, title: string): void => {
    item.command = { command, title, arguments: [node] };
  };
  switch (node.kind) {
    case 'database': {
      const { damaged = false, size } = node.entry.manifest?.database ?? {};
      item.label = node.file;
      item.id = `${place}database`;
      item.description = size === undefined ? '' : sizeText(size, reader().locale);
      item.iconPath = new vscode.ThemeIcon('database');
      item.contextValue = damaged ? 'inside.damaged' : 'inside.database';
      break;
    }
    case 'table':
      item.label = node.table;
      item.id = `${place}table/${node.table}`;
      item.description = node.rows === null ? '' : rowsText(node.rows);
      item.iconPath = new vscode.ThemeIcon('table');
      item.contextValue = 'inside.table';
      item.accessibilityInformation = { label: vscode.l10n.t('Table {0} {1}', node.table, item.description) };
      opens('patsBackup.openTable', vscode.l10n.t('Open Table'));
      break;
    case 'folder':
    case 'file':
      item.label = node.path.split('/').at(-1) ?? node.path;
      item.id = `${place}${node.path}`;
      item.iconPath = node.kind === 'folder' ? vscode.ThemeIcon.Folder : vscode.ThemeIcon.File;
      item.resourceUri = vscode.Uri.from({ scheme: 'pats-backup-file', path: `/${node.path}` });
      item.contextValue = node.kind === 'folder' ? 'inside.folder' : 'inside.file';
      if (node.kind === 'file') {
        opens('patsBackup.openUpload', vscode.l10n.t('Open Upload'));
      }
  }
  return item;
}

function rowsText(rows: number): string {
  return rows === 1 ? vscode.l10n.t('1 row') : vscode.l10n.t('{0} rows', rows.toLocaleString(reader().locale));
}
