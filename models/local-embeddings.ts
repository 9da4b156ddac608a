import { availableParallelism } from 'node:os';

import type { EmbeddingModel } from '../contracts/embedding-model.ts';
import { failure, FailureType } from '../contracts/failures.ts';
import { MINI_LM_DIMENSIONS } from './mini-lm.ts';
import { startEmbeddingThread } from './start-embedding-thread.ts';

const NAME = 'all-MiniLM-L6-v2-int8';
/** What the local model is called and how long its vectors are, without loading it. */
export const LOCAL_EMBEDDINGS = { name: NAME, dimensions: MINI_LM_DIMENSIONS } as const;
/** Texts a run of the model; larger gains nothing and lets other callers wait longer. */
const BATCH_SIZE = 16;

export interface LocalEmbeddingsOptions {
  /** The ONNX file of all-MiniLM-L6-v2, quantized to int8. */
  readonly modelPath: string;
  /** Its `tokenizer.json`. */
  readonly tokenizerPath: string;
  /** Processor threads a run may use. Default: 2, or fewer where there are fewer. */
  readonly threads?: number;
}

/**
 * Sentence embeddings without a provider: all-MiniLM-L6-v2 (int8, 384 dimensions) on the ONNX runtime, in a thread of
 * its own. Texts are cut at 256 tokens. The thread keeps no process alive that has nothing else to do.
 * @throws Error where an optional package or a file is missing, naming it
 */
export async function createLocalEmbeddings(options: LocalEmbeddingsOptions): Promise<EmbeddingModel> {
  const { modelPath, tokenizerPath, threads = Math.min(2, availableParallelism()) } = options;
  const start = (): ReturnType<typeof startEmbeddingThread> =>
    startEmbeddingThread({ modelPath, tokenizerPath, threads });
  let thread = await start();
  return {
    name: NAME,
    dimensions: MINI_LM_DIMENSIONS,
    reads: isMostlyLatin,
    embed: async (texts) => {
      const vectors = new Map<string, Float32Array>();
      try {
        if (thread.ended()) thread = await start();
        for (const batch of batchesOf(texts)) {
          const embedded = await thread.embed(batch);
          for (const [at, vector] of embedded.entries()) vectors.set(batch[at] ?? '', vector);
        }
        return texts.map((text) => copyOf(vectors.get(text)));
      } catch (error) {
        throw embeddingFailure(error);
      }
    },
  };
}

/** It was trained on English; of other alphabets it has single letters, and of signs hardly any. */
function isMostlyLatin(text: string): boolean {
  const letters = text.match(/\p{L}/gu) ?? [];
  return letters.filter((letter) => /\p{Script=Latin}/u.test(letter)).length * 2 >= letters.length;
}

/** Texts that are the same share a vector inside, and callers own what they get. */
function copyOf(vector: Float32Array | undefined): Float32Array {
  if (vector === undefined) throw new Error('it gave fewer vectors than texts');
  return vector.slice();
}

/** Each text once, those of like length together, since a batch is as slow as its longest text. */
function batchesOf(texts: readonly string[]): string[][] {
  const sorted = [...new Set(texts)].toSorted((a, b) => a.length - b.length);
  const batches: string[][] = [];
  for (let from = 0; from < sorted.length; from += BATCH_SIZE) batches.push(sorted.slice(from, from + BATCH_SIZE));
  return batches;
}

function embeddingFailure(error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return failure(FailureType.ModelServerError, {
    message: `The local embedding model ${NAME} failed: ${reason}. It is tried again.`,
    cause: error,
  });
}
