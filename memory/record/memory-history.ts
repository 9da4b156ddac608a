import type { Redis } from 'ioredis';
import * as z from 'zod';
import type { IsoTime } from '../../contracts/json.ts';
import type { MemoryHistoryRow } from '../../contracts/memory.ts';
import { keys } from '../../contracts/keys.ts';
import { FIELD } from './memory-fields.ts';
import { writerIn } from './memory-meta.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import { readStored } from '../redis/stored-entry.ts';

const rowSchema = z.object({
  at: z.number().transform((at) => new Date(at).toISOString()),
  change: z.enum(['added', 'merged', 'superseded', 'closed', 'deleted']),
  reason: z.string(),
  actor: z.object({ kind: z.enum(['person', 'service', 'agent']), id: z.string() }).exactOptional(),
  other: z.string().exactOptional(),
});

/** A row as an export has it. */
export const historyRowSchema = rowSchema.extend({ at: z.iso.datetime() });

/** The row of a memory's expiry, written with the memory: Redis deletes it by itself then, and nobody is there to note it. */
export function expiryRow(expiresAt: IsoTime): string {
  return JSON.stringify({ at: Date.parse(expiresAt), change: 'deleted', reason: EXPIRED });
}

const EXPIRED = 'expired';

/** The history rows of a memory, oldest first. That it was added, its record tells; the other changes have rows. */
export async function readMemoryHistory(
  redis: Redis,
  tenant: string,
  { id, now }: { readonly id: string; readonly now: number },
): Promise<MemoryHistoryRow[]> {
  const key = keys.memoryHistory(tenant, id);
  const [rows, record] = await whileRedis(redis, `read the history of memory ${id}`, () =>
    Promise.all([redis.lrange(key, 0, -1), redis.hmget(keys.memory(tenant, id), ...BIRTH_FIELDS)]),
  );
  const later = rows
    .map((row) => readStored(key, () => rowSchema.parse(JSON.parse(row))))
    .filter(({ at, change, reason }) => change !== 'deleted' || reason !== EXPIRED || Date.parse(at) <= now)
    .toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
  const [created, meta, supersedes, supersededBy] = record;
  if (created == null || meta == null) return later;
  // One that was superseded later has a row of it; without one it came late, when the newer value was known already.
  const late = supersededBy != null && !later.some(({ change }) => change === 'superseded');
  const other = late ? supersededBy : supersedes;
  const born = readStored(keys.memory(tenant, id), () => ({
    at: new Date(Number(created)).toISOString(),
    change: 'added' as const,
    reason: late ? 'older than the current value of its slot' : 'new',
    actor: writerIn(meta),
    ...(other == null ? {} : { other }),
  }));
  return [born, ...later];
}

const BIRTH_FIELDS = [FIELD.created, FIELD.meta, FIELD.supersedes, FIELD.supersededBy] as const;
