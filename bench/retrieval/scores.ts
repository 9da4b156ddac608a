import type { Figures } from '../benchmark.ts';
import { median, percentile, round } from '../support/statistics.ts';
import type { Answer } from './ask-questions.ts';
import { questionKinds } from './dialogue.ts';

/** Recall of evidence turns, the reciprocal rank of the first, tokens of ten memories, milliseconds a recall. */
export function scoresOf(answers: readonly Answer[]): Figures {
  const answerable = answers.filter(({ ranks }) => ranks.length > 0);
  const times = answers.map(({ milliseconds }) => milliseconds);
  return {
    recallAt5: percent(recallAt(5, answerable)),
    recallAt10: percent(recallAt(10, answerable)),
    recallAt20: percent(recallAt(20, answerable)),
    mrr: round(reciprocalRank(answerable), 3),
    tokensOf10: Math.round(mean(answers.map(({ tokens }) => tokens))),
    p50Ms: round(median(times), 1),
    p95Ms: round(percentile(times, 0.95), 1),
  };
}

/** The same for each kind of question that has evidence. */
export function scoresByKind(answers: readonly Answer[]): Figures {
  const rows = questionKinds.flatMap((kind): [string, Figures][] => {
    const own = answers.filter(({ question, ranks }) => question.kind === kind && ranks.length > 0);
    if (own.length === 0) return [];
    const figures = {
      questions: own.length,
      recallAt10: percent(recallAt(10, own)),
      mrr: round(reciprocalRank(own), 3),
    };
    return [[kind, figures]];
  });
  return Object.fromEntries(rows);
}

/** The share of a question's evidence among the first `count`, averaged over the questions. */
export function recallAt(count: number, answers: readonly Pick<Answer, 'ranks'>[]): number {
  return mean(answers.map(({ ranks }) => ranks.filter((rank) => rank <= count).length / ranks.length));
}

export function reciprocalRank(answers: readonly Pick<Answer, 'ranks'>[]): number {
  return mean(answers.map(({ ranks }) => 1 / Math.min(...ranks)));
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function percent(share: number): number {
  return round(100 * share, 1);
}
