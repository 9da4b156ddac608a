import type { Redis } from 'ioredis';
import { keys } from '../../contracts/keys.ts';
import type { CarePolicy, CareSlice, ConflictPair } from '../../contracts/memory-care.ts';
import type { Memory } from '../../contracts/memory.ts';
import { meaningDigest } from '../record/meaning.ts';
import type { MemoryIndex } from '../search/memory-index.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import { scopeTag } from '../record/memory-tags.ts';
import { filterQuery, nearestQuery, parameterArguments } from '../search/search-query.ts';
import { parseDistances } from '../search/search-reply.ts';
import { vectorFields } from '../vectors/vector-space.ts';
import { contradictByWords } from './contradict.ts';
import { closeIfDecided, openDisagreements } from './disagreements.ts';
import { readWhole } from './read-whole.ts';
import { walkSlice } from './memory-slice.ts';
import type { Slice, SliceOptions } from './memory-slice.ts';
import { placeIn, walkNew } from './new-slice.ts';
import { beginReview } from './review-marker.ts';

const NEIGHBOURS = 5;
/** What cannot be contradicted: it tells what happened, or is a contradiction itself. */
const UNDISPUTED: ReadonlySet<Memory['kind']> = new Set([
  'episode',
  'summary',
  'progress',
  'state',
  'passage',
  'disagreement',
]);

interface ReviewOptions extends SliceOptions {
  readonly index: MemoryIndex;
  readonly now: number;
  readonly policy: CarePolicy;
}

/**
 * Pairs of open memories that may contradict each other: of one slot, or near each other and saying something else. Only
 * what has come since the last review is compared with what there is; the first review, and one that compares in another
 * way, looks at all.
 */
export async function findConflicts(
  redis: Redis,
  options: ReviewOptions,
): Promise<CareSlice & { readonly pairs: readonly ConflictPair[] }> {
  const { tenant } = options;
  const found = new Map<string, ConflictPair>();
  const walked = await walkReviewed(redis, options, async (ids) => {
    const open = (await readWhole(redis, tenant, ids))
      .filter((memory) => memory !== undefined)
      .filter(({ validTo, kind }) => validTo === undefined && !UNDISPUTED.has(kind));
    await whileRedis(redis, `review the memories of tenant "${tenant}"`, async () => {
      const pairs = await Promise.all(
        open.map(async (memory) => [
          ...(await sharingSlot(redis, memory)),
          ...(await near(redis, { ...options, memory })),
        ]),
      );
      for (const pair of pairs.flat()) found.set(`${pair.one} ${pair.other}`, pair);
    });
  });
  const decided = options.cursor === '0' ? await closeDecided(redis, options) : 0;
  return { ...walked, counts: { 'disagreements closed': decided }, notes: [], pairs: [...found.values()] };
}

/** Walks what this review has to look at. */
async function walkReviewed(
  redis: Redis,
  { index, now, policy, ...slice }: ReviewOptions,
  visit: (ids: readonly string[]) => Promise<void>,
): Promise<Slice> {
  const { tenant, cursor } = slice;
  const since =
    cursor === '0'
      ? await whileRedis(redis, `begin a review of tenant "${tenant}"`, () =>
          beginReview(redis, { tenant, index, now, policy }),
        )
      : undefined;
  const place = since === undefined ? placeIn(cursor) : { from: since, offset: 0 };
  return place ? walkNew(redis, { ...slice, place }, visit) : walkSlice(redis, slice, visit);
}

/** Disagreements of which a side no longer holds, whenever they were recorded. */
async function closeDecided(redis: Redis, { tenant, now }: ReviewOptions): Promise<number> {
  let closed = 0;
  for (const memory of await openDisagreements(redis, tenant)) {
    if (await closeIfDecided(redis, memory, now)) closed += 1;
  }
  return closed;
}

/** Another current value of its slot; an import can bring one. */
async function sharingSlot(redis: Redis, { id, tenant, scope, kind, slot }: Memory): Promise<ConflictPair[]> {
  if (slot === undefined) return [];
  const held = await redis.hget(keys.memorySlots(tenant, scopeTag(scope)), `${kind}|${slot}`);
  const other = held?.slice(held.indexOf(' ') + 1);
  return other === undefined || other === id ? [] : [paired(id, other, 'slot')];
}

async function near(
  redis: Redis,
  { memory, index, now, policy: { review } }: ReviewOptions & { readonly memory: Memory },
): Promise<ConflictPair[]> {
  const { id, tenant, scope, kind, subject, owner, visibility, slot } = memory;
  const { vector: field, attribute } = vectorFields(index.current);
  const vector = await redis.hgetBuffer(keys.memory(tenant, id), field);
  if (!vector) return [];
  const audience = visibility === 'private' && owner !== undefined ? { privateTo: owner } : 'shared';
  const filter = filterQuery({ scopes: [scope], kinds: [kind], subject, audience, openAt: now });
  const query = nearestQuery(filter, vector, NEIGHBOURS, { narrow: true, attribute });
  const asked = [keys.memoryIndex(tenant), query.text, 'RETURN', 1, 'distance', ...parameterArguments(query)];
  const found = parseDistances(await redis.call('FT.SEARCH', asked));
  const close = [...found]
    .filter(([, similarity]) => 1 - similarity <= review.nearWithin)
    .map(([key]) => key.slice(keys.memoryPrefix(tenant).length))
    .filter((other) => other !== id);
  const others = (await readWhole(redis, tenant, close)).filter((other) => other !== undefined);
  return others
    .filter((other) => !(slot !== undefined && other.slot !== undefined && slot !== other.slot))
    .filter((other) => meaningDigest(other.text) !== meaningDigest(memory.text))
    .map((other) => paired(id, other.id, contradictByWords(memory.text, other.text) ? 'words' : 'near'));
}

function paired(id: string, other: string, by: ConflictPair['by']): ConflictPair {
  return id < other ? { one: id, other, by } : { one: other, other: id, by };
}
