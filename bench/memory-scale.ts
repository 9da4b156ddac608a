import type { Redis } from 'ioredis';
import { ensureEmbeddingModel } from '../local/index.ts';
import { connectRedis } from '../memory/index.ts';
import { createLocalEmbeddings } from '../models/index.ts';
import type { Benchmark, Figures, RunOptions, Servers } from './benchmark.ts';
import { atLeast, atMost } from './benchmark.ts';
import { createExactNeighbours } from './memory-scale/exact-neighbours.ts';
import type { ExactNeighbours } from './memory-scale/exact-neighbours.ts';
import { MEM0_VERSION } from './memory-scale/install-mem0.ts';
import { mem0Side } from './memory-scale/mem0-side.ts';
import { exactly, searchAll, writeAll } from './memory-scale/measure-side.ts';
import type { Searched, Written } from './memory-scale/measure-side.ts';
import { QUESTIONS, SENTENCES, memoryAt, personOf } from './memory-scale/memories.ts';
import type { ScaleQuestion, ScaleSide } from './memory-scale/sides.ts';
import { standInModel } from './memory-scale/stand-in-model.ts';
import { waymarkSide } from './memory-scale/waymark-side.ts';

/** The quick ones fill whole blocks of the flat index, which are of 1,024 vectors: at the large sizes the last hardly counts. */
const SIZES = { full: [1_000, 10_000, 100_000], quick: [1_024, 3_072] } as const;
const QUESTIONS_ASKED = { full: 400, quick: 60 } as const;
const BYTES = 3_584;
const PATIENCE_MS = 60_000;

type Embedder = Awaited<ReturnType<typeof standInModel>>;

/** Memories by the thousand, a thousand a person, beside the Redis store of mem0 with the same vectors. */
export const memoryScale: Benchmark = {
  about: "write rate, recall, share of the exact ten and bytes of up to 100,000 memories, beside mem0's Redis store",
  run: async ({ quick, say }, servers) => {
    const size = quick ? 'quick' : 'full';
    const local = await createLocalEmbeddings(await ensureEmbeddingModel({ say }));
    say(`memory-scale: embedding ${SENTENCES.length + QUESTIONS.length} sentences`);
    const embedder = await standInModel(local, [...SENTENCES, ...QUESTIONS]);
    const redis = connectRedis({ url: servers.redisUrl });
    const patient = redis.duplicate({ commandTimeout: PATIENCE_MS });
    try {
      const rounds: [string, Round][] = [];
      for (const count of SIZES[size]) {
        const questions = await questionsFor(embedder, count, QUESTIONS_ASKED[size]);
        rounds.push([
          `${count} memories`,
          await measure({ redis, patient }, { servers, embedder, count, questions, say }),
        ]);
      }
      const largest = rounds.at(-1)?.[1];
      if (!largest) throw new Error('nothing was measured');
      return { figures: figuresOf(rounds), goals: goalsOf(largest, SIZES[size].at(-1) ?? 0) };
    } finally {
      redis.disconnect();
      patient.disconnect();
    }
  },
};

interface Measured extends Written {
  readonly searches: Readonly<Record<string, Searched>>;
}

interface Round {
  readonly waymark: Measured;
  readonly mem0: Measured | string;
}

/** One connection as the store has it, and one that waits longer: emptying Redis and ranking everything take seconds. */
interface Connections {
  readonly redis: Redis;
  readonly patient: Redis;
}

async function measure(
  connections: Connections,
  options: {
    readonly servers: Servers;
    readonly embedder: Embedder;
    readonly count: number;
    readonly questions: readonly ScaleQuestion[];
    readonly say: RunOptions['say'];
  },
): Promise<Round> {
  const { servers, embedder, count, questions, say } = options;
  const { redis, patient } = connections;
  const exact = await exactNeighbours(embedder, count);
  say(`memory-scale: ${count} memories, Waymark`);
  await patient.flushall();
  const own = waymarkSide(connections, withKeptQuestions(embedder, questions), `scale-${count}`);
  const waymark = await measureWaymark(redis, own, { embedder, count, questions, exact });
  await patient.flushall();
  say(`memory-scale: ${count} memories, mem0`);
  const other = await mem0Side(servers.redisUrl, embedder, `scale_${count}`).catch((error: unknown) => String(error));
  if (typeof other === 'string') return { waymark, mem0: other };
  try {
    const written = await writeAll(redis, other, { embedder, count });
    const searches: Record<string, Searched> = {};
    for (const [name, search] of Object.entries(other.searches)) {
      searches[name] = await searchAll(redis, search, { questions, exact: exactly(exact) });
    }
    return { waymark, mem0: { ...written, searches } };
  } finally {
    await other.close();
  }
}

async function measureWaymark(
  redis: Redis,
  side: ScaleSide,
  options: {
    readonly embedder: Embedder;
    readonly count: number;
    readonly questions: readonly ScaleQuestion[];
    readonly exact: ExactNeighbours;
  },
): Promise<Measured> {
  const { questions, exact } = options;
  const written = await writeAll(redis, side, options);
  const { recall, undiversified, exhaustive, 'vectors alone': vectors } = side.searches;
  if (!recall || !undiversified || !exhaustive || !vectors) throw new TypeError('a search is missing');
  return {
    ...written,
    searches: {
      recall: await searchAll(redis, recall, { questions }),
      undiversified: await searchAll(redis, undiversified, { questions, exact: exhaustive }),
      'vectors alone': await searchAll(redis, vectors, { questions, exact: exactly(exact) }),
    },
  };
}

/** Vectors of the questions are at hand: what is measured is recall without the embedding. */
function withKeptQuestions(embedder: Embedder, questions: readonly ScaleQuestion[]): Embedder {
  const kept = new Map(questions.map(({ text, vector }) => [text, vector]));
  return {
    ...embedder,
    embed: async (texts) => {
      const known = texts.map((text) => kept.get(text));
      return known.every((vector) => vector !== undefined) ? known : embedder.embed(texts);
    },
  };
}

async function questionsFor(embedder: Embedder, count: number, asked: number): Promise<ScaleQuestion[]> {
  const texts = Array.from({ length: asked }, (_, at) => `${QUESTIONS[at % QUESTIONS.length] ?? ''} #q${at}`);
  const vectors = await embedder.embed(texts);
  return texts.map((text, at) => ({
    text,
    person: personOf(at * 7, count),
    vector: vectors[at] ?? new Float32Array(),
  }));
}

async function exactNeighbours(embedder: Embedder, count: number): Promise<ExactNeighbours> {
  const neighbours = createExactNeighbours();
  for (let at = 0; at < count; at += 1) {
    const { id = '', text } = memoryAt(at, count);
    const [vector = new Float32Array()] = await embedder.embed([text]);
    neighbours.add(personOf(at, count), id, vector);
  }
  return neighbours;
}

function figuresOf(rounds: readonly (readonly [string, Round])[]): Figures {
  const figures = ({ searches, ...written }: Measured): Figures => ({
    ...written,
    ...Object.fromEntries(Object.entries(searches).map(([name, searched]) => [name, { ...searched }])),
  });
  const sizes = rounds.map(([name, { waymark, mem0 }]): [string, Figures] => [
    name,
    { waymark: figures(waymark), mem0: typeof mem0 === 'string' ? mem0 : figures(mem0) },
  ]);
  return { mem0Version: MEM0_VERSION, ...Object.fromEntries(sizes) };
}

function goalsOf({ waymark }: Round, count: number) {
  const { recall, undiversified, 'vectors alone': vectors } = waymark.searches;
  return {
    [`recall in one scope among ${count}, p95 ms`]: atMost(5, recall?.p95Ms ?? Number.POSITIVE_INFINITY),
    'share of the exact top 10 by vector': atLeast(0.98, vectors?.ofExactTen ?? 0),
    'share of the exact top 10 by score': atLeast(0.98, undiversified?.ofExactTen ?? 0),
    'Redis bytes a memory': atMost(BYTES, waymark.bytesAMemory),
  };
}
