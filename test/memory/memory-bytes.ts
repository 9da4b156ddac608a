import type { Redis } from 'ioredis';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import type { NewMemory } from '../../contracts/memory.ts';
import type { RedisMemoryStore } from '../../memory/index.ts';

const DAY_MS = 86_400_000;
const SUBJECTS = 250;
const BATCH = 200;
const START = Date.parse('2026-01-05T09:00:00.000Z');
const actor = { kind: 'agent', id: 'onboarding' } as const;

/** A seeded source of numbers from 0 to 1 (mulberry32, as its author put it in the public domain). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Vectors of full length without a model: what is measured is bytes, not meaning. */
export function randomVectors(dimensions = 384): EmbeddingModel {
  const random = seeded(7);
  const vector = () => Float32Array.from({ length: dimensions }, () => random() - 0.5);
  return { name: 'all-MiniLM-L6-v2-int8', dimensions, embed: async (texts) => texts.map(vector) };
}

/** A memory as the loop writes them: a sentence or two, with all metadata; two in five have a slot. */
export function realisticMemory(at: number): NewMemory {
  const subject = `customer-${at % SUBJECTS}`;
  const taskId = `onboarding:acme-corp-${at % 1_000}`;
  const kinds = ['fact', 'preference', 'progress', 'failed-strategy', 'episode'] as const;
  const kind = kinds[at % kinds.length] ?? 'fact';
  return {
    id: `${taskId}:mhx2k${(at % 36).toString(36)}:t${at % 40}:m${at}`,
    scope: kind === 'progress' ? { scope: 'task', id: taskId } : { scope: 'user', id: subject },
    kind,
    text:
      `The customer's ${ITEMS[at % ITEMS.length]} number ${at} was imported from the file of ${subject}, ` +
      `but ${at % 17} rows had no header; Ana Lopes asked to try again after the ${ACTS[at % ACTS.length]}.`,
    subject,
    owner: 'onboarding',
    importance: 0.7,
    confidence: 0.9,
    trust: kind === 'fact' ? 'person' : 'tool',
    provenance: { taskId, turn: at % 40, seq: at % 200, tool: 'import_data' },
    validFrom: new Date(START + (at % 300) * DAY_MS).toISOString(),
    ...(at % 5 < 2 ? { slot: `answer:${(at * 7_919).toString(16).padStart(24, '0')}` } : {}),
    ...(kind === 'failed-strategy' ? { data: { tool: 'import_data', retryWhen: 'a header row is added' } } : {}),
  };
}

/** Writes `count` memories and says what Redis grew by, a memory. */
export async function bytesPerMemory(
  redis: Redis,
  memories: RedisMemoryStore,
  count: number,
): Promise<{ bytes: number; record: number }> {
  await memories.remember('warm-up', [realisticMemory(0)], actor);
  const used = async () => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
  const before = await used();
  for (let from = 0; from < count; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, at) => realisticMemory(from + at));
    await memories.remember('acme', batch, actor);
  }
  const bytes = ((await used()) - before) / count;
  const key = `wm:{acme}:memory:${realisticMemory(8).id}`;
  const record = Number(await redis.memory('USAGE', key, 'SAMPLES', 0));
  return { bytes: Math.round(bytes), record };
}

const ITEMS = ['price list', 'address book', 'order history', 'contract', 'seat plan', 'tax certificate'];
const ACTS = ['audit', 'summer break', 'next release', 'call on Tuesday', 'migration'];
