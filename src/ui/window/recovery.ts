// Sees cheaply whether an interrupted run left something, and lets the engine finish or undo it.
import { readdir } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { Engine } from '../../engine/engine';
import { logFailure } from './failure';
import { ownMoment } from './own-moment';
import { backupsFolderOf } from './project-settings';
import type { OpenProject, Projects } from './projects';

const JOURNAL = '.restore-journal.json';
const STAGE_PREFIX = '.tmp-';

/** Whether the backups folder holds what only an interrupted (or a running) operation leaves. Starts no engine. */
async function hasLeftovers(projects: Projects, project: OpenProject): Promise<boolean> {
  const names = await readdir(backupsFolderOf(projects.requestOf(project))).catch(() => []);
  return names.some((name) => name === JOURNAL || name.startsWith(STAGE_PREFIX));
}

/** Finishes or undoes what was interrupted in any project, and says quietly what was done. */
export async function recoverProjects(engine: Engine, projects: Projects, log: vscode.LogOutputChannel): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    return;
  }
  for (const project of projects.all()) {
    try {
      if (await hasLeftovers(projects, project)) {
        const { actions } = await engine.recover(projects.requestOf(project), {});
        void announce(actions, log).catch((error: unknown) => {
          logFailure(log, 'recover', error);
        });
      }
    } catch (error) {
      // Another window or a terminal may be at work right now; every operation recovers first anyway.
      logFailure(log, 'recover', error);
    }
  }
}

async function announce(actions: readonly string[], log: vscode.LogOutputChannel): Promise<void> {
  if (actions.length === 0) {
    return;
  }
  for (const action of actions) {
    log.info(action);
  }
  vscode.window.setStatusBarMessage(`$(check) PATS Backup: ${actions.join(' ')}`, 10_000);
  await ownMoment();
  await vscode.window.showInformationMessage(actions.join(' '));
}
