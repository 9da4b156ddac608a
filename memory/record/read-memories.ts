import type { Redis } from 'ioredis';
import { keys } from '../../contracts/keys.ts';
import type { Memory } from '../../contracts/memory.ts';
import { READ_FIELDS, parseMemory, reading } from './memory-fields.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import { runPipeline } from '../redis/run-pipeline.ts';

/** The memories with these ids, in one round trip; `undefined` where there is none. */
export async function readMemories(
  redis: Redis,
  tenant: string,
  ids: readonly string[],
): Promise<(Memory | undefined)[]> {
  if (ids.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hmget(keys.memory(tenant, id), ...READ_FIELDS);
  const rows = await whileRedis(redis, `read ${ids.length} memories of tenant "${tenant}"`, () =>
    runPipeline(pipeline),
  );
  return ids.map((id, at) => {
    const row = rows[at];
    const values: unknown[] = Array.isArray(row) ? row : [];
    if (values.every((value) => value === null)) return undefined;
    return parseMemory({ tenant, id, key: keys.memory(tenant, id) }, reading(values));
  });
}
