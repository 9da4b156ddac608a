import { performance } from 'node:perf_hooks';
import type { Redis } from 'ioredis';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import { mean } from '../retrieval/scores.ts';
import { median, percentile, round } from '../support/statistics.ts';
import { shareFound } from './exact-neighbours.ts';
import type { ExactNeighbours } from './exact-neighbours.ts';
import { memoryAt } from './memories.ts';
import type { ScaleQuestion, ScaleSide } from './sides.ts';

const BATCH = 200;

/** What writing cost. */
export interface Written {
  readonly bytesAMemory: number;
  readonly writesASecond: number;
}

/** Writes `count` memories; embedding them is not in the rate. */
export async function writeAll(
  redis: Redis,
  side: ScaleSide,
  { embedder, count }: { readonly embedder: EmbeddingModel; readonly count: number },
): Promise<Written> {
  const before = await usedMemory(redis);
  let spent = 0;
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from);
    const memories = Array.from({ length: size }, (_, at) => memoryAt(from + at, count));
    await embedder.embed(memories.map(({ text }) => text));
    const began = performance.now();
    await side.write(memories);
    spent += performance.now() - began;
  }
  const bytes = (await usedMemory(redis)) - before;
  return { bytesAMemory: Math.round(bytes / count), writesASecond: Math.round((1_000 * count) / spent) };
}

async function usedMemory(redis: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
}

/** What searching cost, and what it found of what there was to find. */
export interface Searched {
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** The server's processor time for one, reading and answering included; other work on the machine disturbs it less. */
  readonly serverMs: number;
  /** The share of the exact ten that came, where there is an exact ten to compare with. */
  readonly ofExactTen?: number;
}

const WARM_UP = 20;
/** Ranking everything for each question would take longer than all the rest. */
const MOST_COMPARED = 100;

export async function searchAll(
  redis: Redis,
  search: ScaleSide['searches'][string],
  options: {
    readonly questions: readonly ScaleQuestion[];
    readonly exact?: (question: ScaleQuestion) => Promise<readonly string[]>;
  },
): Promise<Searched> {
  const { questions, exact } = options;
  for (const question of questions.slice(0, WARM_UP)) await search(question);
  const before = await serverMilliseconds(redis);
  const times: number[] = [];
  const answers: (readonly string[])[] = [];
  for (const question of questions) {
    const began = performance.now();
    answers.push(await search(question));
    times.push(performance.now() - began);
  }
  const serverMs = ((await serverMilliseconds(redis)) - before) / questions.length;
  const spent = { p50Ms: round(median(times)), p95Ms: round(percentile(times, 0.95)), serverMs: round(serverMs) };
  if (!exact) return spent;
  const shares: number[] = [];
  for (const [at, question] of questions.slice(0, MOST_COMPARED).entries())
    shares.push(shareFound(await exact(question), answers[at] ?? []));
  return { ...spent, ofExactTen: round(mean(shares), 4) };
}

/** What the server's main thread has spent so far: its counts by command would count a search within a script twice. */
async function serverMilliseconds(redis: Redis): Promise<number> {
  const spent = await redis.info('cpu');
  return [...spent.matchAll(/^used_cpu_(?:sys|user)_main_thread:(\S+)/gm)].reduce(
    (sum, [, seconds]) => sum + 1_000 * Number(seconds),
    0,
  );
}

/** The nearest by vector, reckoned here. */
export function exactly(neighbours: ExactNeighbours): (question: ScaleQuestion) => Promise<readonly string[]> {
  return async ({ person, vector }) => neighbours.nearest(person, vector, 10);
}
