// The one table of commands: id -> how its handler is made from the parts. It is read with the first command that is used.
import { ACT_ON_BACKUP } from '../text/backup-page';
import { COPY_REPORT } from '../text/doctor-page';
import { DELETE_PRUNED } from '../text/prune-page';
import { MORE_ROWS, OPEN_MIGRATION } from '../text/links';
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
import { clearFilter, filterBackups } from './filter-backups';
import type { Handler } from './handler';
import type { CommandId, LinkId } from './ids';
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
import { restoreBeforeMigration } from './restore-before-migration';
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

export const COMMANDS: Record<CommandId, (parts: CommandParts) => Handler> = {
  'patsBackup.createBackup': createBackup,
  'patsBackup.createNamedBackup': createNamedBackup,
  'patsBackup.restore': restore,
  'patsBackup.restoreDatabase': restoreDatabase,
  'patsBackup.restoreUploads': restoreUploads,
  'patsBackup.restoreLatest': restoreLatest,
  'patsBackup.undoRestore': undoRestore,
  'patsBackup.restoreBeforeMigration': restoreBeforeMigration,
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
  'patsBackup.filter': filterBackups,
  'patsBackup.clearFilter': clearFilter,
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
export const LINKS: Record<LinkId, (parts: CommandParts) => (...args: unknown[]) => unknown> = {
  [ACT_ON_BACKUP]: actOnBackup,
  [DELETE_PRUNED]: deletePruned,
  [COPY_REPORT]: copyReport,
  [MORE_ROWS]: moreRows,
  [OPEN_MIGRATION]: openMigration,
};

/** What a folder that is not trusted allows. */
export const LOOKING: ReadonlySet<string> = new Set<string>([
  ACT_ON_BACKUP,
  COPY_REPORT,
  'patsBackup.showDetails',
  'patsBackup.copyName',
  'patsBackup.openMetadata',
  'patsBackup.openUpload',
  'patsBackup.reveal',
  'patsBackup.filter',
  'patsBackup.clearFilter',
  'patsBackup.refresh',
  'patsBackup.showLog',
  'patsBackup.showMenu',
  'patsBackup.openSettings',
  'patsBackup.showPending',
  'patsBackup.copyCommand',
]);
