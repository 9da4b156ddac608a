import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import type { RecallExplanation, RecallQuery, RecalledMemory } from '../../contracts/memory-query.ts';
import { keys } from '../../contracts/keys.ts';
import { checkQuery } from './check-query.ts';
import { embedUnlessAway } from '../vectors/embed-texts.ts';
import type { MemoryDependencies } from '../memory-dependencies.ts';
import { parseMemory } from '../record/memory-fields.ts';
import type { OpenIndex } from '../search/memory-index.ts';
import { choicesFor, pickMemories, sharesOf, shortShares } from './pick-memories.ts';
import type { Picked } from './pick-memories.ts';
import { byScore, rankFound, rankUnasked } from './rank-memories.ts';
import type { AskedAngle, RankContext, RankedMemory } from './rank-memories.ts';
import { queryFilter } from './recall-filter.ts';
import { markRecalled } from './recalled-marks.ts';
import { rerankMemories } from './rerank-memories.ts';
import { searchAngles, searchNewest } from './search-memories.ts';
import { filterQuery } from '../search/search-query.ts';
import { searchTermsOf } from '../search/search-terms.ts';
import { encodeVector } from '../vectors/vectors.ts';

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
  readonly policy: RankContext['policy'];
}

interface Search {
  readonly asked: readonly AskedAngle[];
  readonly ranked: readonly RankedMemory[];
}

/** Searches the memories of one tenant; see `MemoryStore.recall`. */
export function createRecall(
  deps: MemoryDependencies,
): (tenant: string, query: RecallQuery) => Promise<RecalledMemory[]> {
  return async (tenant, query) => (await recall(deps, tenant, query)).recalled;
}

/** As {@link createRecall}, with the reasons: of what just missed too. */
export function createExplain(
  deps: MemoryDependencies,
): (tenant: string, query: RecallQuery) => Promise<RecallExplanation> {
  return async (tenant, query) => {
    const { recalled, left, asked, ranked } = await recall(deps, tenant, query);
    const looked = new Set([
      ...recalled.map(({ memory }) => memory.id),
      ...left.map(({ candidate }) => idIn(tenant, candidate.key)),
    ]);
    const others = asked.length === 0 ? [] : ranked.filter(({ key }) => !looked.has(idIn(tenant, key)));
    const missed = [
      ...left,
      ...others.slice(0, MOST_MISSED).map((candidate) => ({ candidate, reason: reasonOf(candidate, query) })),
    ];
    return {
      recalled,
      missed: missed
        .slice(0, MOST_MISSED)
        .map(({ candidate, reason }) => ({ ...readWhole(tenant, candidate), reason })),
      terms: asked.map(({ terms }) => terms),
      byMeaning: asked.every(({ vector }) => vector !== undefined),
    };
  };
}

async function recall(
  deps: MemoryDependencies,
  tenant: string,
  query: RecallQuery,
): Promise<Search & { readonly recalled: RecalledMemory[]; readonly left: Picked['left'] }> {
  const limit = checkQuery(query, deps.indexed);
  const policy = { ...deps.policy, ...query.policy };
  const shares = sharesOf(query, limit);
  const { asked, ranked } = await search(deps, { tenant, query, limit, policy });
  const isAsked = asked.length > 0;
  const choice = isAsked && (policy.diversity > 0 || query.rerank || query.maxTokens !== undefined) ? CHOICE : 1;
  const near = ranked.filter(({ tooFar, score }) => !isAsked || (!tooFar && score >= (query.minScore ?? 0)));
  const found = choicesFor(near, shares, choice);
  const ordered = query.rerank ? await rerankMemories(deps.reranker, { query, found, share: policy.rerank }) : found;
  const { countTokens, redis } = deps;
  const diversity = isAsked && limit <= MOST_DIVERSE ? policy.diversity : 0;
  const { picked, left } = pickMemories(ordered, { shares, diversity, maxTokens: query.maxTokens, countTokens });
  const recalled = picked.map((ranking) => readWhole(tenant, ranking));
  // Nobody waits for the marks: this connection's next question comes after them in any case.
  if (isAsked)
    void markRecalled(
      redis,
      tenant,
      recalled.map(({ memory }) => memory),
      deps.now(),
    );
  return { asked, ranked, recalled, left };
}

function reasonOf({ tooFar, score }: RankedMemory, { minScore = 0 }: RecallQuery): string {
  if (tooFar !== undefined) return tooFar;
  return score < minScore ? `score ${score.toFixed(2)} is below ${minScore}` : 'others scored higher';
}

async function search({ redis, indexes, now }: MemoryDependencies, asking: Asking): Promise<Search> {
  const { tenant, query, limit, policy } = asking;
  return indexes.searching(tenant, `recall memories of tenant "${tenant}"`, async (index) => {
    // Here, because a question is asked again with another model where the memories have moved to it.
    const asked = await askedAngles(index.embedder, query);
    const at = now();
    const context = { angles: asked, now: at, policy };
    if (query.scopes.length === 0) return { asked, ranked: [] };
    if (asked.length === 0) {
      const filter = filterQuery(queryFilter(query, at));
      const newest = await searchNewest(redis, { tenant, index, filter, count: limit });
      return { asked, ranked: rankUnasked(newest, context) };
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
  const window = policy.window > 0;
  const { findings, candidates } = await searchAngles(redis, { tenant, index, filter, angles, pool, window });
  const lists = findings.flatMap(({ nearest, worded, surrounded }) => [nearest, worded, surrounded]);
  return { ranked: rankFound(candidates, findings, context), full: lists.some(({ size }) => size >= pool) };
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
    // To a model that does not know a script all texts in it are alike, and nearer than what it knows.
    const vector = embedder.reads?.(angle.text) === false ? undefined : vectors?.[at];
    return { terms: searchTermsOf(angle.text), weight, vector };
  });
}

function readWhole(tenant: string, { key, read, score, parts }: RankedMemory): RecalledMemory {
  const id = idIn(tenant, key);
  return { memory: parseMemory({ tenant, id, key }, read), score, parts };
}

function idIn(tenant: string, key: string): string {
  return key.slice(keys.memoryPrefix(tenant).length);
}
