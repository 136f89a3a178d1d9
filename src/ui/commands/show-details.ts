// "Show Details": everything about a backup on a page, opened by a click or by Enter.
import * as vscode from 'vscode';
import { BackupError } from '../../engine/errors';
import type { BackupNode } from '../backups/nodes';
import { oneBackup } from '../prompts/pick-backup';
import { ACT_ON_BACKUP, backupPage } from '../text/backup-page';
import { reader } from '../window/reader';
import { COMMAND_IDS } from './ids';
import type { Handler } from './handler';
import type { CommandParts } from './parts';

export function showDetails(parts: CommandParts): Handler {
  return async (row) => {
    const { project, entry } = await oneBackup(parts, row, { placeHolder: vscode.l10n.t('Select a backup to show') });
    parts.pages.show('backup', {
      title: entry.name,
      body: backupPage(entry, project.root, reader(), vscode.workspace.isTrusted, parts.backups.shareOf(entry.path)),
      commands: [ACT_ON_BACKUP],
    });
  };
}

/** What the page's links do: a command of ours for the backup of that name. */
export function actOnBackup(parts: CommandParts): (command: unknown, root: unknown, name: unknown) => Promise<unknown> {
  return async (command, root, name) => {
    const id = COMMAND_IDS.find((each) => each === command);
    const project = parts.projects.all().find((each) => each.root === root);
    const listed = project && (await parts.engine.list(parts.projects.requestOf(project))).backups;
    const entry = listed?.find((each) => each.name === name);
    if (id === undefined || project === undefined || entry === undefined) {
      throw new BackupError(
        'BACKUP_NOT_FOUND',
        vscode.l10n.t('This backup no longer exists.'),
        vscode.l10n.t('Select another one in the Backups view.'),
      );
    }
    return await vscode.commands.executeCommand(id, { kind: 'backup', project, entry } satisfies BackupNode);
  };
}
