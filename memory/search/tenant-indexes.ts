import type { Redis } from 'ioredis';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import { checkTenant } from '../record/check-memory.ts';
import { openMemoryIndex } from './memory-index.ts';
import type { OpenIndex, VectorStorage } from './memory-index.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import { requireDatabase } from '../redis/redis-fitness.ts';
import type { ServerClock } from '../redis/server-clock.ts';

/** The indexes of the tenants this process has met, each opened once. */
export interface TenantIndexes {
  /** @throws RangeError, ApplicationFailure `MemoryUnavailable`, `MemoryIndexMismatch` */
  open(tenant: string): Promise<OpenIndex>;
  /** Opens it anew: it may have gone with Redis's data, or the tenant's memories may have moved to another model. */
  reopen(tenant: string): Promise<OpenIndex>;
  /**
   * Runs a search; one that Redis refuses, or that looked at an index as it was ({@link MovedError}), runs once more
   * after the index was seen to. `task` completes "Cannot …".
   */
  searching<Result>(tenant: string, task: string, search: (index: OpenIndex) => Promise<Result>): Promise<Result>;
}

/** A search has found that the tenant's memories have moved on since its index was opened. */
export class MovedError extends Error {
  override readonly name = 'MovedError';
}

/** Opens indexes lazily; an attempt that failed is not remembered. A new tenant gets the first of the models. */
export function createTenantIndexes(
  redis: Redis,
  embedders: readonly EmbeddingModel[],
  { vectors, clock }: { readonly vectors?: VectorStorage | undefined; readonly clock?: ServerClock } = {},
): TenantIndexes {
  const opened = new Map<string, Promise<OpenIndex>>();
  const open = (tenant: string): Promise<OpenIndex> => {
    checkTenant(tenant);
    requireDatabase(redis);
    const present = opened.get(tenant);
    if (present) return present;
    const task = `open the memories of tenant "${tenant}"`;
    const opening = whileRedis(redis, task, () => openMemoryIndex(redis, { tenant, embedders, vectors }));
    opened.set(tenant, opening);
    opening.catch(() => opened.delete(tenant));
    return opening;
  };
  const reopen = async (tenant: string): Promise<OpenIndex> => {
    opened.delete(tenant);
    return open(tenant);
  };
  return {
    open: async (tenant) => {
      const index = await open(tenant);
      await whileRedis(redis, 'read its clock', async () => clock?.read());
      return index;
    },
    reopen,
    searching: async (tenant, task, search) =>
      whileRedis(redis, task, async () => {
        const [index] = await Promise.all([open(tenant), clock?.read()]);
        try {
          return await search(index);
        } catch (error) {
          // Which of its errors means a missing index, only the wording tells, and that differs between versions.
          if (!(error instanceof Error) || !['ReplyError', 'MovedError'].includes(error.name)) throw error;
          return search(await reopen(tenant));
        }
      }),
  };
}
