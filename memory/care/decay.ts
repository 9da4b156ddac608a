import type { Redis } from 'ioredis';
import { TIME_TO_LIVE, keys } from '../../contracts/keys.ts';
import type { CareNote, CarePolicy, CareSlice } from '../../contracts/memory-care.ts';
import type { Memory } from '../../contracts/memory.ts';
import { tagOf } from '../record/memory-tags.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import { CARE_ACTOR } from './care-actor.ts';
import { CLOSE_FOR, DELETE_DECAYED } from './care-scripts.ts';
import { counting } from './counting.ts';
import { readWhole } from './read-whole.ts';
import { walkSlice } from './memory-slice.ts';
import type { SliceOptions } from './memory-slice.ts';
import { readUses } from './memory-uses.ts';
import type { MemoryUse } from './memory-uses.ts';
import { touchedBy } from './touched-by.ts';

const DAY_MS = 86_400_000;

/**
 * What is left of a memory, 0 to 1: its importance, times the retention e^(−days / stability) of Ebbinghaus's curve,
 * where each recall lengthens the stability and begins the days anew (after MemoryBank, arXiv 2305.10250). `undefined`
 * where it does not decay.
 */
export function strengthOf(
  memory: Pick<Memory, 'kind' | 'trust' | 'importance' | 'createdAt'>,
  {
    use,
    now,
    policy,
  }: { readonly use: Pick<MemoryUse, 'count' | 'last'>; readonly now: number; readonly policy: CarePolicy['decay'] },
): number | undefined {
  const stability = policy.stabilityDays[memory.kind];
  if (stability === undefined || memory.trust === 'person') return undefined;
  const days = Math.max(now - Math.max(Date.parse(memory.createdAt), use.last), 0) / DAY_MS;
  return memory.importance * Math.exp(-days / (stability * (1 + use.count)));
}

/** Closes what is too weak, and deletes what was closed so long enough ago. */
export async function decaySlice(
  redis: Redis,
  { now, policy, ...slice }: SliceOptions & { readonly now: number; readonly policy: CarePolicy['decay'] },
): Promise<CareSlice> {
  const { tenant } = slice;
  const { counts, notes, count, note } = counting('closed', 'deleted');
  const walked = await walkSlice(redis, slice, async (ids) => {
    const memories = await readWhole(redis, tenant, ids);
    await whileRedis(redis, `let memories of tenant "${tenant}" decay`, async () => {
      const uses = await readUses(redis, tenant, ids);
      await Promise.all(
        ids.map(async (id, at) => {
          const [memory, use] = [memories[at], uses[at]];
          if (!memory || !use) return;
          const change =
            memory.validTo === undefined
              ? await fade(redis, { memory, use, now, policy })
              : await remove(redis, { id, tenant, now, policy });
          if (!change) return;
          count(change.count);
          note({ id, reason: change.reason });
        }),
      );
    });
  });
  return { ...walked, counts, notes };
}

interface Change {
  readonly count: 'closed' | 'deleted';
  readonly reason: CareNote['reason'];
}

async function fade(
  redis: Redis,
  options: {
    readonly memory: Memory;
    readonly use: MemoryUse;
    readonly now: number;
    readonly policy: CarePolicy['decay'];
  },
): Promise<Change | undefined> {
  const { memory, use, now, policy } = options;
  const { id, tenant, importance } = memory;
  const strength = strengthOf(memory, options);
  if (strength === undefined || strength >= policy.floor) return undefined;
  const since = Math.floor((now - Math.max(Date.parse(memory.createdAt), use.last)) / DAY_MS);
  const recalls = use.count === 0 ? 'never recalled' : `recalled on ${use.count} days`;
  const reason = `faded: strength ${strength.toFixed(3)} is below ${policy.floor} (importance ${importance}, ${recalls}, ${since} days ago)`;
  const told = [id, keys.memorySlots(tenant, ''), now, JSON.stringify(CARE_ACTOR), reason, use.stored, tagOf.decayed];
  const closed = await redis.eval(CLOSE_FOR, 3, ...touchedBy(tenant, id), ...told);
  return closed === 1 ? { count: 'closed', reason } : undefined;
}

async function remove(
  redis: Redis,
  {
    id,
    tenant,
    now,
    policy,
  }: { readonly id: string; readonly tenant: string; readonly now: number; readonly policy: CarePolicy['decay'] },
): Promise<Change | undefined> {
  const reason = `deleted ${policy.graceDays} days after it had faded`;
  const told = [
    id,
    tagOf.decayed,
    now - policy.graceDays * DAY_MS,
    now,
    JSON.stringify(CARE_ACTOR),
    reason,
    TIME_TO_LIVE.claims,
  ];
  const deleted = await redis.eval(DELETE_DECAYED, 3, ...touchedBy(tenant, id), ...told);
  return deleted === 1 ? { count: 'deleted', reason } : undefined;
}
