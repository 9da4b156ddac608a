import type { RecallQuery, RecalledMemory, Reranker } from '../contracts/memory.ts';
import { unit } from './ranking.ts';

/** The memories in the order that search and reranker together give; the search's own while there is no reranker. */
export async function rerankMemories(
  reranker: Reranker | undefined,
  options: { readonly query: RecallQuery; readonly found: readonly RecalledMemory[]; readonly share: number },
): Promise<readonly RecalledMemory[]> {
  const { query, found, share } = options;
  if (!reranker || found.length < 2) return found;
  const question = [query.text, ...(query.texts ?? []).map(({ text }) => text)]
    .filter((text) => text !== '')
    .join('\n');
  const shares = await scoresOf(reranker, question, found);
  if (shares?.length !== found.length) return found;
  return found
    .map(({ memory, score, parts }, at) => {
      const rerank = unit(shares[at] ?? 0);
      return { memory, score: (1 - share) * score + share * rerank, parts: { ...parts, rerank } };
    })
    .sort((left, right) => right.score - left.score);
}

/** A recall is worth more than its order: a reranker that is away, or answers nonsense, is done without. */
async function scoresOf(
  reranker: Reranker,
  question: string,
  found: readonly RecalledMemory[],
): Promise<readonly number[] | undefined> {
  return reranker
    .score(
      question,
      found.map(({ memory }) => memory.text),
    )
    .catch(() => undefined);
}
