import type { KindShare } from '../../contracts/memory-query.ts';
import type { MemoryKind } from '../../contracts/memory.ts';
import type { RankedMemory } from './rank-memories.ts';
import { wordsOf } from '../search/search-terms.ts';

/** Candidates of a recall, and how many of them may come: of each share's kinds, or of all. */
export interface Share {
  /** Default: every kind. */
  readonly kinds?: readonly MemoryKind[];
  readonly most: number;
}

/** A candidate, and its words. */
interface Pickable {
  readonly candidate: RankedMemory;
  readonly words: ReadonlySet<string>;
  /** The most that it shares with one of the picks. */
  shared: number;
}

const NO_WORDS: ReadonlySet<string> = new Set();

/** What was picked, and why each of the others was not. */
export interface Picked {
  readonly picked: readonly RankedMemory[];
  readonly left: readonly { readonly candidate: RankedMemory; readonly reason: string }[];
}

interface PickOptions {
  readonly diversity: number;
  readonly maxTokens?: number | undefined;
  readonly countTokens: (text: string) => number;
}

/** The shares that a question asks for; without any, one of all kinds. */
export function sharesOf({ shares }: { readonly shares?: readonly KindShare[] }, limit: number): readonly Share[] {
  return shares ?? [{ most: limit }];
}

/** The candidates, best first, that a share has a choice among: `choice` for each that may come. */
export function choicesFor(
  candidates: readonly RankedMemory[],
  shares: readonly Share[],
  choice: number,
): readonly RankedMemory[] {
  const chosen = shares.flatMap(({ kinds, most }) =>
    candidates.filter(({ kind }) => isOf(kind, kinds)).slice(0, most * choice),
  );
  return candidates.filter((candidate) => chosen.includes(candidate));
}

/** The shares that fewer candidates were found for than may come. */
export function shortShares(candidates: readonly RankedMemory[], shares: readonly KindShare[]): readonly KindShare[] {
  return shares.filter(({ kinds, most }) => candidates.filter(({ kind }) => isOf(kind, kinds)).length < most);
}

function isOf(kind: MemoryKind | undefined, kinds: readonly MemoryKind[] | undefined): boolean {
  return kinds === undefined || (kind !== undefined && kinds.includes(kind));
}

/**
 * Picks the best of each share that are unlike each other and fit into the tokens, share after share. Maximal marginal
 * relevance (Carbonell and Goldstein, 1998): each pick is the one whose score, less what it shares with the picks before
 * it, is highest; shared are words (Jaccard), which costs nothing and is what a reader of the prompt would see twice.
 */
export function pickMemories(
  candidates: readonly RankedMemory[],
  { shares, ...options }: PickOptions & { readonly shares: readonly Share[] },
): Picked {
  const picked: RankedMemory[] = [];
  const left: Picked['left'][number][] = [];
  for (const { kinds, most } of shares) {
    const own = candidates.filter(({ kind }) => isOf(kind, kinds));
    const used = picked.reduce((sum, { text }) => sum + options.countTokens(text), 0);
    const part = pickShare(own, { ...options, most, used: options.maxTokens === undefined ? 0 : used });
    picked.push(...part.picked);
    left.push(...part.left);
  }
  return { picked, left };
}

function pickShare(
  candidates: readonly RankedMemory[],
  options: PickOptions & { readonly most: number; readonly used: number },
): Picked {
  const { most, diversity, maxTokens = Number.POSITIVE_INFINITY, countTokens } = options;
  const rest = candidates.map((candidate): Pickable => ({
    candidate,
    words: diversity > 0 ? new Set(wordsOf(candidate.text)) : NO_WORDS,
    shared: 0,
  }));
  const picked: RankedMemory[] = [];
  const left: Picked['left'][number][] = [];
  let tokens = options.used;
  while (rest.length > 0 && picked.length < most) {
    const [next] = rest.splice(bestOf(rest, diversity), 1);
    if (!next) break;
    const cost = countTokens(next.candidate.text);
    if (tokens + cost > maxTokens) {
      const reason = `its ${cost} tokens do not fit: ${tokens} of ${maxTokens} are used`;
      left.push({ candidate: next.candidate, reason });
      continue;
    }
    tokens += cost;
    picked.push(next.candidate);
    if (diversity > 0)
      for (const other of rest) other.shared = Math.max(other.shared, shareOf(next.words, other.words));
  }
  for (const { candidate, shared } of rest) {
    const repeats = shared > 0.5 ? `, and shares ${Math.round(shared * 100)} % of its words with one of them` : '';
    left.push({ candidate, reason: `beyond the ${most} that were asked for${repeats}` });
  }
  return { picked, left };
}

/** The place of the one whose score, less what it shares with the picks, is highest. */
function bestOf(rest: readonly Pickable[], diversity: number): number {
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  rest.forEach(({ candidate, shared }, at) => {
    const value = candidate.score - diversity * shared;
    if (value <= most) return;
    best = at;
    most = value;
  });
  return best;
}

function shareOf(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  let both = 0;
  for (const word of left) if (right.has(word)) both += 1;
  const all = left.size + right.size - both;
  return all === 0 ? 0 : both / all;
}
