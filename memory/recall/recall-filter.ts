import type { RecallQuery } from '../../contracts/memory-query.ts';
import type { MemoryFilter } from '../search/search-query.ts';

/** What a question lets through, whatever it asks: scopes, grants, time and values, all inside the search. */
export function queryFilter(query: RecallQuery, now: number): MemoryFilter {
  const { scopes, shares, subject, reader = 'nobody', where, includeClosed, between, ending } = query;
  const kinds = shares ? shares.flatMap((share) => share.kinds) : query.kinds;
  return {
    scopes,
    kinds,
    subject,
    reader,
    where,
    ending,
    between: rangeOf(between),
    ...timeOf(query, now, includeClosed),
  };
}

function timeOf(
  { asOf, knownAt }: RecallQuery,
  now: number,
  includeClosed: boolean | undefined,
): Pick<MemoryFilter, 'holdsAt' | 'validAt'> {
  const known = knownAt === undefined ? undefined : Date.parse(knownAt);
  if (asOf !== undefined) return { validAt: { at: Date.parse(asOf), knownAt: known } };
  if (known !== undefined) return { validAt: { at: known, knownAt: known } };
  return includeClosed ? {} : { holdsAt: now };
}

function rangeOf(between: RecallQuery['between']): MemoryFilter['between'] {
  if (!between) return undefined;
  const { from, to } = between;
  return {
    from: from === undefined ? undefined : Date.parse(from),
    to: to === undefined ? undefined : Date.parse(to),
  };
}
