// "Undo Last Restore": back to the safety backup that the last restore took.
import type { Parts } from '../window/parts';
import { askAndUndo } from '../flows/restoring';
import type { Handler } from './handler';

export function undoRestore(parts: Parts): Handler {
  return async () => await askAndUndo(parts, await parts.projects.pick());
}
