// Asks for what encrypts and opens an exported file: passphrases in a field that hides them. They are never kept or logged.
import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { cancelled } from '../../engine/errors';
import { pathHere } from './file-here';

/** A new passphrase, typed twice. */
export async function newPassphrase(): Promise<string> {
  const first = await askFor(vscode.l10n.t('Passphrase of the exported file'), (typed) =>
    typed === '' ? vscode.l10n.t('Enter several words. Without them, nobody can read the file.') : undefined,
  );
  await askFor(vscode.l10n.t('The same passphrase again'), (typed) =>
    typed === first ? undefined : vscode.l10n.t('It differs from the first one.'),
  );
  return first;
}

/** The passphrase of a file that exists. */
export async function knownPassphrase(file: string): Promise<string> {
  return await askFor(vscode.l10n.t('Passphrase of {0}', file), (typed) =>
    typed === '' ? vscode.l10n.t('Enter the passphrase.') : undefined,
  );
}

/** Public keys of the age format, one or more. */
export async function newRecipients(): Promise<readonly string[]> {
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('Public keys of the recipients'),
    placeHolder: 'age1...',
    prompt: vscode.l10n.t('As printed by age-keygen. Separate several keys with spaces.'),
    ignoreFocusOut: true,
    validateInput: (text) =>
      keysIn(text).length > 0 && keysIn(text).every((key) => /^age1[a-z0-9]{20,}$/.test(key))
        ? undefined
        : vscode.l10n.t('A public key starts with “age1”.'),
  });
  if (typed === undefined) {
    throw cancelled();
  }
  return keysIn(typed);
}

/** The secret keys in the file that the user chooses, as age-keygen writes it. */
export async function knownIdentities(file: string): Promise<readonly string[]> {
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('File with a secret key for {0}', file),
      openLabel: vscode.l10n.t('Decrypt'),
    })) ?? [];
  if (!chosen) {
    throw cancelled();
  }
  const text = await readFile(pathHere(chosen), 'utf8');
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function keysIn(text: string): string[] {
  return text.split(/[\s,;]+/).filter((key) => key !== '');
}

async function askFor(title: string, flaw: (typed: string) => string | undefined): Promise<string> {
  const typed = await vscode.window.showInputBox({ title, password: true, ignoreFocusOut: true, validateInput: flaw });
  if (typed === undefined) {
    throw cancelled();
  }
  return typed;
}
