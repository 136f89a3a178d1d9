// Which backups a command means: the rows it was started on, or what the user picks, newest first.
import * as vscode from 'vscode';
import type { BackupEntry } from '../../engine/engine';
import { BackupError, cancelled } from '../../engine/errors';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { reader } from '../window/reader';
import { backupDescription, triggerText } from '../text/backup';
import { backupLabel } from '../text/label';
import { backupNodes } from '../backups/nodes';

export interface Target {
  readonly project: OpenProject;
  readonly entries: readonly [BackupEntry, ...BackupEntry[]];
}

interface Pick extends vscode.QuickPickItem {
  readonly entry: BackupEntry;
}

interface Question {
  readonly placeHolder: string;
  /** Backups that the command can do nothing with are not offered. */
  readonly fits?: (entry: BackupEntry) => boolean;
}

/** The row, or one picked backup. */
export async function oneBackup(parts: Parts, row: unknown, question: Question): Promise<{ project: OpenProject; entry: BackupEntry }> {
  const [node] = backupNodes(row, undefined);
  if (node) {
    return { project: node.project, entry: node.entry };
  }
  const project = await parts.projects.pick();
  return { project, entry: await pickBackup(parts, project, question) };
}

/** One picked backup of a project. */
export async function pickBackup(parts: Parts, project: OpenProject, question: Question): Promise<BackupEntry> {
  const picked = await vscode.window.showQuickPick(offered(parts, project, question), options(question));
  if (!picked) {
    throw cancelled();
  }
  return picked.entry;
}

/** The selected rows (of the row's project), or the backups that the user ticks. */
export async function severalBackups(parts: Parts, row: unknown, selected: unknown, question: Question): Promise<Target> {
  const [node, ...others] = backupNodes(row, selected);
  if (node) {
    const { project } = node;
    const sameProject = others.filter((other) => other.project.root === project.root);
    return { project, entries: [node.entry, ...sameProject.map((other) => other.entry)] };
  }
  const project = await parts.projects.pick();
  const picked = await vscode.window.showQuickPick(offered(parts, project, question), { ...options(question), canPickMany: true });
  const [first, ...rest] = picked ?? [];
  if (!first) {
    throw cancelled();
  }
  return { project, entries: [first.entry, ...rest.map((pick) => pick.entry)] };
}

async function offered(parts: Parts, project: OpenProject, { fits = () => true }: Question): Promise<Pick[]> {
  const { backups, backupsFolder } = await parts.engine.list(parts.projects.requestOf(project));
  const fitting = backups.filter(fits);
  if (fitting.length === 0) {
    throw new BackupError(
      'BACKUP_NOT_FOUND',
      vscode.l10n.t('There is no matching backup in {0}.', backupsFolder),
      vscode.l10n.t('Create a backup first, or check the setting patsBackup.backupsFolder.'),
    );
  }
  return fitting.map((entry) => {
    const label = backupLabel(entry, backups);
    const why = entry.manifest?.trigger ? triggerText(entry.manifest.trigger) : '';
    const name = label === entry.name ? '' : entry.name;
    return {
      label,
      description: backupDescription(entry, reader(), label),
      detail: [why, name].filter((part) => part !== '').join(' · '),
      entry,
    };
  });
}

function options({ placeHolder }: Question): vscode.QuickPickOptions {
  return { placeHolder, matchOnDescription: true, matchOnDetail: true };
}
