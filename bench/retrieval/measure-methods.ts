import type { Redis } from 'ioredis';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import { RECALL_WEIGHTS } from '../../memory/index.ts';
import type { VectorStorage } from '../../memory/index.ts';
import type { Figures, RunOptions } from '../benchmark.ts';
import { askAll } from './ask-questions.ts';
import type { Answer } from './ask-questions.ts';
import type { Dialogue } from './dialogue.ts';
import { scoresByKind, scoresOf } from './scores.ts';
import { VECTOR_ALONE, WORDS_ALONE, rankFusion, recallWith } from './searchers.ts';
import type { Searcher } from './searchers.ts';
import { storeDialogues } from './store-dialogues.ts';
import type { StoredDialogues, Surroundings } from './store-dialogues.ts';
import { tuneWeights } from './tune-weights.ts';
import { unanswerableFigures } from './unanswerable.ts';

const WITHOUT_RECENCY = { weights: { ...RECALL_WEIGHTS, recency: 0 } };

export interface Measured {
  /** Figures of each way, on the half that nothing was tuned on. */
  readonly methods: Figures;
  readonly byKind: Figures;
  readonly unanswerable: Figures;
  readonly tuned: Figures;
}

/** Every way to rank and to keep vectors. Weights are tuned on every other dialogue; all figures are of the rest. */
export async function measureMethods(
  redis: Redis,
  options: {
    readonly dialogues: readonly Dialogue[];
    readonly embedder: EmbeddingModel;
    readonly say: RunOptions['say'];
  },
): Promise<Measured> {
  const { dialogues, embedder, say } = options;
  const tuning = dialogues.filter((_, at) => at % 2 === 0);
  const held = dialogues.filter((_, at) => at % 2 === 1);
  // One dialogue alone has no other half; it is then measured untuned, and the report says on how many.
  const measuredOn = held.length > 0 ? held : tuning;
  const methods: Record<string, Figures> = {};
  let tenants = 0;
  const storing = (surroundings: Surroundings, vectors?: VectorStorage): Promise<StoredDialogues> => {
    tenants += 1;
    const tenant = `retrieval-${tenants}`;
    const how = { tenant, embedder, dialogues, surroundings };
    return storeDialogues(redis, vectors ? { ...how, vectors } : how);
  };
  const measure = async (name: string, stored: StoredDialogues, search: Searcher): Promise<Answer[]> => {
    say(`retrieval: ${name}`);
    const answers = await askAll(stored, measuredOn, search);
    methods[name] = scoresOf(answers);
    return answers;
  };

  say(`retrieval: embedding ${dialogues.length} dialogues`);
  const whole = await storing('date and neighbours');
  const warm = recallWith(whole);
  const tuningAnswers = await askAll(whole, tuning, warm);
  await askAll(whole, measuredOn, warm);
  const linear = await measure('linear', whole, warm);
  await measure('vector', whole, recallWith(whole, VECTOR_ALONE));
  await measure('words', whole, recallWith(whole, WORDS_ALONE));
  await measure('rank fusion', whole, rankFusion(whole, [VECTOR_ALONE, WORDS_ALONE]));
  await measure('linear, neighbours and date not looked at', whole, recallWith(whole, { window: 0 }));
  await measure('linear, without recency', whole, recallWith(whole, WITHOUT_RECENCY));
  await measure('linear, without diversity', whole, recallWith(whole, { diversity: 0 }));

  say('retrieval: tuning');
  const best = await tuneWeights(whole, tuning);
  await measure('linear, tuned', whole, recallWith(whole, best.policy));

  const dated = await storing('date');
  await measure('linear, date only', dated, recallWith(dated));
  const plain = await storing('none');
  await measure('linear, neither date nor neighbours stored', plain, recallWith(plain));

  for (const search of ['FLAT', 'HNSW'] as const) {
    for (const type of ['FLOAT16', 'FLOAT32'] as const) {
      const stored = await storing('date and neighbours', { search, type });
      await measure(`linear, ${search} ${type}`, stored, recallWith(stored));
      await measure(`vector, ${search} ${type}`, stored, recallWith(stored, VECTOR_ALONE));
    }
  }
  return {
    methods,
    byKind: scoresByKind(linear),
    unanswerable: unanswerableFigures(tuningAnswers, linear),
    tuned: { ...best.policy.weights, window: best.policy.window },
  };
}
