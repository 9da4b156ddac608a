import type { Redis } from 'ioredis';
import { keys } from '../../contracts/keys.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import type { Slice, SliceOptions } from './memory-slice.ts';

const PAGE = 250;
const VISITED_AT_ONCE = 64;
const SEARCH_TIMEOUT_MS = 1_900;

/** Where a walk over the new memories stands: the moment it has come to, and how many of that moment are behind it. */
interface Place {
  readonly from: number;
  readonly offset: number;
}

/** The cursor of a walk over what was written from a moment on. */
export function newCursor(from: number, offset = 0): string {
  return `new:${from}:${offset}`;
}

/** The place that a cursor of {@link newCursor} stands for; `undefined` for one of another walk. */
export function placeIn(cursor: string): Place | undefined {
  const [name, from, offset] = cursor.split(':');
  return name === 'new' ? { from: Number(from), offset: Number(offset) } : undefined;
}

/** Walks a bounded part of the memories written from a moment on, oldest first, by the index. */
export async function walkNew(
  redis: Redis,
  { tenant, most, signal, place }: Omit<SliceOptions, 'cursor'> & { readonly place: Place },
  visit: (ids: readonly string[]) => Promise<void>,
): Promise<Slice> {
  const prefix = keys.memoryPrefix(tenant);
  let at = place;
  let seen = 0;
  for (;;) {
    signal?.throwIfAborted();
    const found = await page(redis, tenant, at);
    for (let from = 0; from < found.length; from += VISITED_AT_ONCE) {
      signal?.throwIfAborted();
      await visit(found.slice(from, from + VISITED_AT_ONCE).map(({ key }) => key.slice(prefix.length)));
    }
    seen += found.length;
    const last = found.at(-1);
    if (!last || found.length < PAGE) return { cursor: '0', seen };
    const together = found.filter(({ created }) => created === last.created).length;
    at = { from: last.created, offset: together + (last.created === at.from ? at.offset : 0) };
    if (seen >= most) return { cursor: newCursor(at.from, at.offset), seen };
  }
}

interface Found {
  readonly key: string;
  readonly created: number;
}

async function page(redis: Redis, tenant: string, { from, offset }: Place): Promise<Found[]> {
  const asked = ['@created:[$from +inf]', 'SORTBY', 'created', 'ASC', 'RETURN', 1, 'created', 'LIMIT', offset, PAGE];
  const values = ['TIMEOUT', SEARCH_TIMEOUT_MS, 'PARAMS', 2, 'from', from, 'DIALECT', 2];
  const reply: unknown = await whileRedis(redis, `walk the new memories of tenant "${tenant}"`, () =>
    redis.call('FT.SEARCH', [keys.memoryIndex(tenant), ...asked, ...values]),
  );
  const rows: unknown[] = Array.isArray(reply) ? reply.slice(1) : [];
  return rows.flatMap((key, at) => {
    const fields = rows[at + 1];
    return at % 2 === 0 && Array.isArray(fields) ? [{ key: String(key), created: Number(fields[1]) }] : [];
  });
}
