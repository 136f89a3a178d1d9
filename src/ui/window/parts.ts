// What everything in the window works with, built once in extension.ts.
import type * as vscode from 'vscode';
import type { Engine } from '../../engine/engine';
import type { Operations } from './operations';
import type { Projects } from './projects';
import type { BackupsView } from '../backups/view';

export interface Parts {
  readonly engine: Engine;
  readonly projects: Projects;
  readonly operations: Operations;
  readonly backups: BackupsView;
  readonly log: vscode.LogOutputChannel;
}
