// Which rows of a table are to become as in a backup: those that differ are offered, as they are now and as they were.
import * as vscode from 'vscode';
import type { DifferingRow, TableDifference } from '../../engine/engine';
import { BackupError } from '../../engine/errors';
import type { Parts } from '../window/parts';
import type { OpenProject } from '../window/projects';

/** More than anybody looks through. */
const OFFERED = 500;

interface Pick extends vscode.QuickPickItem {
  readonly where: string;
}

/** An SQL expression that is true for the picked rows; null: nothing was picked. */
export async function pickRows({ engine, operations }: Parts, project: OpenProject, name: string, table: string): Promise<string | null> {
  const { tables, warnings } = await operations.run(project, vscode.l10n.t('Comparing'), (request, options) =>
    engine.compare(request, { from: null, to: name, parts: ['tables'], tables: [table], limit: OFFERED }, options),
  );
  const [difference] = tables;
  const picks = difference === undefined ? [] : (difference.rows ?? []).flatMap((row) => pickOf(difference, row));
  if (difference === undefined || picks.length === 0) {
    const why = warnings[0]?.message ?? vscode.l10n.t('No row of {0} can be picked.', table);
    throw new BackupError(
      'NOTHING_TO_RESTORE',
      difference === undefined && warnings.length === 0 ? vscode.l10n.t('The rows of {0} are the same now as in “{1}”.', table, name) : why,
      vscode.l10n.t('Nothing was changed.'),
    );
  }
  const total = difference.added + difference.changed + difference.removed;
  const placeHolder =
    total > picks.length
      ? vscode.l10n.t('Select the rows to restore (the first {0} of {1} that differ)', picks.length, total)
      : vscode.l10n.t('Select the rows to restore');
  const picked = await vscode.window.showQuickPick(picks, {
    canPickMany: true,
    placeHolder,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked === undefined || picked.length === 0 ? null : picked.map(({ where }) => `(${where})`).join(' OR ');
}

function pickOf({ columns = [], key = [] }: TableDifference, row: DifferingRow): Pick[] {
  const { kind, before, after, where } = row;
  if (where === undefined) {
    return [];
  }
  const cell = (values: readonly string[] | null, index: number): string => `${columns[index] ?? ''} = ${values?.[index] ?? ''}`;
  const values = after ?? before;
  const named = columns.flatMap((column, index) => (key.includes(column) ? [index] : []));
  const shown = named.length === 0 ? [0] : named;
  const others = columns.map((_column, index) => index).filter((index) => !shown.includes(index));
  const detail =
    kind === 'changed'
      ? others
          .filter((index) => before?.[index] !== after?.[index])
          .map((index) => `${columns[index] ?? ''}: ${before?.[index] ?? ''} → ${after?.[index] ?? ''}`)
      : others.map((index) => cell(values, index));
  const words = {
    added: vscode.l10n.t('missing now, comes back'),
    changed: vscode.l10n.t('changes back'),
    removed: vscode.l10n.t('new since, is removed'),
  };
  const icons = { added: '$(diff-added)', changed: '$(diff-modified)', removed: '$(diff-removed)' };
  return [
    {
      label: `${icons[kind]} ${shown.map((index) => cell(values, index)).join(', ')}`,
      description: words[kind],
      detail: detail.join(', ').slice(0, 300),
      where,
    },
  ];
}
