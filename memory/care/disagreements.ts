import type { Redis } from 'ioredis';
import * as z from 'zod';
import { keys } from '../../contracts/keys.ts';
import type { Memory } from '../../contracts/memory.ts';
import { readMemories } from '../record/read-memories.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import { filterQuery, parameterArguments } from '../search/search-query.ts';
import { CARE_ACTOR } from './care-actor.ts';
import { CLOSE_FOR } from './care-scripts.ts';
import { readUses } from './memory-uses.ts';
import { touchedBy } from './touched-by.ts';

const MOST_LISTED = 100;
const dataSchema = z.object({ memories: z.tuple([z.string(), z.string()]) });

/** The disagreements that wait for a person, the newest first. */
export async function openDisagreements(redis: Redis, tenant: string): Promise<Memory[]> {
  const query = filterQuery({ kinds: ['disagreement'], openEnded: true });
  const page = ['NOCONTENT', 'SORTBY', 'created', 'DESC', 'LIMIT', 0, MOST_LISTED, ...parameterArguments(query)];
  const reply: unknown = await whileRedis(redis, `list the disagreements of tenant "${tenant}"`, () =>
    redis.call('FT.SEARCH', [keys.memoryIndex(tenant), query.text, ...page]),
  );
  const found: unknown[] = Array.isArray(reply) ? reply.slice(1) : [];
  const ids = found.map((key) => String(key).slice(keys.memoryPrefix(tenant).length));
  return (await readMemories(redis, tenant, ids)).filter((memory) => memory !== undefined);
}

/** Closes a disagreement, recorded here, of which a side no longer holds. Says whether it did. */
export async function closeIfDecided(redis: Redis, memory: Memory, now: number): Promise<boolean> {
  const { id, tenant, kind, data, validTo } = memory;
  const sides = dataSchema.safeParse(data).data?.memories;
  if (kind !== 'disagreement' || validTo !== undefined || !sides) return false;
  const read = await readMemories(redis, tenant, sides);
  if (read.every((side) => side !== undefined && side.validTo === undefined)) return false;
  const [use] = await readUses(redis, tenant, [id]);
  const reason = 'one of the two memories no longer holds';
  const told = [id, keys.memorySlots(tenant, ''), now, JSON.stringify(CARE_ACTOR), reason, use?.stored ?? '', ''];
  return (await redis.eval(CLOSE_FOR, 3, ...touchedBy(tenant, id), ...told)) === 1;
}
