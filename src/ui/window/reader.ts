// The clock and language in which texts are written.
import * as vscode from 'vscode';
import type { Reader } from '../text/reader';

/** The reader of this moment. */
export function reader(): Reader {
  return { now: new Date(), locale: vscode.env.language };
}
