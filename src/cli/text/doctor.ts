// What the doctor found.
import type { Finding } from '../../engine/engine';
import { printable } from './words';

const LEVELS: Record<Finding['level'], string> = { ok: 'ok', warning: 'WARNING', problem: 'PROBLEM' };

/** A line for each finding, and what to do below those that are not all right. */
export function doctorText(findings: readonly Finding[]): string {
  return findings
    .flatMap(({ topic, level, message, remedy }) => [
      `${LEVELS[level].padEnd(9)}${printable(topic)}: ${printable(message)}`,
      ...(remedy === '' ? [] : [`${' '.repeat(9)}${printable(remedy)}`]),
    ])
    .join('\n');
}
