// Asks for passphrases: in a field that hides them, and twice when a new one is chosen. They are never kept or logged.
import * as vscode from 'vscode';
import { cancelled } from '../engine/errors';

/** A new passphrase, typed twice. */
export async function newPassphrase(): Promise<string> {
  const first = await askFor(vscode.l10n.t('Passphrase of the exported file'), (typed) =>
    typed === '' ? vscode.l10n.t('Type several words. Without them nobody can read the file.') : undefined,
  );
  await askFor(vscode.l10n.t('The same passphrase again'), (typed) =>
    typed === first ? undefined : vscode.l10n.t('It differs from the first one.'),
  );
  return first;
}

/** The passphrase of a file that exists. */
export async function knownPassphrase(file: string): Promise<string> {
  return await askFor(vscode.l10n.t('Passphrase of {0}', file), (typed) =>
    typed === '' ? vscode.l10n.t('Type the passphrase.') : undefined,
  );
}

async function askFor(title: string, flaw: (typed: string) => string | undefined): Promise<string> {
  const typed = await vscode.window.showInputBox({ title, password: true, ignoreFocusOut: true, validateInput: flaw });
  if (typed === undefined) {
    throw cancelled();
  }
  return typed;
}
