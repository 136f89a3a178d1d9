// The badge of a backup's row: how its revision relates to the migration files here. The row and its tooltip say it in words.
import * as vscode from 'vscode';
import type { BackupEntry } from '../../engine/engine';
import { relationBadge, relationWords } from '../text/schema';

/** No file has it, so that no other extension decorates the row. */
const SCHEME = 'pats-backup-relation';

/** What the row's decoration is found by; undefined: there is nothing to say. */
export function relationUri({ name, relation }: BackupEntry): vscode.Uri | undefined {
  if (relationBadge(relation) === '') {
    return undefined;
  }
  return vscode.Uri.from({ scheme: SCHEME, path: `/${name}`, query: JSON.stringify(relation) });
}

/** Gives the rows their badges. */
export function provideRelationBadges(): vscode.Disposable {
  return vscode.window.registerFileDecorationProvider({
    provideFileDecoration: (uri) => {
      if (uri.scheme !== SCHEME) {
        return undefined;
      }
      const relation = JSON.parse(uri.query) as BackupEntry['relation'];
      return new vscode.FileDecoration(relationBadge(relation), relationWords(relation));
    },
  });
}
