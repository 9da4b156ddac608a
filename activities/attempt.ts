import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import type { Fenced } from '../contracts/stages.ts';

const BEAT_MS = 500;
const LONGEST_NOTE = 200;
const ATTEMPTS_A_ROUND = 1_000_000;

/** Number of this attempt of the activity, from 1. */
export function attemptNumber(): number {
  return activityInfo().attempt;
}

/** The workflow run that this stage belongs to: another one once the task was reset. */
export function runOfStage(): string {
  return activityInfo().workflowExecution?.runId ?? '';
}

/** Orders the attempts of a stage over all its rounds: what a later one wrote is never replaced by an earlier one. */
export function fenceOf({ round }: Fenced): number {
  return round * ATTEMPTS_A_ROUND + attemptNumber();
}

/** The number of the attempt that a fence stands for, within its round. */
export function attemptOfFence(fence: number): number {
  return fence % ATTEMPTS_A_ROUND;
}

/** Milliseconds without a heartbeat after which the server gives this attempt up, and another one may begin. */
export function leaseMs(): number {
  return activityInfo().heartbeatTimeoutMs ?? Number.POSITIVE_INFINITY;
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
