import type { Redis } from 'ioredis';
import type { EmbeddingModel } from '../contracts/embedding-model.ts';
import { checkTenant } from './check-memory.ts';
import { openMemoryIndex } from './memory-index.ts';
import type { MemoryIndex } from './memory-index.ts';
import { whileRedis } from './redis-failures.ts';

/** The indexes of the tenants this process has met, each opened once. */
export interface TenantIndexes {
  /** @throws RangeError, ApplicationFailure `MemoryUnavailable`, `MemoryIndexMismatch` */
  open(tenant: string): Promise<MemoryIndex>;
  /** Opens it anew: it may have gone with Redis's data, or the tenant's memories may have moved to another model. */
  reopen(tenant: string): Promise<MemoryIndex>;
  /** Runs a search; one that Redis refuses runs once more after the index was seen to. `task` completes "Cannot …". */
  searching<Result>(tenant: string, task: string, search: () => Promise<Result>): Promise<Result>;
}

/** Opens indexes lazily; an attempt that failed is not remembered. */
export function createTenantIndexes(redis: Redis, embedder: EmbeddingModel): TenantIndexes {
  const opened = new Map<string, Promise<MemoryIndex>>();
  const open = (tenant: string): Promise<MemoryIndex> => {
    checkTenant(tenant);
    const present = opened.get(tenant);
    if (present) return present;
    const opening = whileRedis(redis, `open the memories of tenant "${tenant}"`, () =>
      openMemoryIndex(redis, { tenant, embedder }),
    );
    opened.set(tenant, opening);
    opening.catch(() => opened.delete(tenant));
    return opening;
  };
  const reopen = async (tenant: string): Promise<MemoryIndex> => {
    opened.delete(tenant);
    return open(tenant);
  };
  return {
    open: async (tenant) => open(tenant),
    reopen,
    searching: async (tenant, task, search) =>
      whileRedis(redis, task, async () => {
        await open(tenant);
        try {
          return await search();
        } catch (error) {
          // Which of its errors means a missing index, only the wording tells, and that differs between versions.
          if (!(error instanceof Error) || error.name !== 'ReplyError') throw error;
          await reopen(tenant);
          return search();
        }
      }),
  };
}
