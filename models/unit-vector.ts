/**
 * A vector scaled to length one.
 * @throws RangeError where it has no direction (all zeros, or not numbers)
 */
export function unitVector(values: ArrayLike<number>): Float32Array {
  const vector = Float32Array.from(values);
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (!Number.isFinite(length) || length === 0) throw new RangeError('the vector has no direction');
  return vector.map((value) => value / length);
}
