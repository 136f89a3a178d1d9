// "Doctor": what can stand in the way of a backup or a restore, as a report.
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { CommandParts } from './parts';
import { doctorReport, doctorSummary } from '../text/doctor';
import { isNode } from '../backups/nodes';
import type { Handler } from './handler';

export function doctor(parts: CommandParts): Handler {
  return async (row) => {
    const project = isNode(row) ? row.project : await parts.projects.pick();
    const findings = await parts.operations.run(project, vscode.l10n.t('Examining the project'), (request) => parts.engine.doctor(request));
    const report = doctorReport(findings, project.name, homedir());
    await parts.documents.show(vscode.l10n.t('Doctor report: {0}', project.name.replaceAll('/', ' ')), report);
    const copy = vscode.l10n.t('Copy Report');
    const isBad = findings.some(({ level }) => level === 'problem');
    const show = isBad ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
    void show(doctorSummary(findings), copy).then(async (choice) => {
      if (choice === copy) {
        await vscode.env.clipboard.writeText(report);
      }
    });
    return findings;
  };
}
