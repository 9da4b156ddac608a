import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import type { Fenced } from '../contracts/stages.ts';

const BEAT_MS = 500;
const LONGEST_NOTE = 200;
const ATTEMPTS_A_ROUND = 1_000_000;

/** Number of this attempt of the activity, from 1. */
export function attemptNumber(): number {
  return activityInfo().attempt;
}

/** Orders the attempts of a stage over all its rounds: what a later one wrote is never replaced by an earlier one. */
export function fenceOf({ round }: Fenced): number {
  return round * ATTEMPTS_A_ROUND + attemptNumber();
}

/** Aborted when the activity is cancelled, its time is up, or the worker shuts down. */
export function abortSignal(): AbortSignal {
  return cancellationSignal();
}

/**
 * Tells Temporal that the worker lives, for as long as `work` runs; cancellation reaches a stage by its heartbeats. The
 * first comes after a while: a start counts as a sign of life, and each one is a request that the server writes down.
 * Each carries the newest note that `work` gave of its progress.
 */
export async function beating<Result>(work: (progress: (note: string) => void) => Promise<Result>): Promise<Result> {
  if (activityInfo().isLocal) return work(() => undefined);
  let newest: string | undefined;
  const beat = (): void => heartbeat(newest);
  const timer = setInterval(beat, BEAT_MS);
  try {
    return await work((note) => {
      newest = note.slice(0, LONGEST_NOTE);
      beat();
    });
  } finally {
    clearInterval(timer);
  }
}
