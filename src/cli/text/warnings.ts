// Warnings beside an answer, a line each.
import type { Warning } from '../../engine/engine';
import { printable } from './words';

export function warningsText(warnings: readonly Warning[]): string {
  return warnings.map(({ message }) => `Attention: ${printable(message)}`).join('\n');
}
