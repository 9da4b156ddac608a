import type { Redis } from 'ioredis';
import type { ScopeRef } from '../../contracts/memory.ts';
import { memoryScopes } from '../../contracts/memory.ts';
import { keys } from '../../contracts/keys.ts';
import { whileRedis } from '../../memory/index.ts';

/** Every scope in which a tenant has memories; none where it has no memories at all. */
export async function scopesInUse(redis: Redis, tenant: string): Promise<ScopeRef[]> {
  return whileRedis(redis, `look for the memories of tenant "${tenant}"`, async () => {
    const tags: unknown = await redis.call('FT.TAGVALS', keys.memoryIndex(tenant), 'scope').catch((error: unknown) => {
      if (error instanceof Error && error.name === 'ReplyError') return [];
      throw error;
    });
    return Array.isArray(tags) ? tags.flatMap((tag) => scopeOf(String(tag))) : [];
  });
}

/** A scope tag taken apart at its first colon; ids may hold more of them. */
function scopeOf(tag: string): ScopeRef[] {
  const at = tag.indexOf(':');
  const scope = memoryScopes.find((name) => name === tag.slice(0, at));
  return scope === undefined ? [] : [{ scope, id: tag.slice(at + 1) }];
}
