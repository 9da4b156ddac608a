import { ApplicationFailure } from '@temporalio/common';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import { FailureType, failure } from '../../contracts/failures.ts';

/**
 * The vectors of texts, checked: a document whose vector has a wrong length would be stored and silently missing from
 * the whole index. A text that the model refuses has none.
 * @throws ApplicationFailure `MemoryIndexMismatch` when the model gives something else than it declares
 */
export async function embedTexts(
  embedder: EmbeddingModel,
  texts: readonly string[],
): Promise<(Float32Array | undefined)[]> {
  const vectors = await embedder.embed(texts);
  if (vectors.length !== texts.length) {
    throw broken(embedder, `gave ${vectors.length} vectors for ${texts.length} texts`);
  }
  for (const vector of vectors) {
    if (vector === undefined) continue;
    if (vector.length !== embedder.dimensions) {
      throw broken(embedder, `declares ${embedder.dimensions} dimensions and gave a vector of ${vector.length}`);
    }
    // Nothing is near to a vector of zeros, and the search module answers a query with one by nothing at all.
    if (vector.every((value) => value === 0)) throw broken(embedder, 'gave a vector of nothing but zeros');
    if (!vector.every(Number.isFinite)) throw broken(embedder, 'gave a vector with values that are not numbers');
  }
  return vectors;
}

/**
 * The vectors of texts, or `undefined` while the model is away: memory then works by words alone.
 * @throws what trying again cannot mend (a wrong key, a wrong model): a person has to see it
 */
export async function embedUnlessAway(
  embedder: EmbeddingModel,
  texts: readonly string[],
): Promise<(Float32Array | undefined)[] | undefined> {
  return unlessAway(() => embedTexts(embedder, texts));
}

/** What `embed` gives, or `undefined` while its model is away. @throws as {@link embedUnlessAway} */
export async function unlessAway<Result>(embed: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await embed();
  } catch (error) {
    if (!(error instanceof Error) || (error instanceof ApplicationFailure && error.nonRetryable === true)) throw error;
    return undefined;
  }
}

function broken(embedder: EmbeddingModel, problem: string): Error {
  const message = `The embedding model ${embedder.name} ${problem}. Correct its configuration; nothing was stored.`;
  return failure(FailureType.MemoryIndexMismatch, { message });
}
