// Says once that backups lack folders that look like uploads, and keeps the user's choice in the settings.
import { relative } from 'node:path';
import * as vscode from 'vscode';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { Offer } from './offer';

interface Found {
  readonly folders: readonly string[];
  /** What backups hold already, and go on to hold. */
  readonly held: readonly string[];
}

export function uploadsOffer(parts: Parts, memory: vscode.Memento): Offer<Found> {
  const { engine, projects } = parts;
  return new Offer<Found>(parts, memory, {
    topic: 'uploads',
    look: async (request) => {
      const { backups } = await engine.list(request);
      const found = backups.length === 0 ? null : await engine.discover(request);
      return found === null || found.uploadsLookLike.length === 0 ? null : { folders: found.uploadsLookLike, held: found.project.uploads };
    },
    message: (project, { folders }) =>
      vscode.l10n.t(
        'Backups of {0} do not include these folders, which look like uploads: {1}.',
        project.name,
        labels(project, folders).join(', '),
      ),
    button: vscode.l10n.t('Choose...'),
    accept: async (project, { folders, held }) => {
      const picked = await vscode.window.showQuickPick(
        labels(project, folders).map((label) => ({ label, picked: true })),
        { canPickMany: true, title: vscode.l10n.t('Select the folders with uploaded files') },
      );
      if (picked !== undefined && picked.length > 0) {
        await projects.keepUploads(project, [...labels(project, held), ...picked.map(({ label }) => label)]);
      }
    },
  });
}

function labels({ root }: OpenProject, folders: readonly string[]): string[] {
  return folders.map((folder) => relative(root, folder).replaceAll('\\', '/'));
}
