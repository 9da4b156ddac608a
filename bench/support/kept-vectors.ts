import type { EmbeddingModel } from '../../contracts/embedding-model.ts';

/** The model, asked once for each text: what is compared are searches, not embeddings. */
export function withKeptVectors(model: EmbeddingModel): EmbeddingModel {
  const kept = new Map<string, Float32Array | undefined>();
  return {
    name: model.name,
    dimensions: model.dimensions,
    embed: async (texts) => {
      const unknown = [...new Set(texts.filter((text) => !kept.has(text)))];
      const vectors = unknown.length === 0 ? [] : await model.embed(unknown);
      for (const [at, vector] of vectors.entries()) kept.set(unknown[at] ?? '', vector);
      return texts.map((text) => kept.get(text)?.slice());
    },
  };
}
