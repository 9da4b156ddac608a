import { unitVector } from './unit-vector.ts';

/** What a sentence-transformer gives for a batch: a vector a token, `[batch, length, dimensions]` in one row. */
export interface TokenVectors {
  readonly values: Float32Array;
  readonly length: number;
  readonly dimensions: number;
}

/** The vector of one text of a batch: the mean over its own tokens, padding left out, scaled to length one. */
export function meanPooled(vectors: TokenVectors, { row, tokens }: { row: number; tokens: number }): Float32Array {
  const { values, length, dimensions } = vectors;
  const sums = new Float64Array(dimensions);
  const start = row * length * dimensions;
  for (let at = 0; at < tokens * dimensions; at += 1) {
    const dimension = at % dimensions;
    sums[dimension] = (sums[dimension] ?? 0) + (values[start + at] ?? 0);
  }
  return unitVector(sums);
}
