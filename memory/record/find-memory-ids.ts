import type { Redis } from 'ioredis';
import { keys } from '../../contracts/keys.ts';
import { parameterArguments } from '../search/search-query.ts';
import type { SearchQuery } from '../search/search-query.ts';

const PAGE = 500;

/** The ids of the first memories that a query finds; the caller changes them so that they leave its result. */
export async function findMemoryIds(redis: Redis, tenant: string, found: SearchQuery): Promise<string[]> {
  const page = ['NOCONTENT', 'LIMIT', 0, PAGE, ...parameterArguments(found)];
  const reply: unknown = await redis.call('FT.SEARCH', [keys.memoryIndex(tenant), found.text, ...page]);
  const documents: unknown[] = Array.isArray(reply) ? reply.slice(1) : [];
  return documents.map((key) => String(key).slice(keys.memoryPrefix(tenant).length));
}
