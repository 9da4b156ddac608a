import type { ScopeRef } from '../contracts/memory.ts';
import { memoryScopes } from '../contracts/memory.ts';
import { keys } from '../contracts/keys.ts';
import { connectRedis, whileRedis } from '../memory/index.ts';

/** Every scope in which a tenant has memories; `undefined` where it has no memories at all. */
export async function scopesInUse(redisUrl: string, tenant: string): Promise<ScopeRef[] | undefined> {
  const redis = connectRedis({ url: redisUrl });
  try {
    return await whileRedis(redis, `look for the memories of tenant "${tenant}"`, async () => {
      // Asked before anything is recalled: a recall creates the index and binds it to this embedding model.
      if ((await redis.exists(keys.memoryMeta(tenant))) === 0) return undefined;
      const tags: unknown = await redis
        .call('FT.TAGVALS', keys.memoryIndex(tenant), 'scope')
        .catch((error: unknown) => {
          if (error instanceof Error && error.name === 'ReplyError') return [];
          throw error;
        });
      return Array.isArray(tags) ? tags.flatMap((tag) => scopeOf(String(tag))) : [];
    });
  } finally {
    redis.disconnect();
  }
}

/** A scope tag taken apart at its first colon; ids may hold more of them. */
function scopeOf(tag: string): ScopeRef[] {
  const at = tag.indexOf(':');
  const scope = memoryScopes.find((name) => name === tag.slice(0, at));
  return scope === undefined ? [] : [{ scope, id: tag.slice(at + 1) }];
}
