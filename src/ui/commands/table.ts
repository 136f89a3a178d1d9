// The one table of commands: id -> how its handler is made from the parts.
import * as vscode from 'vscode';
import { BackupError } from '../../engine/errors';
import { ACT_ON_BACKUP } from '../text/backup-page';
import { COPY_REPORT } from '../text/doctor-page';
import { DELETE_PRUNED } from '../text/prune-page';
import { MORE_ROWS, OPEN_MIGRATION } from '../text/links';
import { showFailure } from '../window/failure';
import type { CommandParts } from './parts';
import { chooseDatabase } from './choose-database';
import { copyName } from './copy-name';
import { compareWith, compareWithCurrent } from './compare';
import { createBackup } from './create-backup';
import { createDump } from './create-dump';
import { createNamedBackup } from './create-named-backup';
import { deleteBackups } from './delete-backups';
import { deleteDump } from './delete-dump';
import { copyReport, doctor } from './doctor';
import { drill } from './drill';
import { editNote } from './edit-note';
import { exportBackup } from './export-backup';
import type { Handler } from './handler';
import type { CommandId } from './ids';
import { importBackup } from './import-backup';
import { moreRows, openDatabase, openTable, openUpload } from './look-inside';
import { migrate } from './migrate';
import { openMigration, showMigrationMap } from './migration-map';
import { copyCommand, runCommand } from './migration-command';
import { openMetadata } from './open-metadata';
import { openSettings } from './open-settings';
import { pinBackups, unpinBackups } from './pin-backups';
import { deletePruned, previewPrune } from './preview-prune';
import { recover } from './recover';
import { refresh } from './refresh';
import { repairBackup } from './repair-backup';
import { restore, restoreDatabase, restoreUploads } from './restore';
import { restoreFile, restoreRows, restoreTable } from './restore-part';
import { restoreDump } from './restore-dump';
import { restoreLatest } from './restore-latest';
import { reveal } from './reveal';
import { actOnBackup, showDetails } from './show-details';
import { showLog } from './show-log';
import { showMenu } from './show-menu';
import { showPending } from './show-pending';
import { undoRestore } from './undo-restore';
import { verifyAll, verifyAllDeeply } from './verify-all';
import { verifyBackups } from './verify-backups';

const COMMANDS: Record<CommandId, (parts: CommandParts) => Handler> = {
  'patsBackup.createBackup': createBackup,
  'patsBackup.createNamedBackup': createNamedBackup,
  'patsBackup.restore': restore,
  'patsBackup.restoreDatabase': restoreDatabase,
  'patsBackup.restoreUploads': restoreUploads,
  'patsBackup.restoreLatest': restoreLatest,
  'patsBackup.undoRestore': undoRestore,
  'patsBackup.showDetails': showDetails,
  'patsBackup.copyName': copyName,
  'patsBackup.compareWithCurrent': compareWithCurrent,
  'patsBackup.compareWith': compareWith,
  'patsBackup.openDatabase': openDatabase,
  'patsBackup.openTable': openTable,
  'patsBackup.openUpload': openUpload,
  'patsBackup.restoreTable': restoreTable,
  'patsBackup.restoreRows': restoreRows,
  'patsBackup.restoreFile': restoreFile,
  'patsBackup.openMetadata': openMetadata,
  'patsBackup.reveal': reveal,
  'patsBackup.editNote': editNote,
  'patsBackup.delete': deleteBackups,
  'patsBackup.verify': verifyBackups,
  'patsBackup.chooseDatabase': chooseDatabase,
  'patsBackup.refresh': refresh,
  'patsBackup.showLog': showLog,
  'patsBackup.showMenu': showMenu,
  'patsBackup.openSettings': openSettings,
  'patsBackup.migrate': migrate,
  'patsBackup.showPending': showPending,
  'patsBackup.showMigrationMap': showMigrationMap,
  'patsBackup.copyCommand': copyCommand,
  'patsBackup.runCommand': runCommand,
  'patsBackup.pin': pinBackups,
  'patsBackup.unpin': unpinBackups,
  'patsBackup.verifyAll': verifyAll,
  'patsBackup.verifyAllDeeply': verifyAllDeeply,
  'patsBackup.repair': repairBackup,
  'patsBackup.drill': drill,
  'patsBackup.export': exportBackup,
  'patsBackup.import': importBackup,
  'patsBackup.createDump': createDump,
  'patsBackup.restoreDump': restoreDump,
  'patsBackup.deleteDump': deleteDump,
  'patsBackup.previewPrune': previewPrune,
  'patsBackup.doctor': doctor,
  'patsBackup.recover': recover,
};

/** What links on our pages run; nothing else offers it. */
const LINKS: Record<string, (parts: CommandParts) => (...args: unknown[]) => unknown> = {
  [ACT_ON_BACKUP]: actOnBackup,
  [DELETE_PRUNED]: deletePruned,
  [COPY_REPORT]: copyReport,
  [MORE_ROWS]: moreRows,
  [OPEN_MIGRATION]: openMigration,
};

/** What a keybinding passes: the selected rows are meant. */
function isForSelection(row: unknown): boolean {
  return typeof row === 'object' && row !== null && 'selection' in row && row.selection === true;
}

/** What a folder that is not trusted allows. */
const LOOKING: ReadonlySet<string> = new Set<string>([
  ACT_ON_BACKUP,
  COPY_REPORT,
  'patsBackup.showDetails',
  'patsBackup.copyName',
  'patsBackup.openMetadata',
  'patsBackup.openUpload',
  'patsBackup.reveal',
  'patsBackup.refresh',
  'patsBackup.showLog',
  'patsBackup.showMenu',
  'patsBackup.openSettings',
  'patsBackup.showPending',
  'patsBackup.copyCommand',
]);

/** Menus and palette do not offer the others; a keybinding or a drop asks for them all the same. */
function requireTrust(id: string): void {
  if (!vscode.workspace.isTrusted && !LOOKING.has(id)) {
    throw new BackupError(
      'REFUSED',
      vscode.l10n.t('This folder is not trusted: you can only list and open its backups. Nothing was changed.'),
      vscode.l10n.t('Trust the folder, then try again.'),
    );
  }
}

/** Registers every command. Whatever a handler throws ends here. */
export function registerCommands(parts: CommandParts): vscode.Disposable {
  const registered = Object.entries({ ...COMMANDS, ...LINKS }).map(([id, make]) => {
    const handler = make(parts);
    return vscode.commands.registerCommand(id, async (...args: unknown[]) => {
      try {
        requireTrust(id);
        const { selection } = parts.backups;
        return isForSelection(args[0]) ? await handler(selection[0], selection) : await handler(...args);
      } catch (error) {
        showFailure(parts.log, id, error);
        return undefined;
      }
    });
  });
  return vscode.Disposable.from(...registered);
}
