// Chance that can be repeated: PATS_SEED names it, the first line of a failing suite prints it; PATS_FAULTS=all runs everything.
import { randomInt } from 'node:crypto';
import type { Chance } from './random';

/** Whether the whole share is run and not the bounded one of every day. */
export const isWhole = process.env['PATS_FAULTS'] === 'all';

export const seed = Number(process.env['PATS_SEED'] ?? randomInt(1, 2 ** 31));

/** So many of a kind: the bounded share by default. */
export function share(bounded: number, whole: number): number {
  return isWhole ? whole : bounded;
}

/** Positions from 1 to `last`: all of them, or a sample that always has the first and the last. */
export function positions(last: number, most: number, chance: Chance): number[] {
  if (last <= most) {
    return Array.from({ length: last }, (_, index) => index + 1);
  }
  const chosen = new Set([1, last]);
  while (chosen.size < most) {
    chosen.add(1 + chance.below(last));
  }
  return [...chosen].sort((one, other) => one - other);
}
