import type { Redis } from 'ioredis';
import { keys } from '../../contracts/keys.ts';
import { whileRedis } from '../redis/redis-failures.ts';

/** Where a walk over a tenant's memories stands; plain, so that a workflow can carry it. */
export interface Slice {
  /** Give it to the next slice; `0` begins, and is given back when the walk is complete. */
  readonly cursor: string;
  readonly seen: number;
}

export interface SliceOptions {
  readonly tenant: string;
  readonly cursor: string;
  /** A slice ends after so many memories. */
  readonly most: number;
  /** Aborted: the slice ends with an error, and is walked again. */
  readonly signal?: AbortSignal;
}

const PAGE = 250;
/** What is asked of Redis for these stands in line together, and each command waits two seconds at the most. */
const VISITED_AT_ONCE = 64;

/**
 * Walks a bounded part of a tenant's memories by their keys, also of those that the index has missed. A memory that is
 * there during the whole walk is visited, perhaps twice; one that is written meanwhile may be missed.
 */
export async function walkSlice(
  redis: Redis,
  { tenant, cursor, most, signal }: SliceOptions,
  visit: (ids: readonly string[]) => Promise<void>,
): Promise<Slice> {
  const prefix = keys.memoryPrefix(tenant);
  let at = cursor;
  let seen = 0;
  do {
    signal?.throwIfAborted();
    const [next, page] = await whileRedis(redis, `walk the memories of tenant "${tenant}"`, () =>
      redis.scan(at, 'MATCH', `${prefix}*`, 'COUNT', PAGE),
    );
    const ids = page.map((key) => key.slice(prefix.length));
    for (let from = 0; from < ids.length; from += VISITED_AT_ONCE) {
      signal?.throwIfAborted();
      await visit(ids.slice(from, from + VISITED_AT_ONCE));
    }
    seen += page.length;
    at = next;
  } while (at !== '0' && seen < most);
  return { cursor: at, seen };
}
