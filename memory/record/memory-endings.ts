import type { Redis } from 'ioredis';
import { keys, TIME_TO_LIVE } from '../../contracts/keys.ts';
import type { MemoryEndings } from '../../contracts/projection.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import { runPipeline } from '../redis/run-pipeline.ts';
import { parseObject, readStored } from '../redis/stored-entry.ts';

/**
 * A memory that has expired is gone, so a task that sleeps keeps what it is to be told of it. The text stands under a key
 * of the memory's own, which goes with the memory where that is forgotten or erased.
 */
export function createMemoryEndings(redis: Redis): MemoryEndings {
  return {
    async expect(task, memories) {
      if (memories.length === 0) return;
      const key = keys.endings(task);
      await whileRedis(redis, `note what expires while ${task.taskId} sleeps`, async () => {
        const pipeline = redis.pipeline();
        for (const { id, text, expiresAt } of memories) {
          if (expiresAt === undefined) continue;
          const until = Date.parse(expiresAt) + TIME_TO_LIVE.memoryEnding * 1_000;
          pipeline.set(keys.memoryEnding(task.tenant, id), JSON.stringify({ text, expiresAt }), 'PXAT', until);
          pipeline.sadd(key, id);
        }
        await runPipeline(pipeline.expire(key, TIME_TO_LIVE.memoryEnding));
      });
    },
    async ended(task, within) {
      const key = keys.endings(task);
      return whileRedis(redis, `read what expired while ${task.taskId} slept`, async () => {
        const ids = (await redis.smembers(key)).toSorted();
        const found = await Promise.all(ids.map((id) => readEnding(redis, task.tenant, id)));
        const gone = ids.filter((_, at) => found[at] === undefined);
        if (gone.length > 0) await redis.srem(key, ...gone);
        return found.flatMap((ending) => (ending && isTold(ending, within) ? [ending.text] : []));
      });
    },
  };
}

interface Ending {
  readonly text: string;
  readonly expiresAt: number;
  /** It was given another end. */
  readonly lives: boolean;
}

function isTold(
  { expiresAt, lives }: Ending,
  { since, until }: { readonly since: string; readonly until: string },
): boolean {
  return !lives && expiresAt > Date.parse(since) && expiresAt <= Date.parse(until);
}

async function readEnding(redis: Redis, tenant: string, id: string): Promise<Ending | undefined> {
  const key = keys.memoryEnding(tenant, id);
  const [stored, lives] = await Promise.all([redis.get(key), redis.exists(keys.memory(tenant, id))]);
  if (stored === null) return undefined;
  return readStored(key, () => {
    const { text, expiresAt } = parseObject(stored);
    if (typeof text !== 'string' || typeof expiresAt !== 'string') throw new TypeError('not the ending of a memory');
    return { text, expiresAt: Date.parse(expiresAt), lives: lives === 1 };
  });
}
