// "Show Migration Map": the history of the migrations, the database in it, and the backups at each; links open files and backups.
import * as vscode from 'vscode';
import { OPEN_MIGRATION } from '../text/links';
import { ACT_ON_BACKUP } from '../text/backup-page';
import { MAP_SCRIPT, MAP_STYLE, migrationMapPage } from '../text/migration-map-page';
import type { Handler } from './handler';
import type { CommandParts } from './parts';

export function showMigrationMap(parts: CommandParts): Handler {
  return async () => {
    const project = await parts.projects.pick();
    const map = await parts.operations.run(project, vscode.l10n.t('Reading migrations'), (request) => parts.engine.migrationMap(request));
    const { backups } = await parts.engine.list(parts.projects.requestOf(project));
    parts.pages.show('migration-map', {
      title: vscode.l10n.t('Migration Map'),
      body: migrationMapPage(map, backups, project.name, project.root),
      commands: [ACT_ON_BACKUP, OPEN_MIGRATION],
      style: MAP_STYLE,
      script: MAP_SCRIPT,
    });
    return map;
  };
}

export function openMigration(): (file: unknown) => Promise<void> {
  return async (file) => {
    await vscode.window.showTextDocument(vscode.Uri.file(String(file)), { preview: true });
  };
}
