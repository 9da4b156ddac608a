import type { Redis } from 'ioredis';
import type { EmbeddingModel } from '../contracts/embedding-model.ts';
import type { MemoryWrite } from '../contracts/memory.ts';
import { ensureEmbeddingModel } from '../local/index.ts';
import { DEFAULT_GATE, connectRedis } from '../memory/index.ts';
import type { RedisMemoryStore } from '../memory/index.ts';
import { createLocalEmbeddings } from '../models/index.ts';
import type { Benchmark, Figures, RunOptions } from './benchmark.ts';
import { atLeast, atMost } from './benchmark.ts';
import { PROMPT, junkFor, junkKinds } from './noise/junk.ts';
import type { Junk } from './noise/junk.ts';
import { askAll } from './retrieval/ask-questions.ts';
import type { Answer } from './retrieval/ask-questions.ts';
import type { Dialogue } from './retrieval/dialogue.ts';
import { LONG, SHORT, generateDialogue } from './retrieval/generate-dialogue.ts';
import { mean, percent, recallAt, scoresOf } from './retrieval/scores.ts';
import { recallWith } from './retrieval/searchers.ts';
import { storeDialogues } from './retrieval/store-dialogues.ts';
import { withKeptVectors } from './support/kept-vectors.ts';
import { createRandom } from './support/random.ts';
import { round } from './support/statistics.ts';

const actor = { kind: 'service', id: 'bench' } as const;
/** Pieces of junk for each memory that is worth keeping. */
const JUNK = 10;
const BATCH = 100;
const SEED = 11;

/** Ten times as much junk as there is to keep: what recall loses, without the noise gate and with it. */
export const noise: Benchmark = {
  about: 'recall lost when ten times as much junk as signal is written, with and without the noise gate',
  run: async ({ quick, say }, servers) => {
    const dialogues = (quick ? [1] : [1, 2, 3, 4]).map((seed) =>
      signalOf(generateDialogue(seed, quick ? SHORT : LONG)),
    );
    const embedder = withKeptVectors(await createLocalEmbeddings(await ensureEmbeddingModel({ say })));
    const redis = connectRedis({ url: servers.redisUrl });
    try {
      const ways = { redis, embedder, dialogues, say };
      const clean = await measure({ ...ways, name: 'clean', junk: false });
      const ungated = await measure({ ...ways, name: 'ungated', junk: true });
      const gated = await measure({ ...ways, name: 'gated', junk: true, gate: true });
      const lost = (measured: Measured): number =>
        round(percent(recallAt(10, clean.answers)) - percent(recallAt(10, measured.answers)), 1);
      return {
        figures: {
          junkForEachSignal: JUNK,
          signal: dialogues.reduce((sum, dialogue) => sum + turnsIn(dialogue), 0),
          clean: scoresOf(clean.answers),
          ungated: { ...scoresOf(ungated.answers), recallAt10Lost: lost(ungated), ...ungated.kept },
          gated: { ...scoresOf(gated.answers), recallAt10Lost: lost(gated), ...gated.kept },
        },
        goals: {
          'share of the lost recall at 10 that the gate saves': atLeast(
            0.25,
            round((lost(ungated) - lost(gated)) / Math.max(lost(ungated), 0.1)),
          ),
          'signal dropped by the gate, %': atMost(0, gated.signalDropped),
        },
      };
    } finally {
      redis.disconnect();
    }
  },
};

/** Only the turns that answer a question, and only questions that have an answer. */
function signalOf(dialogue: Dialogue): Dialogue {
  const questions = dialogue.questions.filter(({ evidence }) => evidence.length > 0);
  const wanted = new Set(questions.flatMap(({ evidence }) => evidence));
  const sessions = dialogue.sessions.map(({ at, turns }) => ({ at, turns: turns.filter(({ id }) => wanted.has(id)) }));
  return { id: dialogue.id, sessions: sessions.filter(({ turns }) => turns.length > 0), questions };
}

function turnsIn({ sessions }: Dialogue): number {
  return sessions.reduce((sum, { turns }) => sum + turns.length, 0);
}

interface Measured {
  readonly answers: readonly Answer[];
  /** What of each kind of junk was dropped, taken for known, and kept, in percent. */
  readonly kept: Figures;
  readonly signalDropped: number;
}

async function measure(options: {
  readonly redis: Redis;
  readonly embedder: EmbeddingModel;
  readonly dialogues: readonly Dialogue[];
  readonly say: RunOptions['say'];
  readonly name: string;
  readonly junk: boolean;
  readonly gate?: boolean;
}): Promise<Measured> {
  const { redis, embedder, dialogues, say, name } = options;
  say(`noise: ${name}`);
  const tenant = `noise-${name}`;
  const gate = options.gate ? { gate: DEFAULT_GATE } : {};
  const stored = await storeDialogues(redis, { tenant, embedder, dialogues, surroundings: 'none', ...gate });
  const signalDropped = percent(mean(stored.writes.map(({ change }) => (change === 'dropped' ? 1 : 0))));
  // Questions are asked before the junk comes, too: what was recalled is what a model then repeats.
  await askAll(stored, dialogues, recallWith(stored));
  const told: [Junk, MemoryWrite][] = [];
  if (options.junk) {
    for (const dialogue of dialogues) told.push(...(await writeJunk(stored.store, tenant, dialogue)));
  }
  const answers = await askAll(stored, dialogues, recallWith(stored));
  return { answers, kept: keptFigures(told), signalDropped };
}

async function writeJunk(store: RedisMemoryStore, tenant: string, dialogue: Dialogue): Promise<[Junk, MemoryWrite][]> {
  const turns = dialogue.sessions.flatMap((session) => session.turns);
  const junk = junkFor(createRandom(SEED), JUNK * turns.length, {
    scope: { scope: 'user', id: dialogue.id },
    names: [...new Set(turns.map(({ speaker }) => speaker))],
    known: turns.map(({ speaker, text }) => `${speaker}: ${text}`),
  });
  const told: [Junk, MemoryWrite][] = [];
  for (let from = 0; from < junk.length; from += BATCH) {
    const batch = junk.slice(from, from + BATCH);
    const memories = batch.map(({ memory }) => memory);
    const writes = await store.remember(tenant, memories, actor, { prompt: PROMPT });
    for (const [at, piece] of batch.entries()) {
      const write = writes[at];
      if (write) told.push([piece, write]);
    }
  }
  return told;
}

function keptFigures(told: readonly (readonly [Junk, MemoryWrite])[]): Figures {
  const rows = junkKinds.flatMap((kind): [string, Figures][] => {
    const own = told.filter(([junk]) => junk.kind === kind).map(([, { change }]) => change);
    const share = (wanted: MemoryWrite['change']): number => percent(mean(own.map((is) => (is === wanted ? 1 : 0))));
    if (own.length === 0) return [];
    return [[kind, { pieces: own.length, dropped: share('dropped'), known: share('unchanged'), kept: share('added') }]];
  });
  return Object.fromEntries(rows);
}
