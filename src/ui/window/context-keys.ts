// The context keys that menus and the palette go by; VS Code is told only of changes.
import * as vscode from 'vscode';
import type { BackupList, Status } from '../../engine/engine';

const told = new Map<string, unknown>();

/** Sets `patsBackup.<name>`. */
export function setKey(name: string, value: unknown): void {
  if (told.get(name) !== value) {
    told.set(name, value);
    void vscode.commands.executeCommand('setContext', `patsBackup.${name}`, value);
  }
}

const lists = new Map<string, BackupList>();

/** What there is in a project's backups folder, as it was listed last; only open projects count. */
export function setListed(root: string, list: BackupList, open: readonly string[]): void {
  lists.set(root, list);
  const shown = [...lists].filter(([each]) => open.includes(each)).map(([, each]) => each);
  const backups = shown.flatMap((each) => each.backups);
  setKey('hasBackups', backups.length > 0);
  setKey(
    'hasGood',
    backups.some(({ status }) => status === 'ok'),
  );
  setKey(
    'hasPinned',
    backups.some(({ manifest }) => manifest?.pinned === true),
  );
  setKey(
    'hasSafety',
    backups.some(({ manifest }) => manifest?.trigger === 'safety'),
  );
  setKey(
    'hasDamaged',
    backups.some(({ verification }) => verification?.ok === false),
  );
  setKey(
    'isWaiting',
    shown.some(({ waiting }) => waiting !== null && waiting !== undefined),
  );
}

/** Where the databases stand; what is not known is left out. */
export function setStatuses(statuses: readonly Status[]): void {
  setKey(
    'hasPending',
    statuses.some(({ pending }) => pending.length > 0),
  );
  setKey(
    'hasCommands',
    statuses.some(({ commands }) => Object.keys(commands).length > 0),
  );
}
