import type { Redis } from 'ioredis';
import * as z from 'zod';
import { TIME_TO_LIVE, keys } from '../../contracts/keys.ts';
import type { CarePolicy } from '../../contracts/memory-care.ts';
import type { MemoryIndex } from '../search/memory-index.ts';

/** What a review has compared: everything written before it began, in this way. */
const markerSchema = z.object({
  at: z.number(),
  /** Without the model, pairs that only it can judge were left. */
  useModel: z.boolean(),
  nearWithin: z.number(),
  /** Of the vectors that were compared. */
  generation: z.number(),
});
type Marker = z.infer<typeof markerSchema>;

/** So far the clock of who wrote may be behind that of who reviewed. */
const CLOCKS_APART_MS = 60_000;

/** A review begins: from when on memories are new to it; `undefined` where it has to look at all. */
export async function beginReview(
  redis: Redis,
  {
    tenant,
    index,
    now,
    policy,
  }: { readonly tenant: string; readonly index: MemoryIndex; readonly now: number; readonly policy: CarePolicy },
): Promise<number | undefined> {
  const key = keys.memoryReview(tenant);
  const marker: Marker = {
    at: now,
    useModel: policy.useModel,
    nearWithin: policy.review.nearWithin,
    generation: index.current.generation,
  };
  const done = await redis.hget(key, 'done');
  await redis.hset(key, 'next', JSON.stringify(marker));
  await redis.expire(key, TIME_TO_LIVE.memoryCare);
  const earlier = done === null ? undefined : markerSchema.safeParse(JSON.parse(done)).data;
  return earlier && covers(earlier, marker) ? earlier.at - CLOCKS_APART_MS : undefined;
}

function covers(earlier: Marker, present: Marker): boolean {
  const asked = earlier.useModel || !present.useModel;
  return asked && earlier.nearWithin >= present.nearWithin && earlier.generation === present.generation;
}

/** KEYS reviews. */
const END = `
local next = redis.call('HGET', KEYS[1], 'next')
if not next then return 0 end
redis.call('HSET', KEYS[1], 'done', next)
return redis.call('HDEL', KEYS[1], 'next')
`;

/** A review has settled all it found: the next one begins where this one did, unless something came in sideways since. */
export async function endReview(redis: Redis, tenant: string): Promise<void> {
  await redis.eval(END, 1, keys.memoryReview(tenant));
}

/** Memories have come, or can be compared, that are older than they look: the next review looks at all. */
export async function reviewAnew(redis: Redis, tenant: string): Promise<void> {
  await redis.del(keys.memoryReview(tenant));
}
