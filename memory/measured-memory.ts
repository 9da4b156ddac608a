import { ApplicationFailure } from '@temporalio/common';
import type { Redis } from 'ioredis';
import type { RecalledMemory } from '../contracts/memory-query.ts';
import type { MemoryWrite, NewMemory } from '../contracts/memory.ts';
import { metrics } from '../contracts/metrics.ts';
import type { Meter } from '../contracts/metrics.ts';
import { readIndexStats } from './search/index-info.ts';
import type { RedisMemoryStore } from './memory-store.ts';

/** How often the index of a tenant that is in use is asked what it could not take. */
const LOOK_EVERY_MS = 60_000;

/** A store that counts what it is asked and what comes of it. */
export function measureMemory(
  store: RedisMemoryStore,
  options: {
    readonly redis: Redis;
    readonly meter: Meter;
    readonly countTokens: (text: string) => number;
  },
): RedisMemoryStore {
  const { redis, meter, countTokens } = options;
  const watchIndex = createIndexWatch(redis, meter);
  const counting = async <Result>(tenant: string, operation: string, work: () => Promise<Result>): Promise<Result> => {
    try {
      const result = await work();
      watchIndex(tenant);
      return result;
    } catch (error) {
      meter.record(metrics.memoryFailures, 1, { operation, type: failureType(error) });
      throw error;
    }
  };
  return {
    ...store,
    remember: (tenant, memories, actor, given) =>
      counting(tenant, 'remember', async () => {
        const writes = await store.remember(tenant, memories, actor, given);
        countWrites(meter, memories, writes);
        return writes;
      }),
    noteDrops: (tenant, drops, actor) =>
      counting(tenant, 'noteDrops', async () => {
        await store.noteDrops(tenant, drops, actor);
        for (const { rule } of drops) meter.record(metrics.memoryDrops, 1, { rule });
      }),
    update: (tenant, id, update) =>
      counting(tenant, 'update', async () => {
        const write = await store.update(tenant, id, update);
        meter.record(metrics.memoryWrites, 1, { change: write.change });
        return write;
      }),
    recall: (tenant, query) =>
      counting(tenant, 'recall', async () => {
        const begun = performance.now();
        const recalled = await store.recall(tenant, query);
        meter.record(metrics.memoryRecallTime, Math.round(performance.now() - begun));
        countHits(meter, recalled, countTokens);
        return recalled;
      }),
  };
}

function countWrites(meter: Meter, memories: readonly NewMemory[], writes: readonly MemoryWrite[]): void {
  writes.forEach(({ id, change, rule }, at) => {
    // What was merged comes back under the id of the memory that it was merged into.
    const merged = change === 'unchanged' && id !== memories[at]?.id;
    const word = change === 'unchanged' ? (merged ? 'merged' : 'known') : change;
    meter.record(metrics.memoryWrites, 1, { change: word });
    if (rule !== undefined) meter.record(metrics.memoryDrops, 1, { rule });
  });
}

function countHits(meter: Meter, recalled: readonly RecalledMemory[], countTokens: (text: string) => number): void {
  meter.record(metrics.memoryRecalls, 1, { found: recalled.length > 0 ? 'some' : 'none' });
  const kinds = new Map<string, number>();
  for (const { memory } of recalled) kinds.set(memory.kind, (kinds.get(memory.kind) ?? 0) + 1);
  for (const [kind, count] of kinds) meter.record(metrics.memoryHits, count, { kind });
  const tokens = recalled.reduce((sum, { memory }) => sum + countTokens(memory.text), 0);
  if (tokens > 0) meter.record(metrics.memoryRecalledTokens, tokens);
}

/** The type that a failure carries, or its name; few, since they become labels. */
export function failureType(error: unknown): string {
  if (error instanceof ApplicationFailure) return error.type ?? 'ApplicationFailure';
  return error instanceof Error ? error.name : 'unknown';
}

/** Asks the index of a tenant beside the work, and not often; nobody waits for the answer. */
function createIndexWatch(redis: Redis, meter: Meter): (tenant: string) => void {
  const lastLook = new Map<string, number>();
  return (tenant) => {
    const now = performance.now();
    if (now - (lastLook.get(tenant) ?? Number.NEGATIVE_INFINITY) < LOOK_EVERY_MS) return;
    lastLook.set(tenant, now);
    readIndexStats(redis, tenant).then(
      (index) => meter.record(metrics.memoryIndexFailures, index?.failures ?? 0, { tenant }),
      // It only looks; what is wrong with Redis shows in the work beside it.
      () => lastLook.delete(tenant),
    );
  };
}
