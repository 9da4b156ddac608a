import type { RecallPolicy, RecallQuery } from '../../contracts/memory-query.ts';
import type { Dialogue, Question } from './dialogue.ts';
import type { StoredDialogues } from './store-dialogues.ts';

/** How many come back; recall is looked at among the first 5, 10 and 20. */
export const LIMIT = 20;

/** A memory as a search gave it. */
export interface FoundTurn {
  readonly id: string;
  readonly text: string;
  readonly score: number;
}

/** A way to answer questions, best first. */
export type Searcher = (dialogue: Dialogue, question: Question) => Promise<readonly FoundTurn[]>;

/** Recall as it is, but for what the policy changes. */
export function recallWith(stored: StoredDialogues, policy: Partial<RecallPolicy> = {}, limit = LIMIT): Searcher {
  return async (dialogue, question) => {
    const recalled = await stored.store.recall(stored.tenant, {
      ...queryOf(stored, dialogue, question),
      policy,
      limit,
    });
    return recalled.map(({ memory, score }) => ({ id: memory.id, text: memory.text, score }));
  };
}

export function queryOf(
  { scopeOf }: StoredDialogues,
  dialogue: Dialogue,
  { text, asOf }: Question,
): Pick<RecallQuery, 'text' | 'scopes' | 'asOf'> {
  return { text, scopes: [scopeOf(dialogue)], ...(asOf === undefined ? {} : { asOf }) };
}

/** One list alone: no other part of the score, no surroundings, no thresholds, no diversity. */
const ALONE = { window: 0, diversity: 0, minSimilarity: 0 };
const NOTHING = { vector: 0, text: 0, recency: 0, importance: 0 };
export const VECTOR_ALONE: Partial<RecallPolicy> = { ...ALONE, weights: { ...NOTHING, vector: 1 } };
export const WORDS_ALONE: Partial<RecallPolicy> = { ...ALONE, weights: { ...NOTHING, text: 1 } };

const RANK_CONSTANT = 60;
const POOL = 50;

/** Reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009) of the lists that two policies give. */
export function rankFusion(stored: StoredDialogues, policies: readonly Partial<RecallPolicy>[]): Searcher {
  const searchers = policies.map((policy) => recallWith(stored, policy, POOL));
  return async (dialogue, question) => {
    const lists = await Promise.all(searchers.map((search) => search(dialogue, question)));
    const found = new Map<string, FoundTurn>();
    for (const list of lists) {
      for (const [at, turn] of list.entries()) {
        if (turn.score === 0) continue;
        const score = (found.get(turn.id)?.score ?? 0) + 1 / (RANK_CONSTANT + at + 1);
        found.set(turn.id, { ...turn, score });
      }
    }
    return [...found.values()].sort((one, other) => other.score - one.score).slice(0, LIMIT);
  };
}
