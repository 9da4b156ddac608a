import { ensureEmbeddingModel } from '../local/index.ts';
import { RECALL_POLICY, connectRedis } from '../memory/index.ts';
import { createLocalEmbeddings } from '../models/index.ts';
import type { Benchmark, Figures, Outcome, RunOptions } from './benchmark.ts';
import { atLeast } from './benchmark.ts';
import type { Dialogue } from './retrieval/dialogue.ts';
import { LONG, SHORT, generateDialogue } from './retrieval/generate-dialogue.ts';
import { loadLocomo } from './retrieval/locomo.ts';
import { measureMethods } from './retrieval/measure-methods.ts';
import { round } from './support/statistics.ts';
import { withKeptVectors } from './support/kept-vectors.ts';

const DIALOGUES = 10;
const FEW = 2;

/** Finds turns of long dialogues by questions: each way to rank, on real embeddings. */
export const retrieval: Benchmark = {
  about:
    'recall of the turns that answer questions about long dialogues, by ways to rank (--locomo PATH: on that file)',
  run: async (options, servers) => {
    const dialogues = await dialoguesFor(options);
    const local = await createLocalEmbeddings(await ensureEmbeddingModel({ say: options.say }));
    const redis = connectRedis({ url: servers.redisUrl });
    try {
      const measured = await measureMethods(redis, { dialogues, embedder: withKeptVectors(local), say: options.say });
      return outcomeOf(dialogues, measured);
    } finally {
      redis.disconnect();
    }
  },
};

async function dialoguesFor({ quick, locomo }: RunOptions): Promise<Dialogue[]> {
  if (locomo !== undefined) {
    const dialogues = await loadLocomo(locomo);
    return quick ? dialogues.slice(0, FEW) : dialogues;
  }
  const count = quick ? FEW : DIALOGUES;
  return Array.from({ length: count }, (_, at) => generateDialogue(at + 1, quick ? SHORT : LONG));
}

function outcomeOf(dialogues: readonly Dialogue[], measured: Awaited<ReturnType<typeof measureMethods>>): Outcome {
  const { methods, tuned, byKind, unanswerable } = measured;
  const at10 = (name: string): number => Number(figureIn(methods[name], 'recallAt10'));
  const turns = dialogues.flatMap(({ sessions }) => sessions.flatMap((session) => session.turns));
  const single = Math.max(at10('vector'), at10('words'));
  return {
    figures: {
      dialogues: dialogues.length,
      turns: turns.length,
      questions: dialogues.reduce((sum, { questions }) => sum + questions.length, 0),
      methods,
      byKind,
      unanswerable,
      tuned,
      defaults: { ...RECALL_POLICY.weights, window: RECALL_POLICY.window },
    },
    goals: {
      'recall at 10 over the better of vector and words alone, points': atLeast(0, round(at10('linear') - single, 1)),
      'recall at 10 over rank fusion, points': atLeast(0, round(at10('linear') - at10('rank fusion'), 1)),
    },
  };
}

function figureIn(figures: Figures[string] | undefined, name: string): Figures[string] | undefined {
  return typeof figures === 'object' ? figures[name] : undefined;
}
