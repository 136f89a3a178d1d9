// "Doctor": what can stand in the way of a backup or a restore, as a page.
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { CommandParts } from './parts';
import { COPY_REPORT, doctorPage } from '../text/doctor-page';
import { isNode } from '../backups/nodes';
import type { Handler } from './handler';

/** What the page may run. */
const LINKS = [
  COPY_REPORT,
  'patsBackup.doctor',
  'patsBackup.chooseDatabase',
  'patsBackup.verifyAll',
  'patsBackup.previewPrune',
  'patsBackup.openSettings',
];

export function doctor(parts: CommandParts): Handler {
  return async (row) => {
    const project = isNode(row) ? row.project : await parts.projects.pick();
    const findings = await parts.operations.run(project, vscode.l10n.t('Examining the project'), (request) => parts.engine.doctor(request));
    parts.pages.show('doctor', {
      title: vscode.l10n.t('Doctor report: {0}', project.name),
      body: doctorPage(findings, project.name, homedir()),
      commands: LINKS,
    });
    return findings;
  };
}

/** What the page's link does. */
export function copyReport(): Handler {
  return async (report) => {
    await vscode.env.clipboard.writeText(String(report));
    vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) Copied the doctor report'), 5000);
  };
}
