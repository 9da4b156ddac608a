import type { RecallPolicy, ScoreWeights } from '../../contracts/memory-query.ts';
import type { Dialogue } from './dialogue.ts';
import { mean } from './scores.ts';
import { queryOf } from './searchers.ts';
import type { StoredDialogues } from './store-dialogues.ts';

/** Shares of the surroundings, of the vector in what is left to relevance, and of recency. */
const WINDOWS = [0, 0.25, 0.5, 0.75];
const VECTOR_SHARES = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
const RECENCIES = [0, 0.02, 0.05, 0.1];
const IMPORTANCE = 0.05;
const CANDIDATES = 50;

export interface Tuned {
  readonly policy: Pick<RecallPolicy, 'weights' | 'window'>;
  /** What was made as high as it gets: half recall among ten, half reciprocal rank. */
  readonly value: number;
}

/** A candidate's parts, and whether it is evidence. */
interface Candidate extends ScoreWeights {
  readonly evidence: boolean;
}

interface Judged {
  readonly candidates: readonly Candidate[];
  readonly evidence: number;
}

/**
 * The best of a grid of weights on these dialogues. Candidates and their parts are fetched once for each share of the
 * surroundings, since only that changes the parts; the weights are then tried on them.
 */
export async function tuneWeights(stored: StoredDialogues, dialogues: readonly Dialogue[]): Promise<Tuned> {
  const tried: Tuned[] = [];
  for (const window of WINDOWS) {
    const judged = await judge(stored, dialogues, window);
    for (const weights of gridOf()) tried.push({ policy: { weights, window }, value: valueOf(judged, weights) });
  }
  const [best] = tried.sort((one, other) => other.value - one.value);
  if (!best) throw new Error('no weights to try');
  return best;
}

function gridOf(): ScoreWeights[] {
  return RECENCIES.flatMap((recency) =>
    VECTOR_SHARES.map((share) => {
      const relevance = 1 - recency - IMPORTANCE;
      const digits = (value: number): number => Number(value.toFixed(4));
      return {
        vector: digits(share * relevance),
        text: digits((1 - share) * relevance),
        recency,
        importance: IMPORTANCE,
      };
    }),
  );
}

async function judge(stored: StoredDialogues, dialogues: readonly Dialogue[], window: number): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (const dialogue of dialogues) {
    for (const question of dialogue.questions.filter(({ evidence }) => evidence.length > 0)) {
      const evidence = new Set(question.evidence.map((turn) => stored.memoryOf(dialogue, turn)));
      const query = { ...queryOf(stored, dialogue, question), limit: CANDIDATES };
      const recalled = await stored.store.recall(stored.tenant, { ...query, policy: { window, diversity: 0 } });
      const candidates = recalled.map(({ memory, parts }) => ({ ...parts, evidence: evidence.has(memory.id) }));
      judged.push({ candidates, evidence: evidence.size });
    }
  }
  return judged;
}

function valueOf(judged: readonly Judged[], weights: ScoreWeights): number {
  return mean(
    judged.map(({ candidates, evidence }) => {
      const order = candidates
        .map((parts) => ({ evidence: parts.evidence, score: sum(parts, weights) }))
        .sort((one, other) => other.score - one.score);
      const first = order.findIndex((candidate) => candidate.evidence);
      const found = order.slice(0, 10).filter((candidate) => candidate.evidence).length / evidence;
      return (found + (first < 0 ? 0 : 1 / (first + 1))) / 2;
    }),
  );
}

function sum(parts: ScoreWeights, weights: ScoreWeights): number {
  const { vector, text, recency, importance } = weights;
  return vector * parts.vector + text * parts.text + recency * parts.recency + importance * parts.importance;
}
