// Asks which file is the project's database and keeps the answer in the folder's settings.
import { relative } from 'node:path';
import * as vscode from 'vscode';
import type { Engine } from '../../engine/engine';
import { cancelled } from '../../engine/errors';
import type { OpenProject, Projects } from '../window/projects';
import { relativeTo } from '../text/restore';

interface Pick extends vscode.QuickPickItem {
  /** Absolute; undefined stands for browsing. */
  readonly database?: string;
}

/** Rejects with CANCELLED when the user does not choose. */
export async function chooseProjectDatabase(engine: Engine, projects: Projects, project: OpenProject): Promise<void> {
  const request = projects.requestOf(project);
  // What is set now must not hide the other candidates.
  const { candidates, searched } = await engine.discover({
    root: request.root,
    ...(request.backups === undefined ? {} : { backups: request.backups }),
  });
  const items: Pick[] = [
    ...candidates.map(({ path, reasons, chosen }) => ({
      label: `$(database) ${relativeTo(project.root, path)}`,
      ...(chosen ? { description: vscode.l10n.t('found automatically') } : {}),
      detail: reasons.join('; '),
      database: path,
    })),
    { label: vscode.l10n.t('$(folder-opened) Browse...'), alwaysShow: true },
    ...(candidates.length === 0 ? searchedItems(searched) : []),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Choose the database of {0}', project.name),
    placeHolder:
      candidates.length === 0
        ? vscode.l10n.t('No SQLite database was found. Browse for one.')
        : vscode.l10n.t('Select the SQLite database to back up'),
  });
  const database = picked && (picked.database ?? (await browse(project)));
  if (database === undefined) {
    throw cancelled();
  }
  await projects.keepDatabase(project, writtenPath(project.root, database));
}

/** What was looked at, for reading: picking one of the lines browses, too. */
function searchedItems(searched: readonly string[]): Pick[] {
  const separator: Pick = { label: vscode.l10n.t('Looked at'), kind: vscode.QuickPickItemKind.Separator };
  return [separator, ...searched.map((place) => ({ label: `$(search) ${place}` }))];
}

async function browse(project: OpenProject): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    defaultUri: project.folder.uri,
    canSelectMany: false,
    openLabel: vscode.l10n.t('Choose Database'),
    filters: { [vscode.l10n.t('SQLite databases')]: ['db', 'sqlite', 'sqlite3', 'db3'], [vscode.l10n.t('All files')]: ['*'] },
  });
  return chosen?.[0]?.fsPath;
}

/** Relative with `/` where the file lies in the project, so that the settings can be shared. */
function writtenPath(root: string, database: string): string {
  return relativeTo(root, database) === database ? database : relative(root, database).replaceAll('\\', '/');
}
