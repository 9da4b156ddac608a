import type { ChainableCommander, Redis } from 'ioredis';
import { TIME_TO_LIVE, keys } from '../../contracts/keys.ts';
import { USED } from './care-scripts.ts';

const DAY_MS = 86_400_000;

/** How often a memory was recalled: days on which it was, so that a task that asks every turn counts once a day. */
export interface MemoryUse {
  readonly count: number;
  /** Milliseconds since 1970, to the day. */
  readonly last: number;
  /** As it is stored; empty where it never was. */
  readonly stored: string;
}

/** Adds to a pipeline that these memories were recalled. */
export function noteUses(
  pipeline: ChainableCommander,
  { tenant, ids, now }: { readonly tenant: string; readonly ids: readonly string[]; readonly now: number },
): void {
  if (ids.length === 0) return;
  pipeline.eval(USED, 1, keys.memoryUses(tenant), Math.floor(now / DAY_MS), TIME_TO_LIVE.memoryUses, ...ids);
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
