import type { Redis } from 'ioredis';
import { keys } from '../../contracts/keys.ts';
import type { CarePolicy, CareSlice, ConflictPair } from '../../contracts/memory-care.ts';
import type { Memory } from '../../contracts/memory.ts';
import { meaningDigest } from '../meaning.ts';
import type { MemoryIndex } from '../memory-index.ts';
import { whileRedis } from '../redis-failures.ts';
import { scopeTag } from '../memory-tags.ts';
import { filterQuery, nearestQuery, parameterArguments } from '../search-query.ts';
import { parseDistances } from '../search-reply.ts';
import { vectorFields } from '../vector-space.ts';
import { contradictByWords } from './contradict.ts';
import { closeIfDecided } from './disagreements.ts';
import { readWhole } from './read-whole.ts';
import { walkSlice } from './memory-slice.ts';
import type { SliceOptions } from './memory-slice.ts';

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

/** Pairs of open memories that may contradict each other: of one slot, or near each other and saying something else. */
export async function findConflicts(
  redis: Redis,
  {
    index,
    now,
    policy,
    ...slice
  }: SliceOptions & { readonly index: MemoryIndex; readonly now: number; readonly policy: CarePolicy['review'] },
): Promise<CareSlice & { readonly pairs: readonly ConflictPair[] }> {
  const { tenant } = slice;
  const found = new Map<string, ConflictPair>();
  let decided = 0;
  const walked = await walkSlice(redis, slice, async (ids) => {
    const open = (await readWhole(redis, tenant, ids))
      .filter((memory) => memory !== undefined)
      .filter(({ validTo }) => validTo === undefined);
    const disputed = open.filter(({ kind }) => !UNDISPUTED.has(kind));
    await whileRedis(redis, `review the memories of tenant "${tenant}"`, async () => {
      const pairs = await Promise.all(
        disputed.map(async (memory) => [
          ...(await sharingSlot(redis, memory)),
          ...(await near(redis, { memory, index, now, policy })),
        ]),
      );
      for (const memory of open) if (await closeIfDecided(redis, memory, now)) decided += 1;
      for (const pair of pairs.flat()) found.set(`${pair.one} ${pair.other}`, pair);
    });
  });
  return { ...walked, counts: { 'disagreements closed': decided }, notes: [], pairs: [...found.values()] };
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
  options: {
    readonly memory: Memory;
    readonly index: MemoryIndex;
    readonly now: number;
    readonly policy: CarePolicy['review'];
  },
): Promise<ConflictPair[]> {
  const { memory, index, now, policy } = options;
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
    .filter(([, similarity]) => 1 - similarity <= policy.nearWithin)
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
