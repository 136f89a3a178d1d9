// Offers once to add the backups folder to .gitignore, after a backup that git could commit.
import { readFile, writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { withLine } from '../text/gitignore';
import type { Parts } from '../window/parts';
import { Offer } from './offer';

export function gitignoreOffer(parts: Parts, memory: vscode.Memento): Offer<{ readonly file: string; readonly line: string }> {
  const { engine, log } = parts;
  return new Offer(parts, memory, {
    topic: 'gitignore',
    look: async (request) => {
      const { backups } = await engine.list(request);
      const { ignored, file, line } = await engine.ignoreState(request);
      return ignored !== false || backups.length === 0 ? null : { file, line };
    },
    message: ({ name }, { line }) =>
      vscode.l10n.t('git does not ignore the backups folder of {0}: its data could be committed. Add {1} to .gitignore?', name, line),
    button: vscode.l10n.t('Add'),
    accept: async (_project, { file, line }) => {
      await addLine(file, line);
      log.info(`added ${line} to ${file}`);
    },
  });
}

async function addLine(file: string, line: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return '';
    }
    throw error;
  });
  await writeFile(file, withLine(text, line));
}
