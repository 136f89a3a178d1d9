// Which SQL dump a command means: the row it was started on, or what the user picks.
import * as vscode from 'vscode';
import { cancelled } from '../../engine/errors';
import { pathHere } from './file-here';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { reader } from '../window/reader';
import { dumpDescription } from '../text/backup';
import { isNode } from '../backups/nodes';

export interface ChosenDump {
  readonly project: OpenProject;
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
}

/** The row, one of the dumps in the backups folder, or any other file. */
export async function oneDump(parts: Parts, row: unknown, placeHolder: string): Promise<ChosenDump> {
  if (isNode(row) && row.kind === 'dump') {
    return { project: row.project, name: row.dump.name, path: row.dump.path };
  }
  const project = await parts.projects.pick();
  const { dumps } = await parts.engine.list(parts.projects.requestOf(project));
  const browse = { label: vscode.l10n.t('$(folder-opened) Another File...'), description: '', dump: undefined };
  const items = dumps.map((dump) => ({ label: dump.name, description: dumpDescription(dump, reader()), dump }));
  const picked = await vscode.window.showQuickPick([...items, browse], { placeHolder });
  if (!picked) {
    throw cancelled();
  }
  if (picked.dump) {
    return { project, name: picked.dump.name, path: picked.dump.path };
  }
  return await anyFile(project);
}

async function anyFile(project: OpenProject): Promise<ChosenDump> {
  const [file] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Restore an SQL dump'),
      openLabel: vscode.l10n.t('Choose'),
      defaultUri: project.folder.uri,
      filters: { [vscode.l10n.t('SQL dump')]: ['sql', 'gz', 'zst'] },
    })) ?? [];
  if (!file) {
    throw cancelled();
  }
  return { project, name: vscode.workspace.asRelativePath(file), path: pathHere(file) };
}
