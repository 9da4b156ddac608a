import type { Redis } from 'ioredis';
import { keys } from '../../contracts/keys.ts';
import { findCandidates } from './find-candidates.ts';
import type { Candidate, Search } from './find-candidates.ts';
import type { MemoryIndex } from '../search/memory-index.ts';
import { nearestQuery, parameterArguments, wordsQuery } from '../search/search-query.ts';
import type { SearchQuery } from '../search/search-query.ts';
import { vectorFields } from '../vectors/vector-space.ts';

/** The search module's own bound of 500 ms cuts a result without saying so; the connection's bound does say so. */
const SEARCH_TIMEOUT_MS = 1_900;

/** A graph of vectors keeps this many times the wanted ones in view. */
const CANDIDATES = 4;

/** One angle, ready to be searched for. */
export interface AngleQuery {
  readonly terms: readonly string[];
  /** Absent while the embedding model is away. */
  readonly vector?: Buffer | undefined;
}

/** What the searches for one angle found, by key, each best first. */
export interface AngleFindings {
  /** By meaning, with their cosine distances. */
  readonly nearest: ReadonlyMap<string, number>;
  /** By words of the text, with their text scores. */
  readonly worded: ReadonlyMap<string, number>;
  /** By words of the text and of what surrounds it. */
  readonly surrounded: ReadonlyMap<string, number>;
}

const NOTHING: ReadonlyMap<string, number> = new Map();

/** Searches every angle by meaning, by words, and by words of the surroundings: one round trip, at most `pool` each. */
export async function searchAngles(
  redis: Redis,
  query: {
    readonly tenant: string;
    readonly index: MemoryIndex;
    readonly filter: SearchQuery;
    readonly angles: readonly AngleQuery[];
    readonly pool: number;
    /** Also search what surrounds the texts. */
    readonly window: boolean;
  },
): Promise<{ readonly findings: readonly AngleFindings[]; readonly candidates: readonly Candidate[] }> {
  const { tenant, index, filter, angles, pool, window } = query;
  const { attribute } = vectorFields(index.current);
  const candidatesInView = index.vectorSearch === 'HNSW' ? CANDIDATES * pool : undefined;
  const searches: Search[] = [];
  const ask = (search: SearchQuery, wanted: Search): number =>
    searches.push(searchArguments(tenant, search, { count: pool, wanted })) - 1;
  const nearest = angles.map(
    ({ vector }) =>
      vector && ask(nearestQuery(filter, vector, pool, { attribute, candidates: candidatesInView }), NEAREST),
  );
  const byVector = searches.length;
  const askFor = ({ terms }: AngleQuery, where: 'text' | 'window') =>
    terms.length > 0 ? ask(wordsQuery(filter, terms, where), SCORED) : undefined;
  const worded = angles.map((angle) => askFor(angle, 'text'));
  const surrounded = angles.map((angle) => (window ? askFor(angle, 'window') : undefined));
  const { lists, candidates } = await findCandidates(redis, { tenant, index, searches, byVector });
  const answerTo = (place: number | undefined) => (place === undefined ? undefined : lists[place]) ?? NOTHING;
  const findings = angles.map((_, at) => ({
    nearest: answerTo(nearest[at]),
    worded: answerTo(worded[at]),
    surrounded: answerTo(surrounded[at]),
  }));
  return { findings, candidates };
}

/** Sorting by the distance is the shortest way to be told it: `RETURN` makes each answer four values of two. */
const NEAREST = ['NOCONTENT', 'SORTBY', 'distance', 'WITHSORTKEYS'];
const SCORED = ['NOCONTENT', 'WITHSCORES', 'SCORER', 'BM25STD'];
const NEWEST = ['NOCONTENT', 'SORTBY', 'created', 'DESC', 'WITHSORTKEYS'];

/** What the filter lets through, newest first. */
export async function searchNewest(
  redis: Redis,
  query: {
    readonly tenant: string;
    readonly index: MemoryIndex;
    readonly filter: SearchQuery;
    readonly count: number;
  },
): Promise<readonly Candidate[]> {
  const { tenant, index, filter, count } = query;
  const searches = [searchArguments(tenant, filter, { count, wanted: NEWEST })];
  return (await findCandidates(redis, { tenant, index, searches, byVector: 0 })).candidates;
}

function searchArguments(
  tenant: string,
  query: SearchQuery,
  { count, wanted }: { readonly count: number; readonly wanted: Search },
): Search {
  return [
    [keys.memoryIndex(tenant), query.text, ...wanted],
    ['LIMIT', 0, count, 'TIMEOUT', SEARCH_TIMEOUT_MS],
    parameterArguments(query),
  ].flat();
}
