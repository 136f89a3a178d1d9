// Says once that backups hold no uploads although some folders look like them, and keeps the user's choice in the settings.
import { relative } from 'node:path';
import * as vscode from 'vscode';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { Offer } from './offer';

export function uploadsOffer(parts: Parts, memory: vscode.Memento): Offer<readonly string[]> {
  const { engine, projects } = parts;
  return new Offer<readonly string[]>(parts, memory, {
    topic: 'uploads',
    look: async (request) => {
      const { backups } = await engine.list(request);
      const { uploadsLookLike } = backups.length === 0 ? { uploadsLookLike: [] } : await engine.discover(request);
      return uploadsLookLike.length === 0 ? null : uploadsLookLike;
    },
    message: (project, found) =>
      vscode.l10n.t(
        'Backups of {0} do not include uploads, but these folders look like uploads: {1}.',
        project.name,
        labels(project, found).join(', '),
      ),
    button: vscode.l10n.t('Choose...'),
    accept: async (project, found) => {
      const picked = await vscode.window.showQuickPick(
        labels(project, found).map((label) => ({ label, picked: true })),
        { canPickMany: true, title: vscode.l10n.t('Select the folders with uploaded files') },
      );
      if (picked !== undefined && picked.length > 0) {
        await projects.keepUploads(
          project,
          picked.map(({ label }) => label),
        );
      }
    },
  });
}

function labels({ root }: OpenProject, folders: readonly string[]): string[] {
  return folders.map((folder) => relative(root, folder).replaceAll('\\', '/'));
}
