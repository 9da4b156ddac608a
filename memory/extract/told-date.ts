import type { IsoTime } from '../../contracts/json.ts';

/** Year, month, day, and a time with its zone, each but the first left out where nobody said it. */
const DATE =
  /^(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?)?)?$/i;
/** Years that people mean: others stand for "always", "never" and "unknown". */
const [FIRST_YEAR, LAST_YEAR] = [1000, 2200];

/**
 * A date as models write it: of a year, a month, a day, or to the second; what is less precise begins with its first
 * moment, in UTC. `undefined` for what is none, such as a 30th of February.
 */
export function toldDate(text: string): IsoTime | undefined {
  const [, year = '', month = '1', day = '1', time = '00:00', zone = 'Z'] = DATE.exec(text.trim()) ?? [];
  if (year === '' || Number(year) < FIRST_YEAR || Number(year) > LAST_YEAR) return undefined;
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  if (!isDay(date)) return undefined;
  const told = new Date(`${date}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(told.getTime()) ? undefined : told.toISOString();
}

/** Months have 28 to 31 days, which `Date` carries over. */
function isDay(date: string): boolean {
  const day = new Date(`${date}T00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date);
}
