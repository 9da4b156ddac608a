import type { Redis } from 'ioredis';
import { keys } from '../../contracts/keys.ts';
import type { CareSlice } from '../../contracts/memory-care.ts';
import { readIndexStats } from '../search/index-info.ts';
import { keysWith } from '../record/list-memories.ts';
import { FIELD } from '../record/memory-fields.ts';
import type { MemoryIndex } from '../search/memory-index.ts';
import { modelsOf } from '../record/memory-meta.ts';
import { tagOf } from '../record/memory-tags.ts';
import { readMemories } from '../record/read-memories.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import { isUnreadable } from '../redis/stored-entry.ts';
import { vectorFields } from '../vectors/vector-space.ts';
import { FREE_SLOT, UNEMBED } from './care-scripts.ts';
import { counting } from './counting.ts';
import { walkSlice } from './memory-slice.ts';
import type { SliceOptions } from './memory-slice.ts';

const BYTES = { FLOAT16: 2, FLOAT32: 4 } as const;

/**
 * Looks for memories that recall cannot find as it should: not in the index, without a vector and not marked so, with a
 * vector of a wrong length or of a model that is not the tenant's, or unreadable. Those whose vector is at fault lose it,
 * and are embedded anew; the rest is reported.
 */
export async function healthSlice(
  redis: Redis,
  { index, ...slice }: SliceOptions & { readonly index: MemoryIndex },
): Promise<CareSlice> {
  const { tenant } = slice;
  const { counts, notes, count, note } = counting('unindexed', 'wrong vector', 'without vector', 'unreadable');
  const walked = await walkSlice(redis, slice, async (ids) => {
    await whileRedis(redis, `look after the index of tenant "${tenant}"`, async () => {
      const indexed = await indexedAmong(redis, tenant, ids);
      await Promise.all(
        ids.map(async (id) => {
          const fault = await faultOf(redis, { tenant, id, index });
          if (fault === 'gone') return;
          if (fault) {
            count(fault.kind);
            note({ id, reason: fault.reason });
          } else if (!indexed.has(id) && (await stillUnindexed(redis, tenant, id))) {
            count('unindexed');
            note({ id, reason: 'it is not in the search index, though its vectors are as they should be' });
          }
        }),
      );
    });
  });
  return { ...walked, counts, notes };
}

interface Fault {
  readonly kind: 'wrong vector' | 'without vector' | 'unreadable';
  readonly reason: string;
}

async function faultOf(
  redis: Redis,
  { tenant, id, index }: { readonly tenant: string; readonly id: string; readonly index: MemoryIndex },
): Promise<Fault | 'gone' | undefined> {
  const key = keys.memory(tenant, id);
  const [tags, meta] = await redis.hmget(key, FIELD.tags, FIELD.meta);
  if (tags == null && meta == null && (await redis.exists(key)) === 0) return 'gone';
  const unreadable = await readMemories(redis, tenant, [id]).then(() => undefined, unreadableBecause);
  if (unreadable !== undefined || tags == null || meta == null)
    return { kind: 'unreadable', reason: unreadable ?? 'fields are missing' };
  const spaces = [index.current, ...(index.other ? [index.other] : [])];
  for (const space of spaces) {
    const { vector, window } = vectorFields(space);
    const wanted = space.dimensions * BYTES[index.vectorType];
    const length = await redis.hstrlen(key, vector);
    const mixed = length > 0 && !modelsOf(meta).includes(space.model);
    if (length === 0 || (length === wanted && !mixed)) continue;
    const reason = mixed
      ? `its vector is of ${modelsOf(meta).join(', ')}, not of ${space.model}`
      : `its vector has ${length} bytes, not the ${wanted} of ${space.model}`;
    await unembed(redis, { key, tags, fields: [vector, window] });
    return { kind: 'wrong vector', reason: `${reason}; it is embedded anew` };
  }
  const { vector } = vectorFields(index.current);
  const marked = tags.split('|').includes(tagOf.unembedded);
  if (marked || (await redis.hstrlen(key, vector)) > 0) return undefined;
  await unembed(redis, { key, tags, fields: [vector] });
  return { kind: 'without vector', reason: 'it has no vector and was not marked so; it is embedded now' };
}

/** @throws what is not the record's fault */
function unreadableBecause(error: unknown): string {
  if (!isUnreadable(error)) throw error;
  return error.message;
}

async function unembed(
  redis: Redis,
  { key, tags, fields }: { readonly key: string; readonly tags: string; readonly fields: readonly string[] },
): Promise<void> {
  const marked = tags.split('|').includes(tagOf.unembedded) ? tags : `${tags}|${tagOf.unembedded}`;
  await redis.eval(UNEMBED, 1, key, tags, marked, ...fields);
}

async function indexedAmong(redis: Redis, tenant: string, ids: readonly string[]): Promise<Set<string>> {
  const documents = ids.map((id) => keys.memory(tenant, id));
  const asked = ['@created:[-inf +inf]', 'NOCONTENT', 'INKEYS', documents.length, ...documents];
  const page = ['LIMIT', 0, documents.length, 'DIALECT', 2];
  const reply: unknown = await redis.call('FT.SEARCH', [keys.memoryIndex(tenant), ...asked, ...page]);
  const found: unknown[] = Array.isArray(reply) ? reply.slice(1) : [];
  return new Set(found.map((key) => String(key).slice(keys.memoryPrefix(tenant).length)));
}

/** It may have come, or gone, since the page was looked at. */
async function stillUnindexed(redis: Redis, tenant: string, id: string): Promise<boolean> {
  const there = (await redis.exists(keys.memory(tenant, id))) === 1;
  return there && !(await indexedAmong(redis, tenant, [id])).has(id);
}

/** What stands beside the memories: slots that name one which is gone, uses of such; and what the index itself says. */
export async function healthOfIndex(
  redis: Redis,
  { tenant, embedMissing }: { readonly tenant: string; readonly embedMissing: () => Promise<number> },
): Promise<Omit<CareSlice, 'cursor' | 'seen'>> {
  const { counts, notes, count, note } = counting('embedded', 'slots freed', 'index failures');
  count('embedded', await embedMissing());
  await whileRedis(redis, `look after the index of tenant "${tenant}"`, async () => {
    count('slots freed', await freeSlots(redis, tenant));
    await forgetUses(redis, tenant);
    const stats = await readIndexStats(redis, tenant);
    count('index failures', stats?.failures ?? 0);
    if (stats?.lastFailure) {
      const { key, problem } = stats.lastFailure;
      note({ id: key.slice(keys.memoryPrefix(tenant).length), reason: `the index's last failure: ${problem}` });
    }
  });
  return { counts, notes };
}

async function freeSlots(redis: Redis, tenant: string): Promise<number> {
  let freed = 0;
  for await (const page of keysWith(redis, keys.memorySlots(tenant, ''))) {
    for (const slots of page) {
      const held = Object.entries(await redis.hgetall(slots));
      const done = await Promise.all(
        held.map(([slot, entry]) => {
          const id = entry.slice(entry.indexOf(' ') + 1);
          return redis.eval(FREE_SLOT, 2, slots, keys.memory(tenant, id), slot, entry);
        }),
      );
      freed += done.filter((one) => one === 1).length;
    }
  }
  return freed;
}

async function forgetUses(redis: Redis, tenant: string): Promise<void> {
  const uses = keys.memoryUses(tenant);
  let cursor = '0';
  do {
    const [next, page] = await redis.hscan(uses, cursor, 'COUNT', 500);
    const ids = page.filter((_, at) => at % 2 === 0);
    const there = await Promise.all(ids.map((id) => redis.exists(keys.memory(tenant, id))));
    const gone = ids.filter((_, at) => there[at] === 0);
    if (gone.length > 0) await redis.hdel(uses, ...gone);
    cursor = next;
  } while (cursor !== '0');
}
