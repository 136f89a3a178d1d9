// The first and the last line of our dumps, which make a truncated one visible.
const HEADER = '-- PATS Backup SQL dump 1';
const TRAILER = /^-- PATS Backup SQL dump complete: (\d+) statements$/;

export const headerLine = (): string => HEADER;
export const isHeader = (comment: string): boolean => comment === HEADER;
export const trailerLine = (statements: number): string => `-- PATS Backup SQL dump complete: ${statements} statements`;

/** The number of statements that a complete dump of ours has; null: this comment is no trailer. */
export function statementsOfTrailer(comment: string): number | null {
  const match = TRAILER.exec(comment);
  return match?.[1] === undefined ? null : Number(match[1]);
}
