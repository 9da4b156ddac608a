import { UsageError } from '../command-error.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const DURATION = /^(?:\d+[smhdw])+$/u;
const ISO = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/u;

/** Reads a moment: ISO 8601, or a duration from now such as `3d` or `1h30m`. @throws UsageError */
export function readMoment(given: string, { option, now = Date.now() }: { option: string; now?: number }): string {
  const at = DURATION.test(given) ? now + durationOf(given) : ISO.test(given) ? Date.parse(given) : Number.NaN;
  // Later than this, a Date cannot tell the time.
  if (!Number.isFinite(at) || Math.abs(at) > 8.64e15) {
    throw new UsageError(
      `${option} "${given}" is neither a time such as 2026-12-01T09:00 nor a duration such as 3d or 1h30m.`,
    );
  }
  if (at <= now) throw new UsageError(`${option} ${given} is over already.`);
  return new Date(at).toISOString();
}

function durationOf(given: string): number {
  return [...given.matchAll(/(\d+)([smhdw])/gu)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? Number.NaN),
    0,
  );
}
