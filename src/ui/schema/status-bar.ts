// The one status bar item: the database, how it stands against the migration files, and its newest backup.
import * as vscode from 'vscode';
import { BackupError } from '../../engine/errors';
import { failureText } from '../window/failure';
import type { Projects } from '../window/projects';
import { reader } from '../window/reader';
import type { ProjectState, ProjectStates } from './states';
import { statusText } from '../text/status';
import type { StatusText } from '../text/status';

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('patsBackup.status', vscode.StatusBarAlignment.Left, 0);
  private readonly subscriptions: vscode.Disposable;
  private shown: StatusText | null = null;

  constructor(
    private readonly states: ProjectStates,
    private readonly projects: Projects,
  ) {
    this.item.name = 'PATS Backup';
    this.item.command = 'patsBackup.showMenu';
    const show = (): void => {
      this.show();
    };
    this.subscriptions = vscode.Disposable.from(
      this.item,
      states.onDidRead(show),
      // With several projects it speaks of the one that is worked on.
      vscode.window.onDidChangeActiveTextEditor(show),
      vscode.workspace.onDidChangeWorkspaceFolders(show),
    );
  }

  /** What the item says now; null while it is hidden. */
  get current(): StatusText | null {
    return this.shown;
  }

  /** Says the ages of this moment; what is hidden stays so. */
  showAges(): void {
    if (this.shown !== null) {
      this.show();
    }
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private show(): void {
    const project = this.projects.current();
    const state = project && this.states.of(project);
    const text = state === undefined ? null : textOf(state);
    this.shown = text;
    if (text === null) {
      this.item.hide();
      return;
    }
    this.item.text = text.text;
    this.item.tooltip = text.sentence;
    this.item.accessibilityInformation = { label: text.sentence, role: 'button' };
    this.item.backgroundColor = text.isWarning ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.item.show();
  }
}

function textOf({ project, status, failed, error }: ProjectState): StatusText | null {
  return status === undefined ? unknownState(error) : statusText(status, project.root, reader(), failed);
}

function unknownState(error: unknown): StatusText | null {
  if (!(error instanceof BackupError) || error.code === 'CANCELLED' || error.code === 'ENGINE_STOPPED') {
    return null;
  }
  const sentence = failureText(error);
  return error.code === 'DATABASE_AMBIGUOUS'
    ? { text: vscode.l10n.t('$(database) Choose a database'), sentence, isWarning: false }
    : { text: vscode.l10n.t('$(database) Database state unknown'), sentence, isWarning: false };
}
