import type { Redis } from 'ioredis';
import { keys } from '../contracts/keys.ts';
import type { MemoryStats, OpenAndClosed } from '../contracts/memory-reports.ts';
import { checkTenant } from './record/check-memory.ts';
import { readDrops } from './remember/dropped-memories.ts';
import { readIndexStats } from './search/index-info.ts';
import { memoryIds } from './record/list-memories.ts';
import type { MemoryDependencies } from './memory-dependencies.ts';
import { FIELD } from './record/memory-fields.ts';
import { isPrivateIn, tagOf, tagValue } from './record/memory-tags.ts';
import { whileRedis } from './redis/redis-failures.ts';
import { runPipeline } from './redis/run-pipeline.ts';

/** Records are alike, so that measuring some of them tells about all. */
const MOST_MEASURED = 500;
const MEASURED_A_PAGE = 50;

interface Counts {
  readonly all: { open: number; closed: number };
  readonly byKind: Record<string, OpenAndClosed>;
  readonly byScope: Record<string, OpenAndClosed>;
  private: number;
  unembedded: number;
  readonly bytes: number[];
}

/** Counts what a tenant has in memory, from the records themselves: also those that the index has missed. */
export function createStats({ redis, now }: Pick<MemoryDependencies, 'redis' | 'now'>) {
  return async (tenant: string): Promise<MemoryStats> => {
    checkTenant(tenant);
    return whileRedis(redis, `count the memories of tenant "${tenant}"`, async () => {
      const counts = await countRecords(redis, tenant, now());
      const [index, drops] = await Promise.all([readIndexStats(redis, tenant), readDrops(redis, tenant)]);
      const { all, byKind, byScope, unembedded, bytes } = counts;
      const memories = all.open + all.closed;
      const record = bytes.reduce((sum, size) => sum + size, 0) / Math.max(bytes.length, 1);
      const share = index && index.documents > 0 ? index.bytes / index.documents : 0;
      return {
        memories,
        ...all,
        byKind,
        byScope,
        private: counts.private,
        unembedded,
        ...(index ? { index } : {}),
        bytesPerRecord: Math.round(record),
        bytesPerMemory: memories === 0 ? 0 : Math.round(record + share),
        drops: tally(drops.map(({ rule }) => rule)),
      };
    });
  };
}

async function countRecords(redis: Redis, tenant: string, now: number): Promise<Counts> {
  const counts: Counts = { all: { open: 0, closed: 0 }, byKind: {}, byScope: {}, private: 0, unembedded: 0, bytes: [] };
  for await (const ids of memoryIds(redis, tenant)) {
    const pipeline = redis.pipeline();
    for (const id of ids) pipeline.hmget(keys.memory(tenant, id), FIELD.scope, FIELD.tags, FIELD.liveUntil);
    const rows = await runPipeline(pipeline);
    for (const row of rows) countRecord(counts, Array.isArray(row) ? row : [], now);
    const measured = ids.slice(0, Math.min(MEASURED_A_PAGE, MOST_MEASURED - counts.bytes.length));
    const sizes = await Promise.all(measured.map((id) => redis.memory('USAGE', keys.memory(tenant, id))));
    counts.bytes.push(...sizes.filter((size) => size !== null));
  }
  return counts;
}

function countRecord(counts: Counts, [scope, tags, liveUntil]: readonly unknown[], now: number): void {
  // It may have been forgotten since its key was seen.
  if (typeof scope !== 'string' || typeof tags !== 'string') return;
  const state = Number(liveUntil) > now ? 'open' : 'closed';
  counts.all[state] += 1;
  const add = (group: Record<string, OpenAndClosed>, name: string): void => {
    const { open, closed } = group[name] ?? { open: 0, closed: 0 };
    group[name] = state === 'open' ? { open: open + 1, closed } : { open, closed: closed + 1 };
  };
  add(counts.byKind, tagValue(tags, 'k:') ?? '');
  add(counts.byScope, scope.slice(0, scope.indexOf(':')));
  if (isPrivateIn(tags)) counts.private += 1;
  if (tags.split('|').includes(tagOf.unembedded)) counts.unembedded += 1;
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
