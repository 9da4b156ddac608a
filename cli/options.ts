import { InvalidArgumentError } from 'commander';

/** Reads a whole number of at least one. */
export function wholeNumber(given: string): number {
  const value = Number(given);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('Expected a whole number of at least 1.');
}
