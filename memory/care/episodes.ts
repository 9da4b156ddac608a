import type { Redis } from 'ioredis';
import { keys } from '../../contracts/keys.ts';
import type { CarePolicy, CareSlice, EpisodeGroup } from '../../contracts/memory-care.ts';
import type { Memory, NewMemory } from '../../contracts/memory.ts';
import type { RedisMemoryStore } from '../memory-store.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import { filterQuery, parameterArguments } from '../search/search-query.ts';
import { CARE_ACTOR } from './care-actor.ts';
import { SUPERSEDE } from './care-scripts.ts';
import { counting } from './counting.ts';
import { episodesIn } from './distill.ts';
import { readWhole } from './read-whole.ts';
import { walkSlice } from './memory-slice.ts';
import type { SliceOptions } from './memory-slice.ts';

const DAY_MS = 86_400_000;

/** Groups of open episodes of one scope, subject and audience, old enough and enough of them. */
export async function findEpisodes(
  redis: Redis,
  { now, policy, ...slice }: SliceOptions & { readonly now: number; readonly policy: CarePolicy['consolidation'] },
): Promise<CareSlice & { readonly groups: readonly EpisodeGroup[] }> {
  const { tenant } = slice;
  const before = now - policy.olderThanDays * DAY_MS;
  const groups = new Map<string, EpisodeGroup>();
  const walked = await walkSlice(redis, slice, async (ids) => {
    const old = (await readWhole(redis, tenant, ids)).filter((memory) => memory && isDue(memory, before));
    const one = new Map(old.flatMap((memory) => (memory ? [[groupOf(memory), memory] as const] : [])));
    for (const [group, episode] of one) {
      if (groups.has(group)) continue;
      const found = await membersOf(redis, episode, { before, policy });
      if (found.length >= policy.atLeast) groups.set(group, { ids: found.map(({ id }) => id) });
    }
  });
  return { ...walked, counts: {}, notes: [], groups: [...groups.values()] };
}

function isDue({ kind, validTo, createdAt }: Memory, before: number): boolean {
  return kind === 'episode' && validTo === undefined && Date.parse(createdAt) <= before;
}

function groupOf({ scope, subject = '', owner = '', visibility }: Memory): string {
  return JSON.stringify([scope.scope, scope.id, subject, visibility === 'private' ? owner : '']);
}

/** The oldest of a group. */
async function membersOf(
  redis: Redis,
  episode: Memory,
  { before, policy }: { readonly before: number; readonly policy: CarePolicy['consolidation'] },
): Promise<Memory[]> {
  const { tenant, scope, subject, owner, visibility } = episode;
  const audience = visibility === 'private' && owner !== undefined ? { privateTo: owner } : 'shared';
  const query = filterQuery({ scopes: [scope], kinds: ['episode'], subject, audience, openEnded: true });
  const page = ['NOCONTENT', 'SORTBY', 'created', 'ASC', 'LIMIT', 0, 4 * policy.atMost, ...parameterArguments(query)];
  const reply: unknown = await whileRedis(redis, `gather episodes of tenant "${tenant}"`, () =>
    redis.call('FT.SEARCH', [keys.memoryIndex(tenant), query.text, ...page]),
  );
  const found: unknown[] = Array.isArray(reply) ? reply.slice(1) : [];
  const ids = found.map((key) => String(key).slice(keys.memoryPrefix(tenant).length));
  const group = groupOf(episode);
  return (await readWhole(redis, tenant, ids))
    .filter((memory) => memory !== undefined)
    .filter((memory) => isDue(memory, before) && groupOf(memory) === group)
    .slice(0, policy.atMost);
}

/** Writes what episodes came down to, and then lets it supersede them: they stay, with their intervals and histories. */
export async function writeDistilled(
  { redis, store }: { readonly redis: Redis; readonly store: Pick<RedisMemoryStore, 'remember'> },
  { tenant, memories, now }: { readonly tenant: string; readonly memories: readonly NewMemory[]; readonly now: number },
): Promise<Omit<CareSlice, 'cursor' | 'seen'>> {
  const { counts, notes, count, note } = counting('written', 'superseded');
  const writes = await store.remember(tenant, memories, CARE_ACTOR);
  for (const [at, { id, change, reason }] of writes.entries()) {
    const memory = memories[at];
    if (!memory || change === 'dropped') continue;
    if (change === 'added') count('written');
    note({ id, reason: change === 'added' ? `distilled from ${episodesIn(memory).length} episodes` : reason });
    for (const episode of episodesIn(memory)) {
      const touched = [keys.memory(tenant, episode), keys.memoryHistory(tenant, episode), keys.memory(tenant, id)];
      const told = [
        episode,
        keys.memorySlots(tenant, ''),
        now,
        JSON.stringify(CARE_ACTOR),
        `consolidated into ${id}`,
        id,
        now,
      ];
      const done = await whileRedis(redis, `consolidate episodes of tenant "${tenant}"`, () =>
        redis.eval(SUPERSEDE, touched.length, ...touched, ...told),
      );
      if (done === 1) count('superseded');
    }
  }
  return { counts, notes };
}
