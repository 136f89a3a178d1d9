// The ids of the commands, in the order of the command palette's category; package.json declares the same.
export const COMMAND_IDS = [
  'patsBackup.createBackup',
  'patsBackup.createNamedBackup',
  'patsBackup.restore',
  'patsBackup.restoreDatabase',
  'patsBackup.restoreUploads',
  'patsBackup.restoreLatest',
  'patsBackup.undoRestore',
  'patsBackup.restoreBeforeMigration',
  'patsBackup.showDetails',
  'patsBackup.copyName',
  'patsBackup.compareWithCurrent',
  'patsBackup.compareWith',
  'patsBackup.openMetadata',
  'patsBackup.reveal',
  'patsBackup.editNote',
  'patsBackup.delete',
  'patsBackup.verify',
  'patsBackup.chooseDatabase',
  'patsBackup.filter',
  'patsBackup.clearFilter',
  'patsBackup.refresh',
  'patsBackup.showLog',
  'patsBackup.showMenu',
  'patsBackup.openSettings',
  'patsBackup.migrate',
  'patsBackup.showPending',
  'patsBackup.copyCommand',
  'patsBackup.runCommand',
  'patsBackup.pin',
  'patsBackup.unpin',
  'patsBackup.verifyAll',
  'patsBackup.verifyAllDeeply',
  'patsBackup.repair',
  'patsBackup.drill',
  'patsBackup.export',
  'patsBackup.import',
  'patsBackup.createDump',
  'patsBackup.restoreDump',
  'patsBackup.deleteDump',
  'patsBackup.previewPrune',
  'patsBackup.doctor',
  'patsBackup.recover',
] as const;

export type CommandId = (typeof COMMAND_IDS)[number];

/** What links on our pages run; nothing else offers it. */
export const LINK_IDS = ['patsBackup.actOnBackup', 'patsBackup.deletePruned', 'patsBackup.copyDoctorReport'] as const;

export type LinkId = (typeof LINK_IDS)[number];
