import type { EmbeddingModel } from '../../contracts/embedding-model.ts';

/** A deterministic embedder: each word votes for a few dimensions. Texts that share words are near, others far. */
export function bagOfWords({ name = 'bag-of-words', dimensions = 64 } = {}): EmbeddingModel {
  return { name, dimensions, embed: async (texts) => texts.map((text) => embed(text, dimensions)) };
}

function embed(text: string, dimensions: number): Float32Array {
  // Never all zeros, also where there are no words or their votes cancel each other out.
  const vector = new Float32Array(dimensions).fill(0.01);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    for (const seed of [1, 2, 3, 4]) {
      const hash = hashOf(word, seed);
      const at = hash % dimensions;
      vector[at] = (vector[at] ?? 0) + (hash & 0x10000 ? 1 : -1);
    }
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

function hashOf(word: string, seed: number): number {
  let hash = 2_166_136_261 ^ Math.imul(seed, 0x9e3779b1);
  for (const character of word) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619);
  return (hash ^ (hash >>> 15)) >>> 0;
}
