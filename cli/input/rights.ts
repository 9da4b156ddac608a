import { InvalidArgumentError } from 'commander';
import { isRight, rights } from '../../serve/caller.ts';
import type { Right } from '../../serve/caller.ts';

/** Reads rights joined by commas, or `all`. */
export function readRights(given: string): readonly Right[] {
  if (given === 'all') return rights;
  return given.split(',').map((word) => {
    const right = word.trim();
    if (isRight(right)) return right;
    throw new InvalidArgumentError(`"${right}" is no right. There are: ${rights.join(', ')}; or all.`);
  });
}
