import { memoryKinds } from '../contracts/memory.ts';
import type { RecallPolicy, RecalledMemory } from '../contracts/memory-query.ts';
import type { MemoryKind, Trust } from '../contracts/memory.ts';
import { FIELD } from './memory-fields.ts';
import { rankingFacts } from './memory-meta.ts';
import { tagValue } from './memory-tags.ts';
import { recencyOf, relevanceOf, unit } from './ranking.ts';
import type { AngleFindings } from './search-memories.ts';
import type { Candidate } from './read-candidates.ts';
import { coverageOf, stemsOf } from './search-terms.ts';
import { cosine, decodeDirection, decodeVector } from './vectors.ts';
import type { VectorType } from './vectors.ts';

/** One angle as it was asked. */
export interface AskedAngle {
  readonly terms: readonly string[];
  readonly weight: number;
  readonly vector?: Float32Array | undefined;
}

/** What the question was, for ranking. */
export interface RankContext {
  readonly angles: readonly AskedAngle[];
  readonly vectorType: VectorType;
  readonly now: number;
  readonly policy: RecallPolicy;
}

/** A memory found, scored; only what is given back is parsed whole. */
export interface RankedMemory {
  readonly key: string;
  readonly fields: Candidate['fields'];
  readonly text: string;
  readonly kind: MemoryKind | undefined;
  readonly created: number;
  readonly score: number;
  readonly parts: RecalledMemory['parts'];
  /** Why it may not come back, however good its score. */
  readonly tooFar?: string;
}

/** Everything the searches found, best first; every memory gets each part, whichever search found it. */
export function rankFound(
  candidates: readonly Candidate[],
  findings: readonly AngleFindings[],
  context: RankContext,
): RankedMemory[] {
  const heaviest = Math.max(...context.angles.map(({ weight }) => weight));
  const scales = findings.map(({ worded, surrounded }) => ({ text: bestOf(worded), window: bestOf(surrounded) }));
  return candidates
    .map((candidate) => {
      const told = toldBy(candidate, context.vectorType);
      const views = context.angles.map((angle, at) => {
        const scores = scoresOf(candidate.key, findings[at], scales[at]);
        const relevance = viewOf(told, { angle, scores, policy: context.policy });
        return { ...relevance, weighted: (relevance.relevance * angle.weight) / heaviest };
      });
      // A memory counts by the angle that it fits best: to be of use for one of them is enough.
      const [best] = views.sort((left, right) => right.weighted - left.weighted);
      return scored(candidate, best ?? NOTHING, context);
    })
    .sort(byScore);
}

/** The best first, of two alike the newer. */
export function byScore(left: RankedMemory, right: RankedMemory): number {
  return right.score - left.score || right.created - left.created;
}

/** Memories that nothing was asked about, in the order they came. */
export function rankUnasked(candidates: readonly Candidate[], context: RankContext): RankedMemory[] {
  return candidates.map((candidate) => scored(candidate, NOTHING, context));
}

/** What a memory is to one angle. */
interface View {
  readonly vector: number;
  readonly text: number;
  readonly weighted: number;
  readonly tooFar?: string;
}

const NOTHING: View = { vector: 0, text: 0, weighted: 0 };

/** What a candidate says for itself, taken from its fields once for all angles. */
interface Told {
  readonly words: ReadonlySet<string>;
  readonly wordsAround: ReadonlySet<string>;
  readonly vector: Float32Array | undefined;
  /** Of the text within its surroundings. */
  readonly around: Float32Array | undefined;
}

function toldBy(candidate: Candidate, vectorType: VectorType): Told {
  const vector = candidate.fields.get(FIELD.vector);
  const around = candidate.fields.get(FIELD.window);
  return {
    words: stemsOf(textIn(candidate, FIELD.text)),
    wordsAround: stemsOf(textIn(candidate, FIELD.context)),
    vector: vector && decodeVector(vector, vectorType),
    around: around && decodeDirection(around),
  };
}

/** What the searches for an angle said of one memory: text scores on a scale on which their best is 1. */
interface FoundScores {
  readonly similarity: number | undefined;
  readonly text: number;
  readonly window: number;
}

function scoresOf(
  key: string,
  found: AngleFindings | undefined,
  best: { readonly text: number; readonly window: number } = { text: 1, window: 1 },
): FoundScores {
  return {
    similarity: found?.nearest.get(key),
    text: unit((found?.worded.get(key) ?? 0) / best.text),
    window: unit((found?.surrounded.get(key) ?? 0) / best.window),
  };
}

function bestOf(scores: ReadonlyMap<string, number>): number {
  return Math.max(...scores.values(), Number.MIN_VALUE);
}

function viewOf(
  told: Told,
  options: { readonly angle: AskedAngle; readonly scores: FoundScores; readonly policy: RecallPolicy },
): Omit<View, 'weighted'> & { readonly relevance: number } {
  const { angle, scores, policy } = options;
  const { weights, window, minSimilarity, minCoverage } = policy;
  const hasTerms = angle.terms.length > 0;
  const hasVector = angle.vector !== undefined;
  const similarity = similarityOf(told.vector, angle.vector, scores.similarity);
  const around = told.around && angle.vector && unit(cosine(angle.vector, told.around));
  const vector = mixed(similarity, around, window);
  const coverage = coverageIn(told, angle.terms);
  const withWindow = window > 0 ? coverage.within * scores.window : undefined;
  const text = mixed(coverage.alone * scores.text, withWindow, window);
  // What was not embedded yet, while its model was away or on its way to another one, is judged by its words alone.
  const comparable = hasVector && (scores.similarity !== undefined || told.vector !== undefined);
  const relevance = relevanceOf({ vector, text }, { weights, hasTerms, hasVector: comparable });
  const nearness = Math.max(similarity, around ?? 0);
  if (hasVector && nearness >= minSimilarity) return { vector, text, relevance };
  if (coverage.within >= minCoverage && hasTerms) return { vector, text, relevance };
  const far = hasVector ? `similarity ${nearness.toFixed(2)} is below ${minSimilarity}, and ` : '';
  const share = `it has ${Math.round(coverage.within * 100)} % of the words, not ${Math.round(minCoverage * 100)} %`;
  return { vector, text, relevance: 0, tooFar: `${far}${share}` };
}

function mixed(alone: number, around: number | undefined, window: number): number {
  return around === undefined ? alone : (1 - window) * alone + window * around;
}

/**
 * The share of the words asked for that a memory holds, alone and with what surrounds it. The best text score of a search
 * may be that of a name which stands everywhere, so a score on the search's own scale counts by this share.
 */
function coverageIn({ words, wordsAround }: Told, terms: readonly string[]): { alone: number; within: number } {
  return { alone: coverageOf(terms, words), within: coverageOf(terms, words, wordsAround) };
}

/** Found by vector: as the server says. Found by its words alone: from the vector that it has. */
function similarityOf(
  stored: Float32Array | undefined,
  asked: Float32Array | undefined,
  found: number | undefined,
): number {
  if (found !== undefined) return unit(found);
  return stored && asked ? unit(cosine(asked, stored)) : 0;
}

function scored(candidate: Candidate, view: View, { now, policy }: RankContext): RankedMemory {
  const created = Number(textIn(candidate, FIELD.created));
  const { importance, trust } = rankingFacts(textIn(candidate, FIELD.meta));
  const kind = memoryKinds.find((name) => name === tagValue(textIn(candidate, FIELD.tags), 'k:'));
  const factor = factorOf(candidate, { kind, trust }, policy.factors);
  const { vector, text } = view;
  const parts = {
    vector,
    text,
    recency: recencyOf(created, now, policy.recencyHalfLifeDays),
    importance: unit(importance),
    ...(factor === 1 ? {} : { factor }),
  };
  const { weights } = policy;
  const sum = view.weighted + weights.recency * parts.recency + weights.importance * parts.importance;
  const { tooFar } = view;
  return {
    ...candidate,
    text: textIn(candidate, FIELD.text),
    kind,
    created,
    score: unit(factor * sum),
    parts,
    ...(tooFar === undefined ? {} : { tooFar }),
  };
}

function factorOf(
  candidate: Candidate,
  { kind, trust }: { readonly kind: MemoryKind | undefined; readonly trust: Trust },
  factors: RecallPolicy['factors'],
): number {
  const [scope = ''] = textIn(candidate, FIELD.scope).split(':');
  const byScope: Partial<Record<string, number>> = factors.scope ?? {};
  return ((kind && factors.kind?.[kind]) ?? 1) * (byScope[scope] ?? 1) * (factors.trust?.[trust] ?? 1);
}

function textIn({ fields }: Candidate, field: string): string {
  return fields.get(field)?.toString('utf8') ?? '';
}
