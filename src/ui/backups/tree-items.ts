// How a node looks: icon, label, description, tooltip, what its menu offers.
import * as vscode from 'vscode';
import type { BackupEntry, Storage, Trigger } from '../../engine/engine';
import { reader } from '../window/reader';
import { backupRow, backupSpeech, backupTooltip, dumpDescription, dumpLabel } from '../text/backup';
import { canOpen, insideItem } from './inside';
import type { BackupNode, DumpNode, GroupNode, Node } from './nodes';
import { relationUri } from './relation-badges';

/** The item of a node, without its tooltip: that is made when the mouse rests on it. */
export function treeItem(node: Node): vscode.TreeItem {
  switch (node.kind) {
    case 'project': {
      const item = new vscode.TreeItem(node.project.name, vscode.TreeItemCollapsibleState.Expanded);
      item.id = node.project.root;
      item.iconPath = vscode.ThemeIcon.Folder;
      item.contextValue = 'project';
      return item;
    }
    case 'waiting': {
      const item = new vscode.TreeItem(vscode.l10n.t('Interrupted Restore'), vscode.TreeItemCollapsibleState.None);
      item.id = `${node.project.root}//waiting`;
      item.description = node.waiting.message;
      item.tooltip = `${node.waiting.message}\n${node.waiting.remedy}`;
      item.iconPath = new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
      item.contextValue = 'waiting';
      item.command = { command: 'patsBackup.recover', title: vscode.l10n.t('Recover Interrupted Restore...'), arguments: [node] };
      return item;
    }
    case 'group':
      return groupItem(node);
    case 'backup':
      return backupItem(node);
    case 'dumps': {
      const item = new vscode.TreeItem(vscode.l10n.t('SQL Dumps'), vscode.TreeItemCollapsibleState.Collapsed);
      item.id = `${node.project.root}//dumps`;
      item.description = `${node.dumps.length}`;
      item.iconPath = new vscode.ThemeIcon('file-code');
      item.contextValue = 'dumps';
      return item;
    }
    case 'dump':
      return dumpItem(node);
    case 'database':
    case 'table':
    case 'folder':
    case 'file':
      return insideItem(node);
  }
}

/** The whole manifest in readable form. The text comes from files, so it may neither run commands nor hold HTML. */
export function tooltipOf(node: Node, share?: Storage['backups'][number]): vscode.MarkdownString | undefined {
  if (node.kind !== 'backup') {
    return undefined;
  }
  const tooltip = new vscode.MarkdownString(backupTooltip(node.entry, reader(), share), true);
  tooltip.isTrusted = false;
  tooltip.supportHtml = false;
  return tooltip;
}

function groupItem({ project, key, label, isOpen, nodes }: GroupNode): vscode.TreeItem {
  const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(label, isOpen ? Expanded : Collapsed);
  item.id = `${project.root}//group/${key}`;
  item.description = `${nodes.length}`;
  item.contextValue = 'group';
  const count = nodes.length === 1 ? vscode.l10n.t('1 backup') : vscode.l10n.t('{0} backups', nodes.length);
  item.accessibilityInformation = { label: `${label}, ${count}` };
  return item;
}

function backupItem({ project, entry, label = entry.name }: BackupNode): vscode.TreeItem {
  const { Collapsed, None } = vscode.TreeItemCollapsibleState;
  const row = backupRow(entry, reader(), label);
  const item = new vscode.TreeItem(row.label, canOpen(entry) ? Collapsed : None);
  item.id = `${project.root}//${entry.name}`;
  item.description = row.description;
  item.iconPath = backupIcon(entry);
  item.contextValue = contextOf(entry);
  const relation = relationUri(entry);
  if (relation) {
    item.resourceUri = relation;
  }
  item.accessibilityInformation = { label: backupSpeech(entry, reader(), label) };
  item.command = {
    command: 'patsBackup.showDetails',
    title: vscode.l10n.t('Show Details'),
    arguments: [{ kind: 'backup', project, entry }],
  };
  return item;
}

/** What the backup holds decides which parts of it can be restored. */
function contextOf(entry: BackupEntry): string {
  if (entry.status === 'incomplete') {
    return 'backup.incomplete';
  }
  return [
    'backup',
    ...(entry.manifest?.database_file ? ['database'] : []),
    ...(entry.manifest?.uploads_included ? ['uploads'] : []),
    ...(entry.manifest?.pinned ? ['pinned'] : []),
    ...(entry.verification?.ok === false ? ['failed'] : []),
  ].join('.');
}

function backupIcon(entry: BackupEntry): vscode.ThemeIcon {
  if (entry.status === 'incomplete') {
    return new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  }
  if (entry.manifest?.database?.damaged === true) {
    return new vscode.ThemeIcon('bracket-error', new vscode.ThemeColor('list.errorForeground'));
  }
  if (entry.verification?.ok === false) {
    return new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  }
  if (entry.manifest?.pinned === true) {
    return new vscode.ThemeIcon('pinned');
  }
  return new vscode.ThemeIcon(entry.manifest?.trigger ? TRIGGER_ICONS[entry.manifest.trigger] : 'archive');
}

const TRIGGER_ICONS: Record<Trigger, string> = {
  manual: 'bookmark',
  auto: 'git-commit',
  'pre-migration': 'git-pull-request',
  safety: 'shield',
  scheduled: 'clock',
  agent: 'hubot',
};

function dumpItem({ project, dump }: DumpNode): vscode.TreeItem {
  const item = new vscode.TreeItem(dumpLabel(dump.name), vscode.TreeItemCollapsibleState.None);
  item.id = `${project.root}//dumps/${dump.name}`;
  item.description = dumpDescription(dump, reader());
  item.iconPath = new vscode.ThemeIcon('file-code');
  item.tooltip = dump.name;
  item.contextValue = 'dump';
  item.accessibilityInformation = { label: vscode.l10n.t('SQL dump {0}, {1}', dump.name, item.description) };
  return item;
}
