import type { Redis } from 'ioredis';
import { keys } from '../contracts/keys.ts';
import { findMemoryIds } from './find-memory-ids.ts';
import { FIELD, parseScope } from './memory-fields.ts';
import { OLD_READ_TAGS, renewedTags } from './memory-tags.ts';

/** Only if the tags still are as they were read. KEYS memory. ARGV tags as read, tags as they are to be. */
const RENEW = `
if redis.call('HGET', KEYS[1], '${FIELD.tags}') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], '${FIELD.tags}', ARGV[2])
return 1
`;

/** Records whose tags are of an earlier layout; until they are renewed, no question finds them. */
const OLD = {
  text: `@tags:{$shared | ${OLD_READ_TAGS.privateTo.replace(':', '\\:')}*}`,
  parameters: [['shared', OLD_READ_TAGS.shared]],
} as const;

/**
 * Gives records of an earlier layout today's tags; nothing where there are none. Each is recognised by what it holds, so
 * that also one which an older worker writes later is renewed when the next process opens the tenant.
 */
export async function renewTags(redis: Redis, tenant: string): Promise<void> {
  for (
    let ids = await findMemoryIds(redis, tenant, OLD);
    ids.length > 0;
    ids = await findMemoryIds(redis, tenant, OLD)
  ) {
    const renewed = await Promise.all(ids.map((id) => renewOne(redis, keys.memory(tenant, id))));
    // What cannot be renewed would be found for ever; the health of the index tells of it.
    if (!renewed.includes(true)) return;
  }
}

async function renewOne(redis: Redis, key: string): Promise<boolean> {
  const [scope, tags] = await redis.hmget(key, FIELD.scope, FIELD.tags);
  if (scope == null || tags == null) return false;
  return (await redis.eval(RENEW, 1, key, tags, renewedTags(parseScope(scope), tags))) === 1;
}
