import type { RecallQuery, Reranker } from '../../contracts/memory-query.ts';
import type { RankedMemory } from './rank-memories.ts';
import { unit } from './ranking.ts';

/** The memories in the order that search and reranker together give; the search's own while there is no reranker. */
export async function rerankMemories(
  reranker: Reranker | undefined,
  options: { readonly query: RecallQuery; readonly found: readonly RankedMemory[]; readonly share: number },
): Promise<readonly RankedMemory[]> {
  const { query, found, share } = options;
  if (!reranker || found.length < 2) return found;
  const question = [query.text, ...(query.texts ?? []).map(({ text }) => text)]
    .filter((text) => text !== '')
    .join('\n');
  const shares = await scoresOf(reranker, question, found);
  if (shares?.length !== found.length) return found;
  return found
    .map((ranked, at) => {
      const rerank = unit(shares[at] ?? 0);
      const score = (1 - share) * ranked.score + share * rerank;
      return { ...ranked, score, parts: { ...ranked.parts, rerank } };
    })
    .sort((left, right) => right.score - left.score);
}

/** A recall is worth more than its order: a reranker that is away, or answers nonsense, is done without. */
async function scoresOf(
  reranker: Reranker,
  question: string,
  found: readonly RankedMemory[],
): Promise<readonly number[] | undefined> {
  return reranker
    .score(
      question,
      found.map(({ text }) => text),
    )
    .catch(() => undefined);
}
