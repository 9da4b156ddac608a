import type { RecallPolicy, ScoreWeights } from '../../contracts/memory-query.ts';

/** What each part of a score counts; together 1. A linear sum, because rank fusion measured worse. */
export const RECALL_WEIGHTS: ScoreWeights = { vector: 0.7, text: 0.2, recency: 0.05, importance: 0.05 };

/** After this many days a memory counts half as recent. */
export const RECENCY_HALF_LIFE_DAYS = 30;
const DAY_MS = 86_400_000;

/** How recall weighs and bounds, where nobody says otherwise. */
export const RECALL_POLICY: RecallPolicy = {
  weights: RECALL_WEIGHTS,
  window: 0.5,
  recencyHalfLifeDays: RECENCY_HALF_LIFE_DAYS,
  minSimilarity: 0.1,
  minCoverage: 0.5,
  diversity: 0.1,
  rerank: 0.5,
  factors: {},
};

/** Recency from 1 (now) towards 0, halving every half-life. */
export function recencyOf(createdAtMs: number, now: number, halfLifeDays = RECENCY_HALF_LIFE_DAYS): number {
  return 0.5 ** (Math.max(0, now - createdAtMs) / DAY_MS / halfLifeDays);
}

/**
 * How relevant a memory is to an angle, from 0 to the weights of both parts. An angle without searchable words is
 * judged by meaning alone, and by its words alone while the embedding model is away.
 */
export function relevanceOf(
  { vector, text }: Pick<ScoreWeights, 'vector' | 'text'>,
  { weights, hasTerms, hasVector }: { weights: ScoreWeights; hasTerms: boolean; hasVector: boolean },
): number {
  const both = weights.vector + weights.text;
  if (!hasVector) return both * text;
  return hasTerms ? weights.vector * vector + weights.text * text : both * vector;
}

/** A number brought into the range from 0 to 1; what is not a number counts nothing. */
export function unit(value: number): number {
  return value > 0 ? Math.min(value, 1) : 0;
}
