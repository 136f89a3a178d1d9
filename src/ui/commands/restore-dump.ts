// "Restore Dump...": replaces the database by the content of an SQL dump, after the user has read what that does.
import * as vscode from 'vscode';
import type { Parts } from '../window/parts';
import { oneDump } from '../prompts/pick-dump';
import { reportRestored } from '../flows/restoring';
import { confirmedReplacing } from '../flows/stopping';
import { dumpQuestion } from '../text/dump';
import type { Handler } from './handler';

export function restoreDump(parts: Parts): Handler {
  return async (row) => {
    const { project, name, path } = await oneDump(parts, row, vscode.l10n.t('Select an SQL dump to restore'));
    const around = await confirmedReplacing(parts, project, dumpQuestion(name));
    const result = await parts.operations.replace(project, vscode.l10n.t('Restoring “{0}”', name), (request, options) =>
      around(request, () => parts.engine.restoreDump(request, { file: path }, options)),
    );
    await reportRestored(parts, project, null, result);
    return result;
  };
}
