import { createHash } from 'node:crypto';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import { embedTexts } from './embed-texts.ts';

/** About 3 MB at 384 dimensions. */
const MOST_KEPT = 2_000;

/**
 * A model that keeps the newest vectors it gave: from turn to turn a task asks for the same goal and the same state. They
 * are kept by their texts' digests, so that no text outlives its task here.
 */
export function keepEmbeddings(model: EmbeddingModel): EmbeddingModel {
  const kept = new Map<string, Float32Array>();
  const keep = (digest: string, vector: Float32Array): void => {
    const [oldest] = kept.keys();
    if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    kept.set(digest, vector);
  };
  return {
    name: model.name,
    dimensions: model.dimensions,
    ...(model.reads ? { reads: model.reads } : {}),
    embed: async (texts) => {
      const wanted = texts.map((text) => ({ text, digest: digestOf(text) }));
      const known = new Map(wanted.map(({ digest }) => [digest, kept.get(digest)]));
      const unknown = wanted.filter(({ digest }) => known.get(digest) === undefined);
      const vectors =
        unknown.length === 0
          ? []
          : await embedTexts(
              model,
              unknown.map(({ text }) => text),
            );
      for (const [at, { digest }] of unknown.entries()) {
        const vector = vectors[at];
        known.set(digest, vector);
        if (vector) keep(digest, vector);
      }
      return wanted.map(({ digest }) => known.get(digest)?.slice());
    },
  };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
