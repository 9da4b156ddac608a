import { performance } from 'node:perf_hooks';
import { estimateTokens } from '../../models/estimate-tokens.ts';
import type { Dialogue, Question } from './dialogue.ts';
import type { Searcher } from './searchers.ts';
import type { StoredDialogues } from './store-dialogues.ts';

/** What came of one question. */
export interface Answer {
  readonly question: Question;
  /** Places of its evidence among what came back, from 1; Infinity for what did not. */
  readonly ranks: readonly number[];
  /** Score of the best; 0 where nothing came. */
  readonly best: number;
  /** Tokens of the first ten. */
  readonly tokens: number;
  readonly milliseconds: number;
}

/** Asks every question of the dialogues, one after the other. */
export async function askAll(
  stored: StoredDialogues,
  dialogues: readonly Dialogue[],
  search: Searcher,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const dialogue of dialogues) {
    for (const question of dialogue.questions) {
      const from = performance.now();
      const found = await search(dialogue, question);
      const milliseconds = performance.now() - from;
      const places = new Map(found.map(({ id }, at) => [id, at + 1]));
      const evidence = new Set(question.evidence.map((turn) => stored.memoryOf(dialogue, turn)));
      answers.push({
        question,
        ranks: [...evidence].map((id) => places.get(id) ?? Number.POSITIVE_INFINITY),
        best: found[0]?.score ?? 0,
        tokens: found.slice(0, 10).reduce((sum, { text }) => sum + estimateTokens(text), 0),
        milliseconds,
      });
    }
  }
  return answers;
}
