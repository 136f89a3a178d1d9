// What `pats-backup verify` prints.
import type { VerifyResult } from '../../engine/engine';
import { countOf, printable } from './words';

export function verifyText(results: readonly VerifyResult[]): string {
  if (results.length === 0) {
    return 'There are no backups to verify.';
  }
  const damaged = results.filter((result) => !result.ok).length;
  const lines = results.flatMap((result) => [
    `${result.ok ? 'ok      ' : 'DAMAGED '}  ${printable(result.name)}`,
    ...result.problems.map((problem) => `            ${printable(problem)}`),
    ...result.warnings.map((warning) => `            Attention: ${printable(warning)}`),
  ]);
  const summary =
    damaged > 0
      ? `${countOf(damaged, 'backup')} of ${results.length} cannot be trusted.`
      : `${countOf(results.length, 'backup')} verified.`;
  return [...lines, summary].join('\n');
}
