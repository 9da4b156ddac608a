import type { Comparison } from '../../contracts/approval-policy.ts';
import { isObject } from '../../contracts/json.ts';

/** Whether something is so; `unknown` where it cannot be told. */
export type Verdict = 'yes' | 'no' | 'unknown';

/** What stands at a dotted path, through lists; `undefined` where nothing does. */
export function valuesAt(value: unknown, path: string): readonly unknown[] {
  return path
    .split('.')
    .reduce<readonly unknown[]>(
      (values, name) =>
        values.flatMap((inner) => partsOf(isObject(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined)),
      partsOf(value),
    );
}

function partsOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return [value];
  return value.length === 0 ? [undefined] : value.flatMap(partsOf);
}

/** Is a value like that? */
export function verdictOn(value: unknown, comparison: Comparison): Verdict {
  const { oneOf, above, atLeast, below, atMost, matches, given, not } = comparison;
  const isGiven = value !== undefined && value !== null;
  return all([
    ...(given === undefined ? [] : [verdict(isGiven === given)]),
    ...(oneOf === undefined ? [] : [isScalar(value) ? verdict(oneOf.includes(value)) : 'unknown']),
    ...(above === undefined ? [] : [ofNumber(value, (number) => number > above)]),
    ...(atLeast === undefined ? [] : [ofNumber(value, (number) => number >= atLeast)]),
    ...(below === undefined ? [] : [ofNumber(value, (number) => number < below)]),
    ...(atMost === undefined ? [] : [ofNumber(value, (number) => number <= atMost)]),
    ...(matches === undefined ? [] : [ofText(value, matches)]),
    ...(not === undefined ? [] : [opposite(verdictOn(value, not))]),
  ]);
}

function all(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('no')) return 'no';
  return verdicts.includes('unknown') ? 'unknown' : 'yes';
}

function verdict(holds: boolean): Verdict {
  return holds ? 'yes' : 'no';
}

function opposite(given: Verdict): Verdict {
  return given === 'unknown' ? given : verdict(given === 'no');
}

function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function ofNumber(value: unknown, holds: (number: number) => boolean): Verdict {
  return typeof value === 'number' ? verdict(holds(value)) : 'unknown';
}

const LONGEST_TEXT = 10_000;

function ofText(value: unknown, pattern: string): Verdict {
  if (typeof value !== 'string' || value.length > LONGEST_TEXT) return 'unknown';
  return verdict(isLike(Array.from(value.toLowerCase()), Array.from(pattern.toLowerCase())));
}

/**
 * Is a text like a pattern in which `*` stands for anything and `?` for one character? It goes back to the last `*` only,
 * so it takes at most as many steps as the one is long times the other.
 */
function isLike(text: readonly string[], pattern: readonly string[]): boolean {
  let [at, within] = [0, 0];
  let star: { readonly after: number; from: number } | undefined;
  while (at < text.length) {
    if (pattern[within] === '*') {
      within += 1;
      star = { after: within, from: at };
    } else if (pattern[within] === '?' || (within < pattern.length && pattern[within] === text[at])) {
      at += 1;
      within += 1;
    } else if (star !== undefined) {
      star.from += 1;
      at = star.from;
      within = star.after;
    } else return false;
  }
  return pattern.slice(within).every((character) => character === '*');
}
