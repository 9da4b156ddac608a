import type { Redis } from 'ioredis';
import { keys } from '../../contracts/keys.ts';

const PAGE = 500;

/**
 * The ids of every memory of a tenant, from the keys themselves: also those that the index has missed. A memory may be
 * written or deleted meanwhile; each id comes once.
 */
export async function* memoryIds(redis: Redis, tenant: string): AsyncGenerator<string[]> {
  const prefix = keys.memoryPrefix(tenant);
  const seen = new Set<string>();
  for await (const page of keysWith(redis, prefix)) {
    const fresh = page.map((key) => key.slice(prefix.length)).filter((id) => !seen.has(id));
    for (const id of fresh) seen.add(id);
    if (fresh.length > 0) yield fresh;
  }
}

/** The keys that begin so, in pages; one may come twice. No id and no prefix of ours holds a wildcard. */
export async function* keysWith(redis: Redis, prefix: string): AsyncGenerator<string[]> {
  let cursor = '0';
  do {
    const [next, page] = await redis.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', PAGE);
    cursor = next;
    if (page.length > 0) yield page;
  } while (cursor !== '0');
}
