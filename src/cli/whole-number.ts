// An option whose value is a whole number.
import { InvalidArgumentError } from 'commander';

/** The number from 0 on, as commander asks for it. */
export function wholeNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value)) {
    throw new InvalidArgumentError('Give a whole number from 0 on.');
  }
  return Number(value);
}
