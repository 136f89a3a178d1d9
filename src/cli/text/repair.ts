// What `pats-backup repair` did, or would do.
import type { RepairResult } from '../../engine/engine';
import { countOf, printable } from './words';

export function repairText({ name, repaired, unrepaired, warnings }: RepairResult, isPlan: boolean): string {
  if (repaired.length + unrepaired.length === 0) {
    return `${printable(name)} is not damaged: there is nothing to repair.`;
  }
  const done = isPlan ? 'would be repaired' : 'repaired';
  const lines = repaired.flatMap(({ path, backups, from }) => [
    `repaired   ${printable(path)}`,
    `           from ${from === null ? 'the live data' : printable(from)}, in ${backups.map(printable).join(', ')}`,
  ]);
  const lost = unrepaired.map(({ reason }) => `DAMAGED    ${printable(reason)}`);
  const others = warnings.filter(({ code }) => code !== 'NOT_MENDED').map(({ message }) => `Attention: ${printable(message)}`);
  const rest = unrepaired.length === 0 ? '' : ` ${countOf(unrepaired.length, 'problem')} cannot be repaired: create a new backup.`;
  return [...lines, ...lost, ...others, `${countOf(repaired.length, 'file')} ${done}.${rest}`].join('\n');
}
