// A question about a project: at most once per session, never again where the user said so, and never in a folder that is not trusted.
import * as vscode from 'vscode';
import type { ProjectRequest } from '../../engine/engine';
import { logFailure } from '../window/failure';
import { ownMoment } from '../window/own-moment';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';

/** What is offered; `Found` is the reason for it. */
export interface Offered<Found> {
  /** Names the offer in the log, and with `.refused` behind it in the memory of the workspace. */
  readonly topic: string;
  /** Looks whether there is a reason to ask; null if not. */
  readonly look: (request: ProjectRequest) => Promise<Found | null>;
  readonly message: (project: OpenProject, found: Found) => string;
  readonly button: string;
  readonly accept: (project: OpenProject, found: Found) => Promise<void>;
}

export class Offer<Found> {
  private readonly asked = new Set<string>();
  private readonly key: string;

  constructor(
    private readonly parts: Parts,
    private readonly memory: vscode.Memento,
    private readonly offered: Offered<Found>,
  ) {
    this.key = `${offered.topic}.refused`;
  }

  async consider(project: OpenProject): Promise<void> {
    if (!this.mayAsk(project)) {
      return;
    }
    try {
      const found = await this.offered.look(this.parts.projects.requestOf(project));
      if (found !== null && this.mayAsk(project)) {
        this.asked.add(project.root);
        await this.ask(project, found);
      }
    } catch (error) {
      logFailure(this.parts.log, this.offered.topic, error);
    }
  }

  private async ask(project: OpenProject, found: Found): Promise<void> {
    const { button, message, accept } = this.offered;
    const never = vscode.l10n.t("Don't Ask Again");
    await ownMoment();
    const choice = await vscode.window.showInformationMessage(message(project, found), button, vscode.l10n.t('Not Now'), never);
    if (choice === button) {
      await accept(project, found);
    } else if (choice === never) {
      await this.memory.update(this.key, [...this.refused(), project.root]);
    }
  }

  private mayAsk({ root }: OpenProject): boolean {
    return vscode.workspace.isTrusted && !this.asked.has(root) && !this.refused().includes(root);
  }

  private refused(): readonly string[] {
    return this.memory.get<readonly string[]>(this.key, []);
  }
}
