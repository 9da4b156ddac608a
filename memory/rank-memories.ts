import { memoryKinds } from '../contracts/memory.ts';
import type { MemoryKind, RecallPolicy, RecalledMemory, Trust } from '../contracts/memory.ts';
import { FIELD } from './memory-fields.ts';
import { rankingFacts } from './memory-meta.ts';
import { tagValue } from './memory-tags.ts';
import { recencyOf, relevanceOf, unit } from './ranking.ts';
import type { AngleFindings } from './search-memories.ts';
import type { FoundDocument } from './search-reply.ts';
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

/** A memory found, scored from its numbers alone: only what is given back is worth reading whole. */
export interface RankedMemory {
  readonly key: string;
  readonly kind: MemoryKind | undefined;
  readonly created: number;
  readonly score: number;
  readonly parts: RecalledMemory['parts'];
  /** Why it may not come back, however good its score. */
  readonly tooFar?: string;
}

/** Everything the searches found, best first; every document gets each part, whichever search found it. */
export function rankFound(findings: readonly AngleFindings[], context: RankContext): RankedMemory[] {
  const heaviest = Math.max(...context.angles.map(({ weight }) => weight));
  const documents = documentsIn(findings);
  const scales = findings.map(({ worded, surrounded }) => ({ text: scaleOf(worded), window: scaleOf(surrounded) }));
  return [...documents.values()]
    .map((document) => {
      const views = context.angles.map((angle, at) => {
        const distance = findings[at]?.nearest.find(({ key }) => key === document.key)?.fields.get('distance');
        const relevance = viewOf(document, { angle, distance, scale: scales[at], context });
        return { ...relevance, weighted: (relevance.relevance * angle.weight) / heaviest };
      });
      // A memory counts by the angle that it fits best: to be of use for one of them is enough.
      const [best] = views.sort((left, right) => right.weighted - left.weighted);
      return scored(document, best ?? NOTHING, context);
    })
    .sort(byScore);
}

/** The best first, of two alike the newer. */
export function byScore(left: RankedMemory, right: RankedMemory): number {
  return right.score - left.score || right.created - left.created;
}

/** Memories that nothing was asked about, in the order they came. */
export function rankUnasked(documents: readonly FoundDocument[], context: RankContext): RankedMemory[] {
  return documents.map((document) => scored(document, NOTHING, context));
}

/** What a memory is to one angle. */
interface View {
  readonly vector: number;
  readonly text: number;
  readonly weighted: number;
  readonly tooFar?: string;
}

const NOTHING: View = { vector: 0, text: 0, weighted: 0 };

/** Each document once, with the fields of every search that found it. */
function documentsIn(findings: readonly AngleFindings[]): Map<string, FoundDocument> {
  const documents = new Map<string, FoundDocument>();
  for (const { nearest, worded, surrounded } of findings) {
    for (const document of [...nearest, ...worded, ...surrounded]) {
      const known = documents.get(document.key);
      const fields = known ? new Map([...known.fields, ...document.fields]) : document.fields;
      documents.set(document.key, { ...document, fields });
    }
  }
  return documents;
}

/** A search's text scores, brought to a scale on which its best is 1. */
function scaleOf(documents: readonly FoundDocument[]): Map<string, number> {
  const best = Math.max(...documents.map(({ score }) => score), Number.MIN_VALUE);
  return new Map(documents.map(({ key, score }) => [key, unit(score / best)]));
}

function viewOf(
  document: FoundDocument,
  options: {
    readonly angle: AskedAngle;
    readonly distance: Buffer | undefined;
    readonly scale: { readonly text: Map<string, number>; readonly window: Map<string, number> } | undefined;
    readonly context: RankContext;
  },
): Omit<View, 'weighted'> & { readonly relevance: number } {
  const { angle, distance, scale, context } = options;
  const { weights, window, minSimilarity, minCoverage } = context.policy;
  const hasTerms = angle.terms.length > 0;
  const hasVector = angle.vector !== undefined;
  const similarity = similarityOf(document, angle.vector, { distance, vectorType: context.vectorType });
  const around = directionOf(document, angle.vector);
  const vector = mixed(similarity, around, window);
  const coverage = coverageIn(document, angle.terms);
  const text = mixed(
    coverage.alone * (scale?.text.get(document.key) ?? 0),
    window > 0 ? coverage.within * (scale?.window.get(document.key) ?? 0) : undefined,
    window,
  );
  // What was not embedded yet, while its model was away or on its way to another one, is judged by its words alone.
  const comparable = hasVector && (distance !== undefined || document.fields.has(FIELD.vector));
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
function coverageIn(document: FoundDocument, terms: readonly string[]): { alone: number; within: number } {
  const text = stemsOf(textIn(document, FIELD.text));
  return { alone: coverageOf(terms, text), within: coverageOf(terms, text, stemsOf(textIn(document, FIELD.context))) };
}

/** Found by vector: the server's distance. Found by its words alone: from the vector that came with it. */
function similarityOf(
  document: FoundDocument,
  asked: Float32Array | undefined,
  { distance, vectorType }: { readonly distance: Buffer | undefined; readonly vectorType: VectorType },
): number {
  if (distance) return unit(1 - Number(distance.toString('latin1')));
  const stored = document.fields.get(FIELD.vector);
  return stored && asked ? unit(cosine(asked, decodeVector(stored, vectorType))) : 0;
}

function directionOf(document: FoundDocument, asked: Float32Array | undefined): number | undefined {
  const stored = document.fields.get(FIELD.window);
  return stored && asked ? unit(cosine(asked, decodeDirection(stored))) : undefined;
}

function scored(document: FoundDocument, view: View, { now, policy }: RankContext): RankedMemory {
  const created = Number(textIn(document, FIELD.created));
  const { importance, trust } = rankingFacts(textIn(document, FIELD.meta));
  const kind = memoryKinds.find((name) => name === tagValue(textIn(document, FIELD.tags), 'k:'));
  const factor = factorOf(document, { kind, trust }, policy.factors);
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
    key: document.key,
    kind,
    created,
    score: unit(factor * sum),
    parts,
    ...(tooFar === undefined ? {} : { tooFar }),
  };
}

function factorOf(
  document: FoundDocument,
  { kind, trust }: { readonly kind: MemoryKind | undefined; readonly trust: Trust },
  factors: RecallPolicy['factors'],
): number {
  const [scope = ''] = textIn(document, FIELD.scope).split(':');
  const byScope: Partial<Record<string, number>> = factors.scope ?? {};
  return ((kind && factors.kind?.[kind]) ?? 1) * (byScope[scope] ?? 1) * (factors.trust?.[trust] ?? 1);
}

function textIn({ fields }: FoundDocument, field: string): string {
  return fields.get(field)?.toString('utf8') ?? '';
}
