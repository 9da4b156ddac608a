import assert from 'node:assert/strict';

/** Fails unless everything expected is in the value; what else is there does not matter. Lists are compared by place. */
export function assertIncludes(actual: unknown, expected: unknown): void {
  assert.deepEqual(common(actual, expected), expected);
}

/** Of a value, only what is also in the pattern. */
function common(value: unknown, pattern: unknown): unknown {
  if (Array.isArray(pattern) && Array.isArray(value)) return pattern.map((part, at) => common(value[at], part));
  if (!isObject(pattern) || !isObject(value)) return value;
  return Object.fromEntries(Object.entries(pattern).map(([name, part]) => [name, common(value[name], part)]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
