/** How a vector is kept: half precision where the server's search can, which loses no recall and half the bytes. */
export type VectorType = 'FLOAT16' | 'FLOAT32';

/** How vectors are searched: one by one (exact, smaller, faster to write), or through a graph (for large scopes). */
export type VectorSearch = 'FLAT' | 'HNSW';

/** The vector as the search module reads it: little-endian numbers without a header. */
export function encodeVector(vector: Float32Array, type: VectorType): Buffer {
  if (type === 'FLOAT32') return Buffer.from(new Float32Array(vector).buffer);
  return Buffer.from(toHalves(vector).buffer);
}

/** The numbers of a vector that {@link encodeVector} wrote. */
export function decodeVector(bytes: Buffer, type: VectorType): Float32Array {
  // A copy, because a Buffer may begin where no typed array can.
  const { buffer } = new Uint8Array(bytes);
  return type === 'FLOAT32' ? new Float32Array(buffer) : fromHalves(new Uint16Array(buffer));
}

/** A vector in one byte a number, for comparing directions only: its length is lost, some three digits stay. */
export function encodeDirection(vector: Float32Array): Buffer {
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  return Buffer.from(Int8Array.from(vector, (value) => Math.round((value / largest) * 127)).buffer);
}

/** The direction that {@link encodeDirection} wrote. */
export function decodeDirection(bytes: Buffer): Int8Array {
  return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Cosine of the angle between two vectors of the same length; 0 where one of them has no direction. */
export function cosine(left: Float32Array, right: Float32Array | Int8Array): number {
  let dot = 0;
  let leftSquares = 0;
  let rightSquares = 0;
  // Plain indexing: a recall does this for dozens of vectors, and an iterator makes it ten times as slow.
  for (let at = 0; at < left.length; at += 1) {
    const value = left[at] ?? 0;
    const other = right[at] ?? 0;
    dot += value * other;
    leftSquares += value * value;
    rightSquares += other * other;
  }
  const lengths = Math.sqrt(leftSquares * rightSquares);
  return lengths === 0 ? 0 : dot / lengths;
}

const SMALLEST_HALF = 2 ** -24;
/** 65,504, the bits of a half. */
const LARGEST_HALF = 0x7bff;
/** 2 to the power of -14, the bits of a single: what is smaller has no exponent of its own. */
const SMALLEST_NORMAL_HALF = 0x3880_0000;

/** The nearest half-precision numbers, by moving sign, exponent and fraction to where half precision has them. */
function toHalves(numbers: Float32Array): Uint16Array {
  const halves = new Uint16Array(numbers.length);
  const bits = new Uint32Array(numbers.slice().buffer);
  for (let at = 0; at < bits.length; at += 1) {
    const single = bits[at] ?? 0;
    const sign = (single >>> 16) & 0x8000;
    const magnitude = single & 0x7fff_ffff;
    if (magnitude < SMALLEST_NORMAL_HALF) halves[at] = sign | Math.round(Math.abs(numbers[at] ?? 0) / SMALLEST_HALF);
    // Rounding up may carry into the exponent, which is what the sum then does by itself.
    else halves[at] = sign | Math.min((magnitude - 0x3800_0000 + 0x1000) >>> 13, LARGEST_HALF);
  }
  return halves;
}

/** Moves sign, exponent and fraction to where single precision has them. */
function fromHalves(halves: Uint16Array): Float32Array {
  const numbers = new Float32Array(halves.length);
  const bits = new Uint32Array(numbers.buffer);
  for (let at = 0; at < halves.length; at += 1) {
    const half = halves[at] ?? 0;
    const magnitude = half & 0x7fff;
    if (magnitude < 0x400) numbers[at] = (half & 0x8000 ? -magnitude : magnitude) * SMALLEST_HALF;
    else bits[at] = ((half & 0x8000) << 16) | ((magnitude << 13) + 0x3800_0000);
  }
  return numbers;
}
