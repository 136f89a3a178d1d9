// Offers once to add the backups folder to .gitignore, after a backup that git could commit.
import { readFile, writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { logFailure } from '../window/failure';
import { ownMoment } from '../window/own-moment';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { Refusals } from './refusals';
import { withLine } from '../text/gitignore';

const KEY = 'gitignore.refused';

export class GitignoreOffer {
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
      const { ignored, file, line } = await engine.ignoreState(request);
      if (ignored !== false || backups.length === 0 || !this.refusals.mayAsk(project)) {
        return;
      }
      this.refusals.markAsked(project);
      await this.ask(project, file, line);
    } catch (error) {
      logFailure(log, 'gitignore', error);
    }
  }

  private async ask(project: OpenProject, file: string, line: string): Promise<void> {
    const add = vscode.l10n.t('Add');
    const never = vscode.l10n.t("Don't Ask Again");
    const message = vscode.l10n.t(
      'git does not ignore the backups folder of {0}: its data could be committed. Add {1} to .gitignore?',
      project.name,
      line,
    );
    await ownMoment();
    const choice = await vscode.window.showInformationMessage(message, add, vscode.l10n.t('Not Now'), never);
    if (choice === add) {
      await addLine(file, line);
      this.parts.log.info(`added ${line} to ${file}`);
    } else if (choice === never) {
      await this.refusals.refuse(project);
    }
  }
}

async function addLine(file: string, line: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return '';
    }
    throw error;
  });
  await writeFile(file, withLine(text, line));
}
