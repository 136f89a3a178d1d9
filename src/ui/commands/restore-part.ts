// "Restore This Table...", "Restore These Rows..." and "Restore This File...": a part of a backup, by the protocol of every restore.
import { cancelled } from '../../engine/errors';
import { askAndRestore } from '../flows/restoring';
import { pickRows } from '../prompts/pick-rows';
import type { Handler } from './handler';
import { insideRow } from './look-inside';
import type { CommandParts } from './parts';

export function restoreTable(parts: CommandParts): Handler {
  return async (row) => {
    const { project, entry, table } = insideRow(row, 'table');
    return await askAndRestore(parts, project, { name: entry.name, scope: 'all', tables: [table] });
  };
}

/** The rows that differ from the current ones are offered. */
export function restoreRows(parts: CommandParts): Handler {
  return async (row) => {
    const { project, entry, table } = insideRow(row, 'table');
    const where = await pickRows(parts, project, entry.name, table);
    if (where === null) {
      throw cancelled();
    }
    return await askAndRestore(parts, project, { name: entry.name, scope: 'all', tables: [table], where });
  };
}

export function restoreFile(parts: CommandParts): Handler {
  return async (row) => {
    const { project, entry, path } = insideRow(row, 'file', 'folder');
    return await askAndRestore(parts, project, { name: entry.name, scope: 'all', files: [path] });
  };
}
