import type { RecalledMemory } from '../contracts/memory.ts';
import { wordsOf } from './search-terms.ts';

/** A candidate, read whole. */
interface Pickable {
  readonly candidate: RecalledMemory;
  readonly words: ReadonlySet<string>;
  /** The most that it shares with one of the picks. */
  shared: number;
}

/** What was picked, and why each of the others was not. */
export interface Picked {
  readonly picked: readonly RecalledMemory[];
  readonly left: readonly { readonly candidate: RecalledMemory; readonly reason: string }[];
}

/**
 * Picks the best that are unlike each other and fit into the tokens. Maximal marginal relevance (Carbonell and
 * Goldstein, 1998): each pick is the one whose score, less what it shares with the picks before it, is highest; shared
 * are words (Jaccard), which costs nothing and is what a reader of the prompt would see twice.
 */
export function pickMemories(
  candidates: readonly RecalledMemory[],
  options: {
    readonly limit: number;
    readonly diversity: number;
    readonly maxTokens?: number | undefined;
    readonly countTokens: (text: string) => number;
  },
): Picked {
  const { limit, diversity, maxTokens = Number.POSITIVE_INFINITY, countTokens } = options;
  const rest = candidates.map((candidate): Pickable => ({ candidate, words: wordsIn(candidate), shared: 0 }));
  const picked: RecalledMemory[] = [];
  const left: { candidate: RecalledMemory; reason: string }[] = [];
  let tokens = 0;
  while (rest.length > 0 && picked.length < limit) {
    const values = rest.map(({ candidate, shared }) => candidate.score - diversity * shared);
    const [next] = rest.splice(values.indexOf(Math.max(...values)), 1);
    if (!next) break;
    const cost = countTokens(next.candidate.memory.text);
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
    left.push({ candidate, reason: `beyond the ${limit} that were asked for${repeats}` });
  }
  return { picked, left };
}

function wordsIn({ memory }: RecalledMemory): Set<string> {
  return new Set(wordsOf(memory.text));
}

function shareOf(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const both = [...left].filter((word) => right.has(word)).length;
  const all = left.size + right.size - both;
  return all === 0 ? 0 : both / all;
}
