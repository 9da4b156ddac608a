import type { Redis } from 'ioredis';
import { keys } from '../contracts/keys.ts';
import type { Memory } from '../contracts/memory.ts';
import { READ_FIELDS, parseMemory } from './memory-fields.ts';
import { whileRedis } from './redis-failures.ts';

/** The memories with these ids, in one round trip; `undefined` where there is none. */
export async function readMemories(
  redis: Redis,
  tenant: string,
  ids: readonly string[],
): Promise<(Memory | undefined)[]> {
  const rows = await whileRedis(redis, `read ${ids.length} memories of tenant "${tenant}"`, () =>
    Promise.all(ids.map((id) => redis.hmget(keys.memory(tenant, id), ...READ_FIELDS))),
  );
  return ids.map((id, at) => {
    const values = rows[at] ?? [];
    if (values.every((value) => value === null)) return undefined;
    const address = { tenant, id, key: keys.memory(tenant, id) };
    return parseMemory(address, (field) => values[READ_FIELDS.indexOf(field)] ?? undefined);
  });
}
