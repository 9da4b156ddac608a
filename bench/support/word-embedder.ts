import type { EmbeddingModel } from '../../contracts/embedding-model.ts';

const DIMENSIONS = 384;

/** An embedder that costs next to nothing: each word votes for a dimension. As long as the local model's vectors. */
export const wordEmbedder: EmbeddingModel = {
  name: 'bench-words',
  dimensions: DIMENSIONS,
  embed: async (texts) => texts.map(embed),
};

function embed(text: string): Float32Array {
  const vector = new Float32Array(DIMENSIONS).fill(0.01);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    const at = hashOf(word) % DIMENSIONS;
    vector[at] = (vector[at] ?? 0) + 1;
  }
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

function hashOf(word: string): number {
  let hash = 2_166_136_261;
  for (const character of word) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619);
  return hash >>> 0;
}
