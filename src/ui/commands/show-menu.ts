// "Show Actions...": what can be done now, what fits the state first; opened by the status bar item.
import * as vscode from 'vscode';
import type { BackupEntry, Status } from '../../engine/engine';
import type { CommandParts } from './parts';
import { inFolder } from '../window/failure';
import { isForeign } from '../reminding/decide';
import type { ProjectState } from '../schema/states';
import { pendingWords, schemaSentence } from '../text/schema';
import type { CommandId } from './ids';
import type { Handler } from './handler';

interface Action extends vscode.QuickPickItem {
  readonly command?: CommandId | `${string}.focus`;
}

type Offers = readonly (Action | false)[];

export function showMenu(parts: CommandParts): Handler {
  return async () => {
    const project = parts.projects.current();
    const state = project && parts.states.of(project)?.status;
    const sentence = state && state.tool !== null ? schemaSentence(state) : vscode.l10n.t('What would you like to do?');
    const placeHolder = project === undefined ? sentence : inFolder(parts, project, sentence);
    const picked = await vscode.window.showQuickPick(actions(parts), { placeHolder });
    if (picked?.command) {
      await vscode.commands.executeCommand(picked.command);
    }
  };
}

async function actions(parts: CommandParts): Promise<Action[]> {
  const project = parts.projects.current();
  const canWrite = vscode.workspace.isTrusted && project !== undefined;
  const listing = canWrite ? await parts.engine.list(parts.projects.requestOf(project)) : undefined;
  const good = listing?.backups.filter((backup) => backup.status === 'ok') ?? [];
  const status = project && parts.states.of(project)?.status;
  const urgentOnes = canWrite && status ? urgent(status, good, parts.states.of(project)?.failed) : [];
  const offered: Offers = [
    ...urgentOnes,
    ...(urgentOnes.some((action) => action !== false) ? [group(vscode.l10n.t('Back Up'))] : []),
    ...(canWrite ? backingUp(status) : []),
    ...(canWrite && good.length > 0 ? [group(vscode.l10n.t('Restore')), ...restoring(good)] : []),
    ...(canWrite ? [group(vscode.l10n.t('Check')), ...checking(good)] : []),
    group(vscode.l10n.t('Show')),
    { label: vscode.l10n.t('$(list-tree) Show Backups'), command: 'patsBackup.backups.focus' },
    { label: vscode.l10n.t('$(list-tree) Show Schema'), command: 'patsBackup.schema.focus' },
    canWrite &&
      status?.tool !== undefined &&
      status.tool !== null && { label: vscode.l10n.t('$(git-merge) Show Migration Map'), command: 'patsBackup.showMigrationMap' },
    canWrite &&
      hasCommands(status) &&
      !urgentOnes.some((action) => action !== false && action.command === 'patsBackup.copyCommand') &&
      copyCommand(),
    canWrite && { label: vscode.l10n.t('$(database) Choose Database...'), command: 'patsBackup.chooseDatabase' },
    { label: vscode.l10n.t('$(gear) Open Settings'), command: 'patsBackup.openSettings' },
    { label: vscode.l10n.t('$(output) Show Log'), command: 'patsBackup.showLog' },
  ];
  return offered.filter((action) => action !== false);
}

/** What the schema state asks for. */
function urgent(status: Status, good: readonly BackupEntry[], failed: ProjectState['failed']): Offers {
  const isBroken = status.state === 'half-applied' || isForeign(status) || failed !== undefined;
  const canMigrate = status.pending.length > 0 && !isBroken;
  return [
    failed !== undefined && {
      label: vscode.l10n.t('$(history) Restore State Before Migration...'),
      description: failed.backup,
      command: 'patsBackup.restoreBeforeMigration',
    },
    isBroken && good.length > 0 && { label: vscode.l10n.t('$(history) Restore Latest Backup...'), command: 'patsBackup.restoreLatest' },
    canMigrate && {
      label: vscode.l10n.t('$(run-above) Migrate With Backup'),
      description: pendingWords(status.pending.length),
      command: 'patsBackup.migrate',
    },
    status.pending.length > 0 && { label: vscode.l10n.t('$(list-ordered) Show Pending Migrations'), command: 'patsBackup.showPending' },
    (isBroken || status.pending.length > 0) && hasCommands(status) && copyCommand(),
  ];
}

function hasCommands(status: Status | undefined): boolean {
  return status !== undefined && Object.keys(status.commands).length > 0;
}

function copyCommand(): Action {
  return { label: vscode.l10n.t('$(copy) Copy Migration Command...'), command: 'patsBackup.copyCommand' };
}

function group(label: string): Action {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function backingUp(status: Status | undefined): Offers {
  const isDone = status?.lastBackup !== null && status?.changedSinceBackup === false;
  return [
    {
      label: vscode.l10n.t('$(add) Create Backup'),
      description: isDone ? vscode.l10n.t('nothing has changed since the newest one') : '',
      command: 'patsBackup.createBackup',
    },
    { label: vscode.l10n.t('$(edit) Create Backup With Name...'), command: 'patsBackup.createNamedBackup' },
    { label: vscode.l10n.t('$(file-code) Create SQL Dump...'), command: 'patsBackup.createDump' },
    { label: vscode.l10n.t('$(desktop-download) Import Backup...'), command: 'patsBackup.import' },
  ];
}

function restoring(good: readonly BackupEntry[]): Offers {
  const hasSafety = good.some((backup) => backup.manifest?.trigger === 'safety');
  return [
    { label: vscode.l10n.t('$(history) Restore Backup...'), command: 'patsBackup.restore' },
    hasSafety && { label: vscode.l10n.t('$(discard) Undo Last Restore'), command: 'patsBackup.undoRestore' },
    { label: vscode.l10n.t('$(beaker) Test Restore of Backup...'), command: 'patsBackup.drill' },
    { label: vscode.l10n.t('$(export) Export Backup...'), command: 'patsBackup.export' },
  ];
}

function checking(good: readonly BackupEntry[]): Offers {
  return [
    { label: vscode.l10n.t('$(pulse) Doctor'), command: 'patsBackup.doctor' },
    good.length > 0 && { label: vscode.l10n.t('$(verified) Verify All Backups'), command: 'patsBackup.verifyAll' },
    good.length > 0 && { label: vscode.l10n.t('$(trash) Preview Prune...'), command: 'patsBackup.previewPrune' },
  ];
}
