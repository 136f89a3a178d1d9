// A modal question with one verb; everything but the verb cancels.
import * as vscode from 'vscode';
import { cancelled } from '../../engine/errors';
import type { Question } from '../text/restore';

/** Resolves when the user chose the verb, rejects with CANCELLED otherwise. */
export async function confirmed({ message, detail, button }: Question): Promise<void> {
  if ((await vscode.window.showWarningMessage(message, { modal: true, detail }, button)) !== button) {
    throw cancelled();
  }
}
