import type { Redis } from 'ioredis';
import { keys } from '../../contracts/keys.ts';
import type { CareSlice, ConflictPair } from '../../contracts/memory-care.ts';
import type { Memory, NewMemory } from '../../contracts/memory.ts';
import type { RedisMemoryStore } from '../memory-store.ts';
import { readMemories } from '../record/read-memories.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import { digest } from '../redis/text-digest.ts';
import { CARE_ACTOR } from './care-actor.ts';
import { SUPERSEDE } from './care-scripts.ts';
import { endedBy } from './contradict.ts';
import { counting } from './counting.ts';

const LONGEST_QUOTE = 300;
const WHY: Readonly<Record<ConflictPair['by'], string>> = {
  slot: 'both are values of one slot',
  words: 'one says the opposite of the other',
  near: 'a model says that they contradict each other',
};

/** Settles contradictions: the later one ends the earlier, or, where time does not tell, a disagreement is recorded. */
export async function settleConflicts(
  { redis, store }: { readonly redis: Redis; readonly store: Pick<RedisMemoryStore, 'remember'> },
  { tenant, pairs, now }: { readonly tenant: string; readonly pairs: readonly ConflictPair[]; readonly now: number },
): Promise<Omit<CareSlice, 'cursor' | 'seen'>> {
  const { counts, notes, count, note } = counting('settled', 'disagreements');
  for (const { one, other, by } of pairs) {
    const [left, right] = await readMemories(redis, tenant, [one, other]);
    if (!left || !right || !overlap(left, right)) continue;
    const ending = endedBy(left, right);
    if (ending) {
      const reason = `contradicted by ${ending.by}, which was said later: ${WHY[by]}`;
      if (
        !(await supersede(redis, {
          ...ending,
          tenant,
          reason,
          now,
          ends: ending.ends,
          later: ending.by === one ? left : right,
        }))
      )
        continue;
      count('settled');
      note({ id: ending.ends, reason });
    } else {
      const [written] = await store.remember(tenant, [disagreement(left, right, by)], CARE_ACTOR);
      if (written?.change !== 'added') continue;
      count('disagreements');
      note({ id: written.id, reason: `${one} and ${other} disagree, and time does not tell which holds: ${WHY[by]}` });
    }
  }
  return { counts, notes };
}

/** Both are open; what begins in the future does not contradict what holds until then. */
function overlap(left: Memory, right: Memory): boolean {
  return left.validTo === undefined && right.validTo === undefined;
}

async function supersede(
  redis: Redis,
  options: {
    readonly tenant: string;
    readonly ends: string;
    readonly later: Memory;
    readonly reason: string;
    readonly now: number;
  },
): Promise<boolean> {
  const { tenant, ends, later, reason, now } = options;
  const touched = [keys.memory(tenant, ends), keys.memoryHistory(tenant, ends), keys.memory(tenant, later.id)];
  const told = [
    ends,
    keys.memorySlots(tenant, ''),
    now,
    JSON.stringify(CARE_ACTOR),
    reason,
    later.id,
    Date.parse(later.validFrom),
  ];
  const done = await whileRedis(redis, `settle a contradiction of tenant "${tenant}"`, () =>
    redis.eval(SUPERSEDE, touched.length, ...touched, ...told),
  );
  return done === 1;
}

/** Who may read both may read of their disagreement. Its id follows from theirs, so that it is recorded once. */
function disagreement(left: Memory, right: Memory, by: ConflictPair['by']): NewMemory {
  const { scope, subject, owner, visibility } = left;
  return {
    id: `care:disagreement:${digest(`${left.id} ${right.id}`).replace(/^[^A-Za-z0-9]/, 'x')}`,
    scope,
    kind: 'disagreement',
    text: `Two memories disagree: ${quoted(left)} and ${quoted(right)}.`,
    ...(subject === undefined ? {} : { subject }),
    ...(owner === undefined ? {} : { owner }),
    visibility,
    importance: Math.max(left.importance, right.importance),
    trust: 'model',
    data: { memories: [left.id, right.id], why: WHY[by] },
  };
}

function quoted({ text, trust, validFrom }: Memory): string {
  return `"${text.slice(0, LONGEST_QUOTE)}" (said by a ${trust}, true from ${validFrom.slice(0, 10)})`;
}
