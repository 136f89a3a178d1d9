// A modal question with one verb; everything but the verb cancels.
import * as vscode from 'vscode';
import { cancelled } from '../../engine/errors';
import type { Question } from '../text/restore';

/** Resolves when the user chose the verb, rejects with CANCELLED otherwise; the question's other button does `showMore`. */
export async function confirmed({ message, detail, button, more }: Question, showMore?: () => Promise<unknown>): Promise<void> {
  const buttons = more === undefined ? [button] : [button, more];
  const choice = await vscode.window.showWarningMessage(message, { modal: true, detail }, ...buttons);
  if (choice !== undefined && choice === more) {
    await showMore?.();
  }
  if (choice !== button) {
    throw cancelled();
  }
}
