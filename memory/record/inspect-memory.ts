import type { Redis } from 'ioredis';
import { keys } from '../../contracts/keys.ts';
import type { ExportedMemory, Memory } from '../../contracts/memory.ts';
import { FIELD, givenContext } from './memory-fields.ts';
import { readMemoryHistory } from './memory-history.ts';
import { whileRedis } from '../redis/redis-failures.ts';

/** A memory with all there is about it. */
export async function inspectMemory(
  redis: Redis,
  tenant: string,
  { memory, now }: { readonly memory: Memory; readonly now: number },
): Promise<ExportedMemory> {
  const [history, context] = await whileRedis(redis, `read memory ${memory.id}`, () =>
    Promise.all([
      readMemoryHistory(redis, tenant, { id: memory.id, now }),
      redis.hget(keys.memory(tenant, memory.id), FIELD.context),
    ]),
  );
  return { memory, history, ...(context === null ? {} : { context: givenContext(context) }) };
}
