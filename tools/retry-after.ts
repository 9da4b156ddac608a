const LONGEST_MS = 3_600_000;

/** How long a server asks us to wait, from its `retry-after`: seconds or a date. At most an hour. */
export function retryAfterMs(value: string | null, now = Date.now()): number | undefined {
  if (value === null || value.trim() === '') return undefined;
  const waited = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isNaN(waited) ? undefined : Math.min(Math.max(waited, 0), LONGEST_MS);
}
