// What a failed migration left, kept until a restore or another revision, also when the window is opened again.
import type * as vscode from 'vscode';
import type { Engine, Status } from '../../engine/engine';
import { isSameRevision } from '../text/revision';
import type { OpenProject, Projects } from '../window/projects';

export interface FailedMigration {
  /** The backup from before the migration. */
  readonly backup: string;
  /** Where the migration left the database. */
  readonly revisions: readonly string[];
  /** What it left, a sentence or a part of one each. */
  readonly left: readonly string[];
  /** Of the state that was looked at last. */
  readonly stateKey: string;
}

export class FailedMigrations {
  constructor(
    private readonly memory: vscode.Memento,
    private readonly engine: Engine,
    private readonly projects: Projects,
  ) {}

  async remember(project: OpenProject, failed: FailedMigration): Promise<void> {
    await this.memory.update(keyOf(project), failed);
  }

  async forget(project: OpenProject): Promise<void> {
    await this.memory.update(keyOf(project), undefined);
  }

  /** What is still left of it in this state; undefined: nothing, or it was settled. */
  async stillLeft(project: OpenProject, status: Status): Promise<FailedMigration | undefined> {
    const failed = this.memory.get<FailedMigration>(keyOf(project));
    if (failed === undefined || failed.stateKey === status.stateKey) {
      return failed;
    }
    if (!isSameRevision(failed.revisions, status.revisions) || (await this.isUndone(project, status, failed))) {
      await this.forget(project);
      return undefined;
    }
    const looked = { ...failed, stateKey: status.stateKey };
    await this.remember(project, looked);
    return looked;
  }

  /** Somebody may have cleaned up by hand, or restored from a terminal. */
  private async isUndone(project: OpenProject, status: Status, { backup }: FailedMigration): Promise<boolean> {
    try {
      const { schemaChanges, problems } = await this.engine.checkLive(this.projects.requestOf(project), { since: backup });
      return schemaChanges.length === 0 && problems.length === 0 && status.state !== 'half-applied';
    } catch {
      // Without that backup nothing can be compared: what is known stays known.
      return false;
    }
  }
}

function keyOf({ root }: OpenProject): string {
  return `failedMigration:${root}`;
}
