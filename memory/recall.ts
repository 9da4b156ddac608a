import type { EmbeddingModel } from '../contracts/embedding-model.ts';
import type { Memory, RecallExplanation, RecallQuery, RecalledMemory } from '../contracts/memory.ts';
import { keys } from '../contracts/keys.ts';
import { checkQuery } from './check-query.ts';
import { embedUnlessAway } from './embed-texts.ts';
import type { MemoryDependencies } from './memory-dependencies.ts';
import { FIELD } from './memory-fields.ts';
import { pickMemories } from './pick-memories.ts';
import { rankFound, rankUnasked } from './rank-memories.ts';
import type { AskedAngle, RankContext, RankedMemory } from './rank-memories.ts';
import { queryFilter } from './recall-filter.ts';
import { markRecalled } from './recalled-marks.ts';
import { readMemories } from './read-memories.ts';
import { rerankMemories } from './rerank-memories.ts';
import { searchAngles, searchNewest } from './search-memories.ts';
import { filterQuery } from './search-query.ts';
import { searchTermsOf } from './search-terms.ts';
import { encodeVector } from './vectors.ts';

/** Each search looks for this many, or four times what is asked for, before they are joined. */
const SMALLEST_POOL = 50;
/** So many are read whole for each that is given back, to choose among them. */
const CHOICE = 3;
const MOST_MISSED = 20;
/** Who asks for more wants all there is; choosing unlike ones among so many would take longer than the search. */
const MOST_DIVERSE = 50;

/** Searches the memories of one tenant; see `MemoryStore.recall`. */
export function createRecall(
  deps: MemoryDependencies,
): (tenant: string, query: RecallQuery) => Promise<RecallExplanation> {
  return async (tenant, query) => {
    const limit = checkQuery(query, deps.indexed);
    const policy = { ...deps.policy, ...query.policy };
    const { asked, ranked } = await search(deps, { tenant, query, limit, policy });
    const nothing = { recalled: [], missed: [], terms: asked.map(({ terms }) => terms), byMeaning: isByMeaning(asked) };
    if (query.scopes.length === 0) return nothing;
    const choice = asked.length > 0 && (policy.diversity > 0 || query.rerank || query.maxTokens !== undefined);
    const near = ranked.filter(
      ({ tooFar, score }) => asked.length === 0 || (!tooFar && score >= (query.minScore ?? 0)),
    );
    const read = await readRanked(deps, tenant, near.slice(0, choice ? limit * CHOICE : limit));
    const ordered = query.rerank
      ? await rerankMemories(deps.reranker, { query, found: read, share: policy.rerank })
      : read;
    const { countTokens } = deps;
    const diversity = asked.length > 0 && limit <= MOST_DIVERSE ? policy.diversity : 0;
    const { picked, left } = pickMemories(ordered, { limit, diversity, maxTokens: query.maxTokens, countTokens });
    if (asked.length > 0)
      await markRecalled(
        deps.redis,
        tenant,
        picked.map(({ memory }) => memory),
        deps.now(),
      );
    const missed = left.map(({ candidate, reason }) => ({ ...candidate, reason }));
    return { ...nothing, recalled: picked, missed };
  };
}

/** As {@link createRecall}, and what just missed is read as well. */
export function createExplain(deps: MemoryDependencies): ReturnType<typeof createRecall> {
  const recall = createRecall(deps);
  return async (tenant, query) => {
    const told = await recall(tenant, query);
    const given = new Set([...told.recalled, ...told.missed].map(({ memory }) => memory.id));
    const limit = checkQuery(query, deps.indexed);
    const policy = { ...deps.policy, ...query.policy };
    const { asked, ranked } = await search(deps, { tenant, query, limit, policy });
    if (query.scopes.length === 0 || asked.length === 0) return told;
    const others = ranked.filter(({ key }) => !given.has(idIn(tenant, key))).slice(0, MOST_MISSED);
    const reasons = new Map(others.map((ranking) => [idIn(tenant, ranking.key), reasonOf(ranking, query)]));
    const read = await readRanked(deps, tenant, others);
    const further = read.map((found) => ({ ...found, reason: reasons.get(found.memory.id) ?? '' }));
    return { ...told, missed: [...told.missed, ...further].slice(0, MOST_MISSED) };
  };
}

function reasonOf({ tooFar, score }: RankedMemory, { minScore = 0 }: RecallQuery): string {
  if (tooFar !== undefined) return tooFar;
  return score < minScore ? `score ${score.toFixed(2)} is below ${minScore}` : 'others scored higher';
}

async function search(
  { redis, indexes, now }: MemoryDependencies,
  options: {
    readonly tenant: string;
    readonly query: RecallQuery;
    readonly limit: number;
    readonly policy: RankContext['policy'];
  },
): Promise<{ asked: AskedAngle[]; ranked: RankedMemory[] }> {
  const { tenant, query, limit, policy } = options;
  const at = now();
  const filter = filterQuery(queryFilter(query, at));
  const task = `recall memories of tenant "${tenant}"`;
  const alsoReturn = [...(policy.factors.kind ? [FIELD.tags] : []), ...(policy.factors.scope ? [FIELD.scope] : [])];
  return indexes.searching(tenant, task, async (index) => {
    // Here, because a question is asked again with another model where the memories have moved to it.
    const asked = await askedAngles(index.embedder, query);
    const { vectorType } = index;
    const context = { angles: asked, vectorType, now: at, policy };
    if (query.scopes.length === 0) return { asked, ranked: [] };
    if (asked.length === 0) {
      const newest = await searchNewest(redis, { tenant, filter, count: limit, alsoReturn });
      return { asked, ranked: rankUnasked(newest, context) };
    }
    const angles = asked.map(({ terms, vector }) => ({
      terms: policy.weights.text > 0 ? terms : [],
      ...(vector ? { vector: encodeVector(vector, vectorType) } : {}),
    }));
    const pool = Math.max(SMALLEST_POOL, 4 * limit);
    const searched = { tenant, index, filter, angles, pool, window: policy.window > 0, alsoReturn };
    return { asked, ranked: rankFound(await searchAngles(redis, searched), context) };
  });
}

/** The angles that say something, with their words and, while the embedding model is there, their vectors. */
async function askedAngles(embedder: EmbeddingModel, { text, texts = [] }: RecallQuery): Promise<AskedAngle[]> {
  const angles = [{ text }, ...texts].filter((angle) => angle.text.trim() !== '');
  if (angles.length === 0) return [];
  const vectors = await embedUnlessAway(
    embedder,
    angles.map((angle) => angle.text),
  );
  return angles.map((angle, at) => {
    const weight = 'weight' in angle ? (angle.weight ?? 1) : 1;
    return { terms: searchTermsOf(angle.text), weight, vector: vectors?.[at] };
  });
}

function isByMeaning(asked: readonly AskedAngle[]): boolean {
  return asked.every(({ vector }) => vector !== undefined);
}

async function readRanked(
  { redis }: MemoryDependencies,
  tenant: string,
  ranked: readonly RankedMemory[],
): Promise<RecalledMemory[]> {
  const memories: (Memory | undefined)[] = await readMemories(
    redis,
    tenant,
    ranked.map(({ key }) => idIn(tenant, key)),
  );
  // One that was forgotten since it was found is not there to be read.
  return ranked.flatMap(({ score, parts }, at) => {
    const memory = memories[at];
    return memory ? [{ memory, score, parts }] : [];
  });
}

function idIn(tenant: string, key: string): string {
  return key.slice(keys.memoryPrefix(tenant).length);
}
