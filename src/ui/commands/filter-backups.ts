// "Filter Backups..." and "Clear Filter": what the view shows, by a reason that is picked and by a text that is typed.
import * as vscode from 'vscode';
import type { BackupEntry } from '../../engine/engine';
import { cancelled } from '../../engine/errors';
import { filterText, hasReason, reasonLabel, REASONS, type Filter, type Reason } from '../text/filter';
import type { Parts } from '../window/parts';
import type { Handler } from './handler';

interface Pick extends vscode.QuickPickItem {
  readonly filter: Filter;
}

export function filterBackups(parts: Parts): Handler {
  return async () => {
    const { backups, engine, projects } = parts;
    const lists = await Promise.all(projects.all().map((project) => engine.list(projects.requestOf(project))));
    const filter = await ask(
      lists.flatMap((list) => list.backups),
      backups.filteredBy,
    );
    backups.filterBy(filter);
  };
}

export function clearFilter({ backups }: Parts): Handler {
  return () => {
    backups.filterBy({});
  };
}

/** What is chosen is added to what is filtered by already. */
async function ask(entries: readonly BackupEntry[], now: Filter): Promise<Filter> {
  const picker = vscode.window.createQuickPick<Pick>();
  picker.placeholder = vscode.l10n.t('Type a text, or select why backups were created');
  const count = (reason: Reason): number => entries.filter((entry) => hasReason(entry, reason)).length;
  const reasons = REASONS.filter((reason) => count(reason) > 0).map((reason) => ({
    label: reasonLabel(reason),
    description: `${count(reason)}`,
    filter: { ...now, reason },
  }));
  const everything = { label: vscode.l10n.t('$(clear-all) Show All'), description: filterText(now), alwaysShow: true, filter: {} };
  const offer = (text: string): void => {
    const byText: Pick[] =
      text === '' ? [] : [{ label: vscode.l10n.t('$(search) Containing “{0}”', text), alwaysShow: true, filter: { ...now, text } }];
    picker.items = [...byText, ...reasons, ...(filterText(now) === '' ? [] : [everything])];
  };
  offer('');
  try {
    return await new Promise<Filter>((resolve, reject) => {
      picker.onDidChangeValue((value) => {
        offer(value.trim());
      });
      picker.onDidAccept(() => {
        const [picked] = picker.selectedItems;
        if (picked !== undefined) {
          resolve(picked.filter);
        }
      });
      picker.onDidHide(() => {
        reject(cancelled());
      });
      picker.show();
    });
  } finally {
    picker.dispose();
  }
}
