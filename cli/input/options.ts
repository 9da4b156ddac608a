import { InvalidArgumentError, Option } from 'commander';
import { rememberScopes } from '../../contracts/remembered-approvals.ts';

/** Reads a whole number of at least one. */
export function wholeNumber(given: string): number {
  const value = Number(given);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('Expected a whole number of at least 1.');
}

const HIGHEST_PORT = 65_535;

/** Reads a port; 0 is any that is free. */
export function portNumber(given: string): number {
  const value = Number(given);
  if (given.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= HIGHEST_PORT) return value;
  throw new InvalidArgumentError(`Expected a port from 0 (any that is free) to ${HIGHEST_PORT}.`);
}

/** Reads a number from 0 to 1. */
export function share(given: string): number {
  const value = Number(given);
  if (given.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a number from 0 to 1.');
}

/** Reads a number above zero, e.g. an amount of money. */
export function amount(given: string): number {
  const value = Number(given);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Expected a number above 0.');
}

/** Reads names joined by commas. */
export function nameList(given: string): readonly string[] {
  const names = given.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return names;
  throw new InvalidArgumentError('Expected names joined by commas, e.g. finance,lead.');
}

/** For what a decision is remembered beyond its call. */
export function rememberOption(verb: 'allow' | 'refuse'): Option {
  return new Option('--remember <for>', `${verb} later calls that are asked about for the same reason, too`).choices(
    rememberScopes,
  );
}
