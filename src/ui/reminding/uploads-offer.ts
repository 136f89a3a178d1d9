// Says once that backups lack folders that look like uploads, and keeps the user's choice in the settings.
import { relative } from 'node:path';
import * as vscode from 'vscode';
import { logFailure } from '../window/failure';
import { ownMoment } from '../window/own-moment';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { Refusals } from './refusals';

const KEY = 'uploads.refused';

export class UploadsOffer {
  private readonly refusals: Refusals;

  constructor(
    private readonly parts: Parts,
    memory: vscode.Memento,
  ) {
    this.refusals = new Refusals(memory, KEY);
  }

  /** Asks at most once per session, and never again where the user said so. */
  async consider(project: OpenProject): Promise<void> {
    if (!this.refusals.mayAsk(project)) {
      return;
    }
    const { engine, projects, log } = this.parts;
    try {
      const request = projects.requestOf(project);
      const { backups } = await engine.list(request);
      const found = backups.length === 0 ? null : await engine.discover(request);
      if (found === null || found.uploadsLookLike.length === 0 || !this.refusals.mayAsk(project)) {
        return;
      }
      this.refusals.markAsked(project);
      const named = (folders: readonly string[]): string[] => folders.map((folder) => relative(project.root, folder).replaceAll('\\', '/'));
      await this.ask(project, named(found.uploadsLookLike), named(found.project.uploads));
    } catch (error) {
      logFailure(log, 'uploads', error);
    }
  }

  /** `held`: what backups hold already, and go on to hold. */
  private async ask(project: OpenProject, folders: readonly string[], held: readonly string[]): Promise<void> {
    const choose = vscode.l10n.t('Choose...');
    const never = vscode.l10n.t("Don't Ask Again");
    const message = vscode.l10n.t(
      'Backups of {0} do not include these folders, which look like uploads: {1}.',
      project.name,
      folders.join(', '),
    );
    await ownMoment();
    const choice = await vscode.window.showInformationMessage(message, choose, vscode.l10n.t('Not Now'), never);
    if (choice === choose) {
      const picked = await vscode.window.showQuickPick(
        folders.map((label) => ({ label, picked: true })),
        { canPickMany: true, title: vscode.l10n.t('Select the folders with uploaded files') },
      );
      if (picked !== undefined && picked.length > 0) {
        await this.parts.projects.keepUploads(project, [...held, ...picked.map(({ label }) => label)]);
      }
    } else if (choice === never) {
      await this.refusals.refuse(project);
    }
  }
}
