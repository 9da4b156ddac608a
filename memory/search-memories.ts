import type { Redis } from 'ioredis';
import { keys } from '../contracts/keys.ts';
import type { MemoryIndex } from './memory-index.ts';
import { runPipeline } from './run-pipeline.ts';
import { nearestQuery, parameterArguments, wordsQuery } from './search-query.ts';
import type { SearchQuery } from './search-query.ts';
import { parseKeys, parseNearest, parseScores } from './search-reply.ts';
import { MovedError } from './tenant-indexes.ts';
import { vectorFields } from './vector-space.ts';

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

/** The keys that the searches for one angle found, each best first. */
export interface AngleFindings {
  /** By meaning, with their similarities. */
  readonly nearest: ReadonlyMap<string, number>;
  /** By words of the text, with their text scores. */
  readonly worded: ReadonlyMap<string, number>;
  /** By words of the text and of what surrounds it. */
  readonly surrounded: ReadonlyMap<string, number>;
}

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
): Promise<AngleFindings[]> {
  const { tenant, index, filter, angles, pool, window } = query;
  const { attribute } = vectorFields(index.current);
  const pipeline = redis.pipeline();
  const ask = (search: SearchQuery, wanted: readonly (string | number)[]) =>
    pipeline.call('FT.SEARCH', searchArguments(tenant, search, { count: pool, wanted }));
  const candidates = index.vectorSearch === 'HNSW' ? CANDIDATES * pool : undefined;
  for (const { terms, vector } of angles) {
    if (vector) ask(nearestQuery(filter, vector, pool, { attribute, candidates }), NEAREST);
    if (terms.length > 0) ask(wordsQuery(filter, terms, 'text'), SCORED);
    if (terms.length > 0 && window) ask(wordsQuery(filter, terms, 'window'), SCORED);
  }
  pipeline.hget(keys.memoryMeta(tenant), 'epoch');
  const answers = await runPipeline(pipeline);
  // Asked last: what was found before the memories moved on was found among vectors of the same model.
  if (Number(answers.at(-1) ?? 0) !== index.epoch) throw new MovedError(`the memories of "${tenant}" moved`);
  const replies = answers.values();
  const next = (asked: boolean, parse: (reply: unknown) => Map<string, number>) =>
    asked ? parse(replies.next().value) : new Map<string, number>();
  return angles.map(({ terms, vector }) => ({
    nearest: next(vector !== undefined, parseNearest),
    worded: next(terms.length > 0, parseScores),
    surrounded: next(terms.length > 0 && window, parseScores),
  }));
}

/** Sorting by the distance is the shortest way to be told it: `RETURN` makes each answer four values of two. */
const NEAREST = ['NOCONTENT', 'SORTBY', 'distance', 'WITHSORTKEYS'];
const SCORED = ['NOCONTENT', 'WITHSCORES', 'SCORER', 'BM25STD'];

/** The keys of what the filter lets through, newest first. */
export async function searchNewest(
  redis: Redis,
  query: { readonly tenant: string; readonly filter: SearchQuery; readonly count: number },
): Promise<string[]> {
  const { tenant, filter, count } = query;
  const wanted = ['NOCONTENT', 'SORTBY', 'created', 'DESC'];
  return parseKeys(await redis.call('FT.SEARCH', searchArguments(tenant, filter, { count, wanted })));
}

function searchArguments(
  tenant: string,
  query: SearchQuery,
  { count, wanted }: { readonly count: number; readonly wanted: readonly (string | number)[] },
): (string | number | Buffer)[] {
  return [
    [keys.memoryIndex(tenant), query.text, ...wanted],
    ['LIMIT', 0, count, 'TIMEOUT', SEARCH_TIMEOUT_MS],
    parameterArguments(query),
  ].flat();
}
