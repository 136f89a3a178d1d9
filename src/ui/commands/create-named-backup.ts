// "Create Backup With Name...": asks for a name, checked while it is typed, and a note.
import * as vscode from 'vscode';
import { nameProblem } from '../../engine/engine';
import { cancelled } from '../../engine/errors';
import { takeBackup } from '../flows/creating';
import type { Parts } from '../window/parts';
import { isNode } from '../backups/nodes';
import type { Handler } from './handler';

export function createNamedBackup(parts: Parts): Handler {
  return async (row) => {
    const project = isNode(row) ? row.project : await parts.projects.pick();
    const { backups } = await parts.engine.list(parts.projects.requestOf(project));
    const name = await askName(backups.map((backup) => backup.name));
    const note = await askNote();
    return await takeBackup(parts, project, {
      trigger: 'manual',
      ...(name === '' ? {} : { name }),
      ...(note === '' ? {} : { note }),
    });
  };
}

async function askName(taken: readonly string[]): Promise<string> {
  // Backups that differ only in case would be one folder on some file systems.
  const used = new Set(taken.map((name) => name.toLowerCase()));
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t('Create Backup (1/2): Name'),
    prompt: vscode.l10n.t('Leave empty to use the date and time.'),
    placeHolder: 'before-import',
    ignoreFocusOut: true,
    validateInput: (typed) => {
      if (typed === '') {
        return undefined;
      }
      return used.has(typed.toLowerCase()) ? vscode.l10n.t('A backup with this name exists.') : (nameProblem(typed) ?? undefined);
    },
  });
  if (name === undefined) {
    throw cancelled();
  }
  return name;
}

async function askNote(): Promise<string> {
  const note = await vscode.window.showInputBox({
    title: vscode.l10n.t('Create Backup (2/2): Note'),
    prompt: vscode.l10n.t('What is this backup for? (optional)'),
    ignoreFocusOut: true,
  });
  if (note === undefined) {
    throw cancelled();
  }
  return note.trim();
}
