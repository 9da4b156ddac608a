import type { Redis } from 'ioredis';
import { keys } from '../../contracts/keys.ts';
import { addressOf, connectRedis, modulesOf, redisFaults, whileRedis } from '../../memory/index.ts';
import { asMap } from '../../memory/redis/reply-map.ts';
import type { Check } from './check.ts';
import { missing, ok, reasonOf, warning } from './check.ts';

const PART = 'Redis';
const SETTINGS = 'Redis settings';
const MEMORIES = 'Memories';

/** The embedding model that a tenant's memories were written with, where there are any. */
export interface MemoryFacts {
  readonly model: string;
  readonly dimensions: number;
}

export interface RedisChecks {
  readonly checks: readonly Check[];
  readonly memories?: MemoryFacts;
}

/** Server, modules, and the state of a tenant's memory index. */
export async function checkRedis(redisUrl: string | undefined, tenant: string): Promise<RedisChecks> {
  if (redisUrl === undefined) {
    return { checks: [missing(PART, 'not found', 'waymark up, or set REDIS_URL to a Redis 8 that runs')] };
  }
  const redis = connectRedis({ url: redisUrl });
  try {
    return await whileRedis(redis, 'look at Redis', () => checkServer(redis, tenant));
  } catch (error) {
    return { checks: [missing(PART, reasonOf(error), 'start it, or set REDIS_URL to one that runs')] };
  } finally {
    redis.disconnect();
  }
}

async function checkServer(redis: Redis, tenant: string): Promise<RedisChecks> {
  const [version, modules, faults] = await Promise.all([versionOf(redis), modulesOf(redis), redisFaults(redis)]);
  const server = `${addressOf(redis)}, version ${version}`;
  const unfit = faults.filter(({ kind }) => kind === 'unfit');
  if (unfit.length > 0) return { checks: unfit.map(({ says, mend }) => missing(PART, `${server}: ${says}`, mend)) };
  const known = [...(modules ?? [])].map(([name, number]) => `${name} ${number}`).join(', ');
  const index = await checkIndex(redis, tenant);
  const risks = faults.map(({ says, mend }) => warning(SETTINGS, says, mend));
  return {
    ...index,
    checks: [ok(PART, `${server}${known === '' ? '' : `, modules ${known}`}`), ...risks, ...index.checks],
  };
}

/** A server may not let its user ask. */
async function versionOf(redis: Redis): Promise<string> {
  const about = await redis.info('server').catch((error: unknown) => {
    if (error instanceof Error && error.name === 'ReplyError') return '';
    throw error;
  });
  return /redis_version:(\S+)/u.exec(about)?.[1] ?? 'unknown';
}

async function checkIndex(redis: Redis, tenant: string): Promise<RedisChecks> {
  const [model, dimensions] = await redis.hmget(keys.memoryMeta(tenant), 'model', 'dimensions');
  if (model == null)
    return { checks: [ok(MEMORIES, `none yet of tenant "${tenant}"; the index comes with the first one`)] };
  const memories = { model, dimensions: Number(dimensions) };
  const info = await indexInfo(redis, tenant);
  if (!info) {
    const mend = 'waymark worker: the first task that uses a memory creates it again';
    return { memories, checks: [warning(MEMORIES, `tenant "${tenant}" has lost its index`, mend)] };
  }
  const count = Number(info.get('num_docs') ?? 0);
  const failures = Number(info.get('hash_indexing_failures') ?? 0);
  const says = `${count} of tenant "${tenant}", embedded with ${model} (${memories.dimensions} dimensions)`;
  if (failures === 0) return { memories, checks: [ok(MEMORIES, says)] };
  const mend = `redis-cli FT.INFO '${keys.memoryIndex(tenant)}' names the field and the key`;
  return { memories, checks: [warning(MEMORIES, `${says}; ${failures} could not be indexed and are not found`, mend)] };
}

async function indexInfo(redis: Redis, tenant: string): Promise<Map<unknown, unknown> | undefined> {
  const reply: unknown = await redis.call('FT.INFO', keys.memoryIndex(tenant)).catch((error: unknown) => {
    // How a missing index is worded differs between versions of the module.
    if (error instanceof Error && error.name === 'ReplyError') return undefined;
    throw error;
  });
  return reply === undefined ? undefined : asMap(reply);
}
