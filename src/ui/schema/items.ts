// How a node of the tree "Schema" looks, what it says to a screen reader, and what a click shows.
import { relative } from 'node:path';
import * as vscode from 'vscode';
import { here } from '../../engine/platform/platform';
import { shownCommand } from '../../engine/platform/shell';
import type { Status } from '../../engine/engine';
import { failureText } from '../window/failure';
import { ACT_ON_BACKUP } from '../text/backup-page';
import { canRun } from '../text/command';
import { relativeTo } from '../text/restore';
import { revisionText } from '../text/revision';
import { commandLabel, schemaSentence, schemaWords } from '../text/schema';
import type { FactName, GroupName, SchemaNode } from './nodes';

const { None, Expanded } = vscode.TreeItemCollapsibleState;

export function schemaItem(node: SchemaNode): vscode.TreeItem {
  const item = new vscode.TreeItem(labelOf(node), node.kind === 'project' || node.kind === 'group' ? Expanded : None);
  item.id = `${node.project.root}//${idOf(node)}`;
  item.contextValue = node.kind === 'command' && !canRun([node.line]) ? 'schema.command.template' : `schema.${node.kind}`;
  dress(item, node);
  const description = typeof item.description === 'string' && item.description !== '' ? `, ${item.description}` : '';
  item.accessibilityInformation ??= { label: `${labelOf(node)}${description}` };
  return item;
}

function dress(item: vscode.TreeItem, node: SchemaNode): void {
  switch (node.kind) {
    case 'project':
      item.iconPath = vscode.ThemeIcon.Folder;
      break;
    case 'fact':
      dressFact(item, node.name, node.status, node.project.root);
      break;
    case 'failure':
      item.iconPath = new vscode.ThemeIcon('warning');
      item.tooltip = failureText(node.error);
      break;
    case 'group':
      item.description = `${node.nodes.length}`;
      item.iconPath = new vscode.ThemeIcon(GROUP_ICONS[node.name]);
      break;
    case 'migration':
      item.description = node.migration.revision;
      item.iconPath = new vscode.ThemeIcon('git-commit');
      item.tooltip = relative(node.project.root, node.migration.file);
      item.command = opening(node.migration.file);
      break;
    case 'trace':
      item.iconPath = new vscode.ThemeIcon('error');
      item.tooltip = node.sentence;
      break;
    case 'before':
      item.description = node.backup;
      item.iconPath = new vscode.ThemeIcon('archive');
      item.tooltip = node.backup;
      item.command = {
        command: ACT_ON_BACKUP,
        title: vscode.l10n.t('Show Details'),
        arguments: ['patsBackup.showDetails', node.project.root, node.backup],
      };
      break;
    case 'problem':
      dressProblem(item, node);
      break;
    case 'command':
      item.description = shownCommand(node.line, here);
      item.iconPath = new vscode.ThemeIcon('terminal');
      item.tooltip = shownCommand(node.line, here);
      break;
  }
}

function dressFact(item: vscode.TreeItem, name: FactName, status: Status, root: string): void {
  switch (name) {
    case 'state': {
      const words = schemaWords(status);
      item.iconPath = new vscode.ThemeIcon(words === null ? 'pass' : words.isWarning ? 'warning' : 'question');
      item.description = status.tool ?? '';
      item.tooltip = schemaSentence(status);
      item.accessibilityInformation = { label: schemaSentence(status) };
      break;
    }
    case 'database':
      item.description = status.databasePlace ?? relativeTo(root, status.database ?? '');
      item.iconPath = new vscode.ThemeIcon('database');
      break;
    case 'revision':
      item.description = revisionText(status.revisions);
      item.iconPath = new vscode.ThemeIcon('milestone');
      break;
    case 'heads':
      item.description = revisionText(status.heads);
      item.iconPath = new vscode.ThemeIcon('git-branch');
      break;
  }
}

function dressProblem(item: vscode.TreeItem, { problem, project }: Extract<SchemaNode, { kind: 'problem' }>): void {
  item.iconPath = new vscode.ThemeIcon('warning');
  item.tooltip = problem.message;
  if (problem.file !== undefined) {
    const place = relativeTo(project.root, problem.file);
    item.description = problem.line === undefined ? place : `${place}:${problem.line}`;
    item.command = opening(problem.file, problem.line);
  }
}

/** A click shows the file, at its line where there is one. */
function opening(file: string, line?: number): vscode.Command {
  const position = new vscode.Position(Math.max((line ?? 1) - 1, 0), 0);
  const options: vscode.TextDocumentShowOptions = {
    preview: true,
    ...(line === undefined ? {} : { selection: new vscode.Range(position, position) }),
  };
  return { command: 'vscode.open', title: vscode.l10n.t('Open'), arguments: [vscode.Uri.file(file), options] };
}

const GROUP_ICONS: Record<GroupName, string> = {
  pending: 'list-ordered',
  halfApplied: 'error',
  problems: 'warning',
  commands: 'terminal',
};

function labelOf(node: SchemaNode): string {
  switch (node.kind) {
    case 'project':
      return node.project.name;
    case 'fact':
      return factLabel(node.name, node.status);
    case 'failure':
      return failureText(node.error);
    case 'group':
      return groupLabel(node.name);
    case 'migration':
      return node.migration.title || node.migration.revision;
    case 'trace':
      return node.sentence;
    case 'before':
      return vscode.l10n.t('State Before the Migration');
    case 'problem':
      return node.problem.message;
    case 'command':
      return commandLabel(node.name);
  }
}

function factLabel(name: FactName, status: Status): string {
  switch (name) {
    case 'state':
      return capitalised(
        schemaWords(status)?.text ?? (status.state === 'current' ? vscode.l10n.t('up to date') : vscode.l10n.t('no migrations')),
      );
    case 'database':
      return vscode.l10n.t('Database');
    case 'revision':
      return status.revisions.length > 1 ? vscode.l10n.t('Revisions') : vscode.l10n.t('Revision');
    case 'heads':
      return status.heads.length > 1 ? vscode.l10n.t('Latest migrations (several heads)') : vscode.l10n.t('Latest migration');
  }
}

function groupLabel(name: GroupName): string {
  switch (name) {
    case 'pending':
      return vscode.l10n.t('Pending Migrations');
    case 'halfApplied':
      return vscode.l10n.t('Left by a Failed Migration');
    case 'problems':
      return vscode.l10n.t('Problems');
    case 'commands':
      return vscode.l10n.t('Commands');
  }
}

function idOf(node: SchemaNode): string {
  switch (node.kind) {
    case 'fact':
    case 'group':
    case 'command':
      return `${node.kind}/${node.name}`;
    case 'migration':
      return `migration/${node.migration.revision}`;
    case 'trace':
    case 'problem':
      return `${node.kind}/${node.index}`;
    case 'project':
    case 'before':
    case 'failure':
      return node.kind;
  }
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
