// Takes a backup and says so; a damaged database is kept as it is only when the user wants that.
import * as vscode from 'vscode';
import type { CreatedBackup, CreateParams } from '../../engine/engine';
import { BackupError, cancelled } from '../../engine/errors';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { tellSuccess } from '../window/success';

/** Takes the backup with progress, announces it and returns its manifest. */
export async function takeBackup(parts: Parts, project: OpenProject, params: CreateParams): Promise<CreatedBackup> {
  const created = await takeOrKeepDamaged(parts, project, params);
  parts.log.info(`created ${created.path}`);
  announce(parts, project, created);
  return created;
}

async function takeOrKeepDamaged(parts: Parts, project: OpenProject, params: CreateParams): Promise<CreatedBackup> {
  const take = (wanted: CreateParams): Promise<CreatedBackup> =>
    parts.operations.run(project, vscode.l10n.t('Creating backup'), (request, options) => parts.engine.create(request, wanted, options));
  try {
    return await take(params);
  } catch (error) {
    if (!(error instanceof BackupError) || error.code !== 'DATABASE_DAMAGED') {
      throw error;
    }
    parts.log.warn(error.message);
    await askToKeepDamaged(error);
  }
  return await take({ ...params, allowDamaged: true });
}

async function askToKeepDamaged(error: BackupError): Promise<void> {
  const keep = vscode.l10n.t('Keep Copy');
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('The database is damaged. Keep a copy as it is?'),
    {
      modal: true,
      detail: [
        error.message,
        vscode.l10n.t('The copy is marked as damaged and never replaces a good backup. It can help to rescue what is left.'),
      ].join('\n\n'),
    },
    keep,
  );
  if (choice !== keep) {
    throw cancelled();
  }
}

function announce(parts: Parts, project: OpenProject, created: CreatedBackup): void {
  const unread = created.partial?.length ?? 0;
  const message =
    unread > 0
      ? vscode.l10n.t(
          'Backup “{0}” was created, but {1} files could not be read. Its metadata names them; check their permissions and create another backup.',
          created.backup_name,
          unread,
        )
      : vscode.l10n.t('Backup “{0}” was created.', created.backup_name);
  tellSuccess(parts, project, message, created.backup_name, unread > 0);
}
