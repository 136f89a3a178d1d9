// When the files of this checkout do not know the database's revision: offers the newest backup that they know, once.
import * as vscode from 'vscode';
import type { Status } from '../../engine/engine';
import { inFolder, showFailure } from '../window/failure';
import { tellSuccess } from '../window/success';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { askAndRestore, placeOf } from '../flows/restoring';
import type { ProjectStates } from '../schema/states';
import { foreignText } from '../text/reminder';
import { afterSwitch, isForeign } from './decide';
import type { Told } from './told';

export class BranchSwitch implements vscode.Disposable {
  private readonly subscription: vscode.Disposable;
  private readonly busy = new Set<string>();

  constructor(
    private readonly parts: Parts,
    private readonly states: ProjectStates,
    private readonly told: Told,
  ) {
    this.subscription = states.onDidRead(({ state: { project, status } }) => {
      if (status !== undefined && isForeign(status) && !this.busy.has(project.root)) {
        this.busy.add(project.root);
        void this.offer(project, status)
          .catch((error: unknown) => {
            showFailure(parts.log, 'branch switch', error);
          })
          .finally(() => this.busy.delete(project.root));
      }
    });
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private async offer(project: OpenProject, status: Status): Promise<void> {
    const { engine, projects, operations } = this.parts;
    const told = this.told.of(project, 'branch');
    if (told.includes(status.stateKey)) {
      return;
    }
    const { backups } = await engine.list(projects.requestOf(project));
    const offer = afterSwitch(status, backups, told, operations.isRunning);
    if (offer === null) {
      return;
    }
    await this.told.add(project, 'branch', status.stateKey);
    const name = offer.backup?.name ?? null;
    const restore = vscode.l10n.t('Restore...');
    const keep = vscode.l10n.t('Keep Data');
    const text = inFolder(this.parts, project, foreignText(status, name, await placeOf(this.parts, project, status)));
    const choice = await vscode.window.showWarningMessage(text, ...(name === null ? [keep] : [restore, keep]));
    if (choice === restore && name !== null) {
      const now = (await this.states.read(project))?.status;
      if (now !== undefined && !isForeign(now)) {
        const settled = vscode.l10n.t('The database matches the migration files again. Nothing was changed.');
        tellSuccess(this.parts, project, settled);
        return;
      }
      await askAndRestore(this.parts, project, { name, scope: 'database' });
    }
  }
}
