// What `pats-backup verify` prints.
import type { VerifyResult } from '../../engine/engine';
import { countOf, printable } from './words';

function isInUse({ warnings }: VerifyResult): boolean {
  return warnings.some(({ code }) => code === 'FILE_IN_USE');
}

export function verifyText(results: readonly VerifyResult[]): string {
  if (results.length === 0) {
    return 'There are no backups to verify.';
  }
  const damaged = results.filter((result) => !result.ok).length;
  const unread = results.filter(isInUse).length;
  const lines = results.flatMap((result) => [
    `${!result.ok ? 'DAMAGED ' : isInUse(result) ? 'IN USE  ' : 'ok      '}  ${printable(result.name)}`,
    ...result.problems.map((problem) => `            ${printable(problem)}`),
    ...result.warnings.map(({ message }) => `            ${printable(message)}`),
  ]);
  const summary =
    damaged > 0
      ? `${countOf(damaged, 'backup')} of ${results.length} cannot be trusted.`
      : unread > 0
        ? `${countOf(unread, 'backup')} of ${results.length} could not be checked completely.`
        : `${countOf(results.length, 'backup')} verified.`;
  return [...lines, summary].join('\n');
}
