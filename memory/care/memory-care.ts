import type { Redis } from 'ioredis';
import * as z from 'zod';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import { TIME_TO_LIVE, keys } from '../../contracts/keys.ts';
import type { LanguageModel } from '../../contracts/language-model.ts';
import { careNames } from '../../contracts/memory-care.ts';
import type { CarePolicy, CareReport, CareSlice, ConflictPair, EpisodeGroup } from '../../contracts/memory-care.ts';
import type { Memory, NewMemory } from '../../contracts/memory.ts';
import type { RedisMemoryStore } from '../memory-store.ts';
import { readMemories } from '../record/read-memories.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import { readStored } from '../redis/stored-entry.ts';
import { createTenantIndexes } from '../search/tenant-indexes.ts';
import { decaySlice } from './decay.ts';
import { openDisagreements } from './disagreements.ts';
import { distill } from './distill.ts';
import { findEpisodes, writeDistilled } from './episodes.ts';
import { findConflicts } from './find-conflicts.ts';
import { healthOfIndex, healthSlice } from './health.ts';
import { judgeConflicts } from './judge-conflicts.ts';
import type { SliceOptions } from './memory-slice.ts';
import { endReview } from './review-marker.ts';
import { settleConflicts } from './settle-conflicts.ts';

export interface CareSliceOptions extends SliceOptions {
  readonly now: number;
  readonly policy: CarePolicy;
}

type Outcome = Omit<CareSlice, 'cursor' | 'seen'>;

/** The steps of caring for a tenant's memories; the workflows put them in order. Each may be done again. */
export interface MemoryCare {
  decay(options: CareSliceOptions): Promise<CareSlice>;
  health(options: CareSliceOptions): Promise<CareSlice>;
  healthOfIndex(tenant: string): Promise<Outcome>;
  conflicts(options: CareSliceOptions): Promise<CareSlice & { readonly pairs: readonly ConflictPair[] }>;
  /** Those of these pairs that contradict each other, by the model's word. @throws ApplicationFailure `ModelError.*` */
  judge(
    tenant: string,
    pairs: readonly ConflictPair[],
    model: LanguageModel,
    signal?: AbortSignal,
  ): Promise<ConflictPair[]>;
  settle(tenant: string, pairs: readonly ConflictPair[], now: number): Promise<Outcome>;
  /** All that a review has found is settled: the next one looks only at what came since. */
  reviewDone(tenant: string): Promise<void>;
  episodes(options: CareSliceOptions): Promise<CareSlice & { readonly groups: readonly EpisodeGroup[] }>;
  distill(tenant: string, ids: readonly string[], model?: LanguageModel, signal?: AbortSignal): Promise<NewMemory[]>;
  writeDistilled(tenant: string, memories: readonly NewMemory[], now: number): Promise<Outcome>;
  /** Recorded contradictions that a person has to decide. */
  disagreements(tenant: string): Promise<Memory[]>;
  keepReport(report: CareReport): Promise<void>;
  /** What each care did last. */
  reports(tenant: string): Promise<CareReport[]>;
}

const reportSchema = z.object({
  care: z.enum(careNames),
  tenant: z.string(),
  startedAt: z.string(),
  endedAt: z.string(),
  seen: z.number(),
  counts: z.record(z.string(), z.number()),
  notes: z.array(z.object({ id: z.string(), reason: z.string() })),
});

export function createMemoryCare(deps: {
  readonly redis: Redis;
  readonly embedders: readonly EmbeddingModel[];
  readonly store: Pick<RedisMemoryStore, 'remember' | 'embedMissing'>;
}): MemoryCare {
  const { redis, embedders, store } = deps;
  // Opened anew for each slice: a move may have changed it since.
  const indexOf = (tenant: string) => createTenantIndexes(redis, embedders).open(tenant);
  const nothing = { cursor: '0', seen: 0, counts: {}, notes: [] };
  /** Care opens no index for a tenant that has no memories: that would bind it to this embedding model. */
  const unlessEmpty = async <Result>(tenant: string, empty: Result, action: () => Promise<Result>): Promise<Result> => {
    const begun = await whileRedis(redis, `look for the memories of tenant "${tenant}"`, () =>
      redis.exists(keys.memoryMeta(tenant)),
    );
    return begun === 1 ? action() : empty;
  };
  return {
    decay: ({ policy, ...options }) => decaySlice(redis, { ...options, policy: policy.decay }),
    health: async ({ policy: _policy, ...options }) =>
      unlessEmpty(options.tenant, nothing, async () =>
        healthSlice(redis, { ...options, index: await indexOf(options.tenant) }),
      ),
    healthOfIndex: (tenant) =>
      unlessEmpty(tenant, { counts: {}, notes: [] }, () =>
        healthOfIndex(redis, { tenant, embedMissing: () => store.embedMissing(tenant) }),
      ),
    conflicts: async ({ policy, ...options }) =>
      unlessEmpty(options.tenant, { ...nothing, pairs: [] }, async () =>
        findConflicts(redis, { ...options, policy, index: await indexOf(options.tenant) }),
      ),
    async judge(tenant, pairs, model, signal) {
      const read = await Promise.all(pairs.map(({ one, other }) => readMemories(redis, tenant, [one, other])));
      const there = pairs.flatMap((pair, at) => {
        const [one, other] = read[at] ?? [];
        return one && other ? [{ pair, texts: [one, other] as const }] : [];
      });
      const numbers = await judgeConflicts(
        model,
        there.map(({ texts }) => texts),
        signal,
      );
      return numbers.flatMap((at) => there[at]?.pair ?? []);
    },
    settle: (tenant, pairs, now) => settleConflicts({ redis, store }, { tenant, pairs, now }),
    reviewDone: async (tenant) =>
      whileRedis(redis, `end the review of tenant "${tenant}"`, () => endReview(redis, tenant)),
    episodes: ({ policy, ...options }) => findEpisodes(redis, { ...options, policy: policy.consolidation }),
    async distill(tenant, ids, model, signal) {
      const read: (Memory | undefined)[] = await readMemories(redis, tenant, ids);
      const open = read.filter((memory) => memory !== undefined).filter(({ validTo }) => validTo === undefined);
      return distill(open, { model, ...(signal ? { signal } : {}) });
    },
    writeDistilled: (tenant, memories, now) => writeDistilled({ redis, store }, { tenant, memories, now }),
    disagreements: (tenant) => unlessEmpty(tenant, [], () => openDisagreements(redis, tenant)),
    async keepReport(report) {
      const key = keys.memoryCare(report.tenant);
      await whileRedis(redis, `keep the report of ${report.care}`, async () => {
        await redis.hset(key, report.care, JSON.stringify(report));
        await redis.expire(key, TIME_TO_LIVE.memoryCare);
      });
    },
    async reports(tenant) {
      const key = keys.memoryCare(tenant);
      const stored = await whileRedis(redis, `read the reports of tenant "${tenant}"`, () => redis.hgetall(key));
      const read = Object.values(stored).map((text) => readStored(key, () => reportSchema.parse(JSON.parse(text))));
      return careNames.flatMap((name) => read.find(({ care }) => care === name) ?? []);
    },
  };
}
