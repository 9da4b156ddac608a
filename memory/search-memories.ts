import type { Redis } from 'ioredis';
import { keys } from '../contracts/keys.ts';
import { FIELD } from './memory-fields.ts';
import type { MemoryIndex } from './memory-index.ts';
import { runPipeline } from './run-pipeline.ts';
import { nearestQuery, parameterArguments, wordsQuery } from './search-query.ts';
import type { SearchQuery } from './search-query.ts';
import { parseSearchReply } from './search-reply.ts';
import type { FoundDocument } from './search-reply.ts';
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

/** What the searches for one angle found, each best first. */
export interface AngleFindings {
  /** By meaning; each with the field `distance`. */
  readonly nearest: readonly FoundDocument[];
  /** By words of the text; each with its text score. */
  readonly worded: readonly FoundDocument[];
  /** By words of the text and of what surrounds it. */
  readonly surrounded: readonly FoundDocument[];
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
  const stored = vectorFields(index.current);
  const pipeline = redis.pipeline();
  const ask = (search: SearchQuery, fields: readonly string[], order: readonly string[] = []) =>
    pipeline.callBuffer('FT.SEARCH', searchArguments(tenant, search, { count: pool, order, fields }));
  // Whatever the model's generation, what reads the answer knows its vectors by one name.
  const windowField = [stored.window, 'AS', FIELD.window];
  const vectors = [stored.vector, 'AS', FIELD.vector, ...windowField];
  const candidates = index.vectorSearch === 'HNSW' ? CANDIDATES * pool : undefined;
  const ranked = ['WITHSCORES', 'SCORER', 'BM25STD'];
  for (const { terms, vector } of angles) {
    // Another angle's find is compared with this one too, so its vector has to come along.
    const near = ['distance', ...(angles.length > 1 ? vectors : windowField)];
    const worded = [...vectors, FIELD.text, FIELD.context];
    if (vector) ask(nearestQuery(filter, vector, pool, { attribute: stored.attribute, candidates }), near);
    if (terms.length > 0) ask(wordsQuery(filter, terms, 'text'), worded, ranked);
    if (terms.length > 0 && window) ask(wordsQuery(filter, terms, 'window'), worded, ranked);
  }
  pipeline.hget(keys.memoryMeta(tenant), 'epoch');
  const answers = await runPipeline(pipeline);
  // Asked last: what was found before the memories moved on was found among vectors of the same model.
  if (Number(answers.at(-1) ?? 0) !== index.epoch) throw new MovedError(`the memories of "${tenant}" moved`);
  const replies = answers.values();
  const next = (asked: boolean, withScores: boolean) =>
    asked ? parseSearchReply(replies.next().value, { withScores }) : [];
  return angles.map(({ terms, vector }) => ({
    nearest: next(vector !== undefined, false),
    worded: next(terms.length > 0, true),
    surrounded: next(terms.length > 0 && window, true),
  }));
}

/** What the filter lets through, newest first. */
export async function searchNewest(
  redis: Redis,
  query: {
    readonly tenant: string;
    readonly filter: SearchQuery;
    readonly count: number;
  },
): Promise<FoundDocument[]> {
  const { tenant, filter, count } = query;
  const order = ['SORTBY', 'created', 'DESC'];
  const arguments_ = searchArguments(tenant, filter, { count, order, fields: [] });
  return parseSearchReply(await redis.callBuffer('FT.SEARCH', arguments_), { withScores: false });
}

function searchArguments(
  tenant: string,
  query: SearchQuery,
  options: { readonly count: number; readonly order: readonly string[]; readonly fields: readonly string[] },
): (string | number | Buffer)[] {
  const { count, order } = options;
  const fields = [FIELD.created, FIELD.meta, FIELD.tags, FIELD.scope, ...options.fields];
  return [
    [keys.memoryIndex(tenant), query.text, ...order, 'RETURN', fields.length, ...fields],
    ['LIMIT', 0, count, 'TIMEOUT', SEARCH_TIMEOUT_MS],
    parameterArguments(query),
  ].flat();
}
