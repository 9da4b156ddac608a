import type { Redis } from 'ioredis';
import { keys } from '../../contracts/keys.ts';

export const DAY_MS = 86_400_000;

/** How often a memory was recalled: days on which it was, so that a task that asks every turn counts once a day. */
export interface MemoryUse {
  readonly count: number;
  /** Milliseconds since 1970, to the day. */
  readonly last: number;
  /** As it is stored; empty where it never was. */
  readonly stored: string;
}

/** The uses of memories, in the order of their ids. */
export async function readUses(redis: Redis, tenant: string, ids: readonly string[]): Promise<MemoryUse[]> {
  if (ids.length === 0) return [];
  const rows = await redis.hmget(keys.memoryUses(tenant), ...ids);
  return rows.map((row) => {
    const [count, day] = (row ?? '0 0').split(' ').map(Number);
    return { count: count || 0, last: (day || 0) * DAY_MS, stored: row ?? '' };
  });
}
