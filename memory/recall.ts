import type { EmbeddingModel } from '../contracts/embedding-model.ts';
import type { RecallExplanation, RecallQuery, RecalledMemory } from '../contracts/memory.ts';
import { keys } from '../contracts/keys.ts';
import { checkQuery } from './check-query.ts';
import { embedUnlessAway } from './embed-texts.ts';
import type { MemoryDependencies } from './memory-dependencies.ts';
import type { OpenIndex } from './memory-index.ts';
import { choicesFor, pickMemories, sharesOf, shortShares } from './pick-memories.ts';
import type { Share } from './pick-memories.ts';
import { byScore, rankFound, rankUnasked } from './rank-memories.ts';
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

/** A question that was checked. */
interface Asking {
  readonly tenant: string;
  readonly query: RecallQuery;
  readonly limit: number;
  readonly shares: readonly Share[];
  readonly policy: RankContext['policy'];
}

interface Search {
  readonly asked: readonly AskedAngle[];
  readonly ranked: readonly RankedMemory[];
}

/** Searches the memories of one tenant; see `MemoryStore.recall`. */
export function createRecall(
  deps: MemoryDependencies,
): (tenant: string, query: RecallQuery) => Promise<RecallExplanation> {
  return async (tenant, query) => (await recall(deps, tenant, query)).told;
}

/** As {@link createRecall}, and what just missed is read as well. */
export function createExplain(deps: MemoryDependencies): ReturnType<typeof createRecall> {
  return async (tenant, query) => {
    const { told, asked, ranked } = await recall(deps, tenant, query);
    if (query.scopes.length === 0 || asked.length === 0) return told;
    const given = new Set([...told.recalled, ...told.missed].map(({ memory }) => memory.id));
    const others = ranked.filter(({ key }) => !given.has(idIn(tenant, key))).slice(0, MOST_MISSED);
    const reasons = new Map(others.map((ranking) => [idIn(tenant, ranking.key), reasonOf(ranking, query)]));
    const read = await readRanked(deps, tenant, others);
    const further = read.map((found) => ({ ...found, reason: reasons.get(found.memory.id) ?? '' }));
    return { ...told, missed: [...told.missed, ...further].slice(0, MOST_MISSED) };
  };
}

async function recall(
  deps: MemoryDependencies,
  tenant: string,
  query: RecallQuery,
): Promise<Search & { readonly told: RecallExplanation }> {
  const limit = checkQuery(query, deps.indexed);
  const policy = { ...deps.policy, ...query.policy };
  const shares = sharesOf(query, limit);
  const { asked, ranked } = await search(deps, { tenant, query, limit, shares, policy });
  const isAsked = asked.length > 0;
  const choice = isAsked && (policy.diversity > 0 || query.rerank || query.maxTokens !== undefined) ? CHOICE : 1;
  const near = ranked.filter(({ tooFar, score }) => !isAsked || (!tooFar && score >= (query.minScore ?? 0)));
  const read = await readRanked(deps, tenant, choicesFor(near, shares, choice));
  const ordered = query.rerank
    ? await rerankMemories(deps.reranker, { query, found: read, share: policy.rerank })
    : read;
  const { countTokens, redis } = deps;
  const diversity = isAsked && limit <= MOST_DIVERSE ? policy.diversity : 0;
  const { picked, left } = pickMemories(ordered, { shares, diversity, maxTokens: query.maxTokens, countTokens });
  // Nobody waits for the marks: this connection's next question comes after them in any case.
  if (isAsked)
    void markRecalled(
      redis,
      tenant,
      picked.map(({ memory }) => memory),
      deps.now(),
    );
  const missed = left.map(({ candidate, reason }) => ({ ...candidate, reason }));
  const terms = asked.map((angle) => angle.terms);
  return { asked, ranked, told: { recalled: picked, missed, terms, byMeaning: isByMeaning(asked) } };
}

function reasonOf({ tooFar, score }: RankedMemory, { minScore = 0 }: RecallQuery): string {
  if (tooFar !== undefined) return tooFar;
  return score < minScore ? `score ${score.toFixed(2)} is below ${minScore}` : 'others scored higher';
}

async function search({ redis, indexes, now }: MemoryDependencies, asking: Asking): Promise<Search> {
  const { tenant, query, limit, policy } = asking;
  const at = now();
  return indexes.searching(tenant, `recall memories of tenant "${tenant}"`, async (index) => {
    // Here, because a question is asked again with another model where the memories have moved to it.
    const asked = await askedAngles(index.embedder, query);
    const context = { angles: asked, vectorType: index.vectorType, now: at, policy };
    if (query.scopes.length === 0) return { asked, ranked: [] };
    if (asked.length === 0) {
      const filter = filterQuery(queryFilter(query, at));
      return { asked, ranked: rankUnasked(await searchNewest(redis, { tenant, filter, count: limit }), context) };
    }
    const first = await searchOnce(redis, { index, asking, context });
    if (!query.shares || !first.full) return { asked, ranked: first.ranked };
    // What one kind has in plenty may have taken all the room; a share that came short of it is asked for by itself.
    const shares = shortShares(first.ranked, query.shares);
    if (shares.length === 0) return { asked, ranked: first.ranked };
    const again = await searchOnce(redis, { index, asking: { ...asking, query: { ...query, shares } }, context });
    const known = new Set(first.ranked.map(({ key }) => key));
    return { asked, ranked: [...first.ranked, ...again.ranked.filter(({ key }) => !known.has(key))].sort(byScore) };
  });
}

/** Searches by every angle. `full`: at least one search found more than it could give. */
async function searchOnce(
  redis: MemoryDependencies['redis'],
  { index, asking, context }: { readonly index: OpenIndex; readonly asking: Asking; readonly context: RankContext },
): Promise<{ readonly ranked: readonly RankedMemory[]; readonly full: boolean }> {
  const { tenant, query, limit, policy } = asking;
  const angles = context.angles.map(({ terms, vector }) => ({
    terms: policy.weights.text > 0 ? terms : [],
    ...(vector ? { vector: encodeVector(vector, index.vectorType) } : {}),
  }));
  const filter = filterQuery(queryFilter(query, context.now));
  const pool = Math.max(SMALLEST_POOL, 4 * limit);
  const findings = await searchAngles(redis, { tenant, index, filter, angles, pool, window: policy.window > 0 });
  const full = findings.some(({ nearest, worded, surrounded }) =>
    [nearest, worded, surrounded].some(({ length }) => length >= pool),
  );
  return { ranked: rankFound(findings, context), full };
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
  const ids = ranked.map(({ key }) => idIn(tenant, key));
  const memories = await readMemories(redis, tenant, ids);
  // One that was forgotten since it was found is not there to be read.
  return ranked.flatMap(({ score, parts }, at) => {
    const memory = memories[at];
    return memory ? [{ memory, score, parts }] : [];
  });
}

function idIn(tenant: string, key: string): string {
  return key.slice(keys.memoryPrefix(tenant).length);
}
