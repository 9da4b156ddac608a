import type { Figures } from '../benchmark.ts';
import { median, percentile, round } from '../support/statistics.ts';
import type { Answer } from './ask-questions.ts';
import { mean, percent } from './scores.ts';

/** Of the answerable questions of the tuning half, so many keep a best memory above the bound. */
const KEPT = 0.95;

/**
 * Can a score tell that nothing answers a question? How often nothing comes back by itself, and how many are turned away
 * by the lowest score that still lets 95 % of the answerable ones of the other half through.
 */
export function unanswerableFigures(tuning: readonly Answer[], held: readonly Answer[]): Figures {
  const bests = (answers: readonly Answer[], answerable: boolean): number[] =>
    answers.filter(({ ranks }) => ranks.length > 0 === answerable).map(({ best }) => best);
  const bound = percentile(bests(tuning, true), 1 - KEPT);
  const [yes, no] = [bests(held, true), bests(held, false)];
  return {
    questions: no.length,
    nothingCame: percent(mean(no.map((best) => (best === 0 ? 1 : 0)))),
    bestScoreMedian: round(median(no)),
    bestScoreMedianOfAnswerable: round(median(yes)),
    minScore: round(bound, 3),
    belowMinScore: percent(mean(no.map((best) => (best < bound ? 1 : 0)))),
    answerableBelowMinScore: percent(mean(yes.map((best) => (best < bound ? 1 : 0)))),
  };
}
