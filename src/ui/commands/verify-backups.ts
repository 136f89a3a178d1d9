// "Verify": checks that backups are what they were when they were made.
import * as vscode from 'vscode';
import type { VerifyResult } from '../../engine/engine';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';
import { tellSuccess } from '../window/success';
import { severalBackups } from '../prompts/pick-backup';
import type { Handler } from './handler';

export function verifyBackups(parts: Parts): Handler {
  return async (row, selected) => {
    const { project, entries } = await severalBackups(parts, row, selected, {
      placeHolder: vscode.l10n.t('Select backups to verify'),
      fits: (backup) => backup.status === 'ok',
    });
    const names = entries.map((entry) => entry.name);
    const results = await parts.operations.run(project, vscode.l10n.t('Verifying'), (request, options) =>
      parts.engine.verify(request, { names }, options),
    );
    reportVerified(parts, project, results);
    return results;
  };
}

/** Writes every result to the log and says what they come to. */
export function reportVerified(parts: Parts, project: OpenProject, results: readonly VerifyResult[]): void {
  const { log } = parts;
  for (const { name, ok, problems, warnings } of results) {
    log.info(`verify ${name}: ${[ok ? 'ok' : problems.join(' '), ...warnings.map(({ message }) => message)].join(' ')}`);
  }
  const bad = results.filter((result) => !result.ok);
  const [first] = bad;
  const unread = results.filter(({ warnings }) => warnings.some(({ code }) => code === 'FILE_IN_USE'));
  if (!first && unread.length > 0) {
    const why = unread[0]?.warnings.find(({ code }) => code === 'FILE_IN_USE')?.message ?? '';
    const message =
      unread.length === 1
        ? vscode.l10n.t('“{0}” could not be checked completely. {1}', unread[0]?.name ?? '', why)
        : vscode.l10n.t('{0} of {1} backups could not be checked completely. {2}', unread.length, results.length, why);
    tellSuccess(parts, project, `${message} ${vscode.l10n.t('Close the file there, then verify again.')}`, undefined, true);
    return;
  }
  if (!first) {
    const [only] = results;
    const message =
      only === undefined
        ? vscode.l10n.t('There is no complete backup to verify.')
        : results.length === 1
          ? vscode.l10n.t('“{0}” is intact: checksums and the database check passed.', only.name)
          : vscode.l10n.t('{0} backups are intact: checksums and database checks passed.', results.length);
    tellSuccess(parts, project, message, results.length === 1 ? only?.name : undefined);
    return;
  }
  const message =
    bad.length === 1
      ? vscode.l10n.t('“{0}” is damaged: {1}', first.name, first.problems.slice(0, 3).join(' '))
      : vscode.l10n.t('{0} of {1} backups are damaged: {2}', bad.length, results.length, bad.map((result) => result.name).join(', '));
  tellSuccess(parts, project, `${message} ${vscode.l10n.t('Keep your other backups and create a new one.')}`, undefined, true);
}
