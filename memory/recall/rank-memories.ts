import { memoryKinds } from '../../contracts/memory.ts';
import type { RecallPolicy, RecalledMemory } from '../../contracts/memory-query.ts';
import type { MemoryKind, Trust } from '../../contracts/memory.ts';
import { FIELD } from '../record/memory-fields.ts';
import { rankingFacts } from '../record/memory-meta.ts';
import { tagValue } from '../record/memory-tags.ts';
import { recencyOf, relevanceOf, unit } from './ranking.ts';
import type { AngleFindings } from './search-memories.ts';
import type { Candidate } from './find-candidates.ts';
import { coverageOf, stemsOf } from '../search/search-terms.ts';
import { cosine } from '../vectors/vectors.ts';

/** One angle as it was asked. */
export interface AskedAngle {
  readonly terms: readonly string[];
  readonly weight: number;
  readonly vector?: Float32Array | undefined;
}

/** What the question was, for ranking. */
export interface RankContext {
  readonly angles: readonly AskedAngle[];
  readonly now: number;
  readonly policy: RecallPolicy;
}

/** A memory found, scored; only what is given back is parsed whole. */
export interface RankedMemory {
  readonly key: string;
  readonly read: Candidate['read'];
  readonly text: string;
  readonly kind: MemoryKind | undefined;
  readonly created: number;
  readonly score: number;
  readonly parts: RecalledMemory['parts'];
  /** Why it may not come back, however good its score. */
  readonly tooFar: string | undefined;
}

/** Everything the searches found, best first; every memory gets each part, whichever search found it. */
export function rankFound(
  candidates: readonly Candidate[],
  findings: readonly AngleFindings[],
  context: RankContext,
): RankedMemory[] {
  const { angles, policy } = context;
  const heaviest = Math.max(...angles.map(({ weight }) => weight));
  const searched = angles.map((angle, at) => searchedAngle(angle, findings[at] ?? NOTHING_FOUND, heaviest));
  return candidates.map((candidate) => scored(candidate, bestView(candidate, searched, policy), context)).sort(byScore);
}

/** The best first, of two alike the newer. */
export function byScore(left: RankedMemory, right: RankedMemory): number {
  return right.score - left.score || right.created - left.created;
}

/** Memories that nothing was asked about, in the order they came. */
export function rankUnasked(candidates: readonly Candidate[], context: RankContext): RankedMemory[] {
  return candidates.map((candidate) => scored(candidate, NOTHING, context));
}

/** An angle with what its searches found. */
interface SearchedAngle extends AskedAngle, AngleFindings {
  /** Its weight as a share of the heaviest one's. */
  readonly share: number;
  /** The best text scores, which are 1 on the scale that counts. */
  readonly bestWorded: number;
  readonly bestSurrounded: number;
}

const NOTHING_FOUND: AngleFindings = { nearest: new Map(), worded: new Map(), surrounded: new Map() };

function searchedAngle(angle: AskedAngle, findings: AngleFindings, heaviest: number): SearchedAngle {
  const [bestWorded, bestSurrounded] = [bestOf(findings.worded), bestOf(findings.surrounded)];
  return { ...angle, ...findings, share: angle.weight / heaviest, bestWorded, bestSurrounded };
}

function bestOf(scores: ReadonlyMap<string, number>): number {
  return Math.max(...scores.values(), Number.MIN_VALUE);
}

/** What a memory is to one angle. */
interface View {
  readonly vector: number;
  readonly text: number;
  readonly weighted: number;
  readonly tooFar: string | undefined;
}

const NOTHING: View = { vector: 0, text: 0, weighted: 0, tooFar: undefined };

/** A memory counts by the angle that it fits best: to be of use for one of them is enough. */
function bestView(candidate: Candidate, angles: readonly SearchedAngle[], policy: RecallPolicy): View {
  const stems = createStems(candidate, policy);
  let best: View | undefined;
  for (const angle of angles) {
    const view = viewOf(candidate, stems, { angle, policy });
    if (!best || view.weighted > best.weighted) best = view;
  }
  return best ?? NOTHING;
}

/** The words of a text, and of what surrounds it. */
interface Stems {
  readonly own: ReadonlySet<string>;
  readonly around: ReadonlySet<string>;
}

/** Taking texts apart costs most of all: it is done once for all angles, and where one asks for it. */
function createStems({ read, context }: Candidate, { window }: RecallPolicy): () => Stems {
  let stems: Stems | undefined;
  return () => (stems ??= { own: stemsOf(read(FIELD.text) ?? ''), around: stemsOf(window > 0 ? context : '') });
}

function viewOf(
  candidate: Candidate,
  stems: () => Stems,
  { angle, policy }: { readonly angle: SearchedAngle; readonly policy: RecallPolicy },
): View {
  const { key } = candidate;
  const { weights, window, minSimilarity, minCoverage } = policy;
  const hasTerms = angle.terms.length > 0;
  const distance = angle.nearest.get(key);
  const known = distance === undefined ? likeness(angle.vector, candidate.vector) : 1 - distance;
  const similarity = unit(known ?? 0);
  const around = window > 0 ? likeness(angle.vector, candidate.around) : undefined;
  const vector = mixed(similarity, around, window);
  const nearness = Math.max(similarity, around ?? 0);
  const isNear = angle.vector !== undefined && nearness >= minSimilarity;
  const worded = unit((angle.worded.get(key) ?? 0) / angle.bestWorded);
  const surrounded = unit((angle.surrounded.get(key) ?? 0) / angle.bestSurrounded);
  // Where no search found its words, there is no score that they could count for.
  const asksForWords = !isNear || worded > 0 || surrounded > 0;
  const coverage = asksForWords ? coverageIn(stems(), angle.terms) : NO_COVERAGE;
  const text = mixed(coverage.alone * worded, window > 0 ? coverage.within * surrounded : undefined, window);
  if (!isNear && (!hasTerms || coverage.within < minCoverage)) {
    const far = angle.vector ? `similarity ${nearness.toFixed(2)} is below ${minSimilarity}, and ` : '';
    const held = `it has ${percent(coverage.within)} of the words, not ${percent(minCoverage)}`;
    return { vector, text, weighted: 0, tooFar: `${far}${held}` };
  }
  // What was not embedded yet, while its model was away or on its way to another one, is judged by its words alone.
  const relevance = relevanceOf({ vector, text }, { weights, hasTerms, hasVector: known !== undefined });
  return { vector, text, weighted: relevance * angle.share, tooFar: undefined };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function mixed(alone: number, around: number | undefined, window: number): number {
  return around === undefined ? alone : (1 - window) * alone + window * around;
}

/**
 * The share of the words asked for that a memory holds, alone and with what surrounds it. The best text score of a search
 * may be that of a name which stands everywhere, so a score on the search's own scale counts by this share.
 */
function coverageIn({ own, around }: Stems, terms: readonly string[]): Coverage {
  return { alone: coverageOf(terms, own), within: coverageOf(terms, own, around) };
}

interface Coverage {
  readonly alone: number;
  readonly within: number;
}

const NO_COVERAGE: Coverage = { alone: 0, within: 0 };

function likeness(asked: Float32Array | undefined, stored: Float32Array | Int8Array | undefined): number | undefined {
  return asked && stored && unit(cosine(asked, stored));
}

function scored({ key, read }: Candidate, view: View, { now, policy }: RankContext): RankedMemory {
  const created = Number(read(FIELD.created));
  const { importance, trust } = rankingFacts(read(FIELD.meta) ?? '');
  const kind = memoryKinds.find((name) => name === tagValue(read(FIELD.tags) ?? '', 'k:'));
  const factor = factorOf({ scope: read(FIELD.scope) ?? '', kind, trust }, policy.factors);
  const { vector, text, weighted, tooFar } = view;
  const recency = recencyOf(created, now, policy.recencyHalfLifeDays);
  const parts = { vector, text, recency, importance: unit(importance) };
  const sum = weighted + policy.weights.recency * recency + policy.weights.importance * parts.importance;
  return {
    key,
    read,
    text: read(FIELD.text) ?? '',
    kind,
    created,
    score: unit(factor * sum),
    parts: factor === 1 ? parts : { ...parts, factor },
    tooFar,
  };
}

function factorOf(
  { scope, kind, trust }: { readonly scope: string; readonly kind: MemoryKind | undefined; readonly trust: Trust },
  factors: RecallPolicy['factors'],
): number {
  const byScope: Partial<Record<string, number>> = factors.scope ?? {};
  const of = scope.slice(0, scope.indexOf(':'));
  return ((kind && factors.kind?.[kind]) ?? 1) * (byScope[of] ?? 1) * (factors.trust?.[trust] ?? 1);
}
