// The context keys that menus and the palette go by; VS Code is told only of changes.
import * as vscode from 'vscode';

const told = new Map<string, unknown>();

/** Sets `patsBackup.<name>`. */
export function setKey(name: string, value: unknown): void {
  if (told.get(name) !== value) {
    told.set(name, value);
    void vscode.commands.executeCommand('setContext', `patsBackup.${name}`, value);
  }
}
