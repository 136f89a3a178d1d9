// The ids of the commands, in the order of the command palette's category; package.json declares the same.
export const COMMAND_IDS = [
  'patsBackup.createBackup',
  'patsBackup.createNamedBackup',
  'patsBackup.restore',
  'patsBackup.restoreDatabase',
  'patsBackup.restoreUploads',
  'patsBackup.restoreLatest',
  'patsBackup.undoRestore',
  'patsBackup.openMetadata',
  'patsBackup.reveal',
  'patsBackup.editNote',
  'patsBackup.delete',
  'patsBackup.verify',
  'patsBackup.chooseDatabase',
  'patsBackup.refresh',
  'patsBackup.showLog',
  'patsBackup.showMenu',
  'patsBackup.openSettings',
  'patsBackup.migrate',
  'patsBackup.showPending',
  'patsBackup.copyCommand',
  'patsBackup.runCommand',
] as const;

export type CommandId = (typeof COMMAND_IDS)[number];
