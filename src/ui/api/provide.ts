// Makes the exports for other extensions: plain copies of what the engine says, no object of ours.
import * as vscode from 'vscode';
import type { BackupEntry, Manifest } from '../../engine/engine';
import { BackupError } from '../../engine/errors';
import type { Parts } from '../window/parts';
import type { OpenProject, Projects } from '../window/projects';
import type { Backup, PatsBackupApi } from './api';

/** `onDidChange`: fires when what was asked before may be answered differently. */
export function provideApi({ engine, operations, projects }: Parts, onDidChange: vscode.Event<void>): PatsBackupApi {
  return Object.freeze({
    version: '1.0',
    onDidChange,
    list: async (folder) => {
      const { backups } = await engine.list(projects.requestOf(projectOf(projects, folder)));
      return backups.map(backupOf);
    },
    create: async ({ folder, name, note } = {}) => {
      const project = projectOf(projects, folder);
      const params = {
        ...(name === undefined ? { trigger: 'auto' as const } : { name, trigger: 'manual' as const }),
        ...(note && { note }),
      };
      const created = await operations.runQuietly(project, vscode.l10n.t('Creating backup'), (request) => engine.create(request, params));
      return { ...aboutOf(created), name: created.backup_name, path: created.path, isComplete: true };
    },
    status: async (folder) => {
      const status = await engine.status(projects.requestOf(projectOf(projects, folder)));
      return {
        database: status.database,
        tool: status.tool,
        state: status.state,
        revisions: [...status.revisions],
        pending: status.pending.map(({ revision }) => revision),
        newestBackup: status.lastBackup?.name ?? null,
        isBackedUp: status.lastBackup === null ? false : status.changedSinceBackup === null ? null : !status.changedSinceBackup,
      };
    },
  } satisfies PatsBackupApi);
}

function projectOf(projects: Projects, uri: vscode.Uri | undefined): OpenProject {
  const folder = uri && vscode.workspace.getWorkspaceFolder(uri);
  const project = uri ? projects.all().find(({ root }) => root === folder?.uri.fsPath) : projects.current();
  if (project === undefined) {
    throw new BackupError(
      'PROJECT_NOT_FOUND',
      vscode.l10n.t('No folder is open.'),
      vscode.l10n.t('Open the folder of your project and try again.'),
    );
  }
  return project;
}

function backupOf({ name, path, status, manifest }: BackupEntry): Backup {
  return { ...(manifest ? aboutOf(manifest) : { isPinned: false, revisions: [] }), name, path, isComplete: status === 'ok' };
}

function aboutOf({
  created_at: time,
  trigger,
  note,
  pinned,
  migrations,
  alembic_revision: revision,
}: Manifest): Omit<Backup, 'name' | 'path' | 'isComplete'> {
  const createdAt = new Date(time);
  return {
    ...(Number.isNaN(createdAt.getTime()) ? {} : { createdAt }),
    ...(trigger !== undefined && { trigger }),
    ...(note !== undefined && { note }),
    isPinned: pinned ?? false,
    revisions: migrations ? [...migrations.revisions] : (revision?.split(', ') ?? []),
  };
}
