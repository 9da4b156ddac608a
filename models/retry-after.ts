/** The longest wait a provider may ask for; beyond it the call is tried anyway, and the provider says no again. */
export const LONGEST_RETRY_AFTER_MS = 15 * 60_000;

/**
 * Milliseconds a provider asks us to wait, from `retry-after-ms` or `retry-after` (seconds or an HTTP date), at most
 * {@link LONGEST_RETRY_AFTER_MS}; `undefined` where it asks for nothing that makes sense.
 */
export function retryAfterMs(headers: Headers | undefined, now: number = Date.now()): number | undefined {
  const exact = parseNumber(headers?.get('retry-after-ms'));
  const wait = exact ?? parseRetryAfter(headers?.get('retry-after'), now);
  if (wait === undefined || wait <= 0) return undefined;
  return Math.min(Math.ceil(wait), LONGEST_RETRY_AFTER_MS);
}

function parseRetryAfter(value: string | null | undefined, now: number): number | undefined {
  const seconds = parseNumber(value);
  if (seconds !== undefined) return seconds * 1000;
  const date = Date.parse(value ?? '');
  return Number.isNaN(date) ? undefined : date - now;
}

function parseNumber(value: string | null | undefined): number | undefined {
  if (value === null || value === undefined || !/^\s*\d+(\.\d+)?\s*$/.test(value)) return undefined;
  return Number(value);
}
