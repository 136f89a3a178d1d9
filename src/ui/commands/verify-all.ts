// "Verify All" and "Verify All Deeply": every complete backup of a project.
import * as vscode from 'vscode';
import type { Parts } from '../window/parts';
import { isNode } from '../backups/nodes';
import type { Handler } from './handler';
import { reportVerified } from './verify-backups';

export function verifyAll(parts: Parts): Handler {
  return verifying(parts, false);
}

export function verifyAllDeeply(parts: Parts): Handler {
  return verifying(parts, true);
}

function verifying(parts: Parts, deep: boolean): Handler {
  return async (row) => {
    const project = isNode(row) ? row.project : await parts.projects.pick();
    const title = deep ? vscode.l10n.t('Verifying all backups deeply') : vscode.l10n.t('Verifying all backups');
    const results = await parts.operations.run(project, title, (request, options) => parts.engine.verify(request, { deep }, options));
    reportVerified(parts, project, results);
    return results;
  };
}
