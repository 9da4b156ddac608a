import type { Redis } from 'ioredis';
import * as z from 'zod';
import { TIME_TO_LIVE, keys } from '../../contracts/keys.ts';
import type { Drop, DroppedMemory } from '../../contracts/memory.ts';
import { dropRules, memoryKinds, memoryScopes } from '../../contracts/memory.ts';
import { runPipeline } from '../redis/run-pipeline.ts';
import { readStored } from '../redis/stored-entry.ts';

const MOST_DROPS = 2_000;
/** Longest text of a drop that is told, in characters. */
export const LONGEST_DROP = 300;
const FIELD = 'drop';

const dropSchema = z.object({
  at: z.string(),
  text: z.string(),
  kind: z.enum(memoryKinds),
  scope: z.object({ scope: z.enum(memoryScopes), id: z.string() }),
  subject: z.string().exactOptional(),
  rule: z.enum(dropRules).catch('other'),
  reason: z.string(),
});

/** Keeps for a day what was dropped, and why. */
export async function noteDrops(
  redis: Redis,
  tenant: string,
  { drops, at }: { readonly drops: readonly Drop[]; readonly at: number },
): Promise<void> {
  if (drops.length === 0) return;
  const key = keys.memoryDrops(tenant);
  const pipeline = redis.pipeline();
  for (const { text, ...drop } of drops) {
    const told: DroppedMemory = { at: new Date(at).toISOString(), text: text.slice(0, LONGEST_DROP), ...drop };
    pipeline.xadd(key, 'MAXLEN', '~', MOST_DROPS, '*', FIELD, JSON.stringify(told));
  }
  await runPipeline(pipeline.expire(key, TIME_TO_LIVE.memoryDrops));
}

/** What was dropped in the last day, newest first. */
export async function readDrops(redis: Redis, tenant: string): Promise<(DroppedMemory & { readonly entry: string })[]> {
  const key = keys.memoryDrops(tenant);
  const since = Date.now() - TIME_TO_LIVE.memoryDrops * 1_000;
  const entries = await redis.xrevrange(key, '+', String(since));
  return entries.map(([entry, fields]) => {
    const text = fields[fields.indexOf(FIELD) + 1] ?? '';
    return { ...readStored(key, () => dropSchema.parse(JSON.parse(text))), entry };
  });
}
