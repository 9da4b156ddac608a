import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { budgetUnits } from '../../contracts/budget.ts';
import type { ChargedAmount } from '../../contracts/budget.ts';
import { NEVER_BEGAN } from '../../contracts/failures.ts';
import { isObject } from '../../contracts/json.ts';

/** What a stage failed of, in words for people. */
export interface StageFailure {
  /** A failure type of design §8, or `Timeout`. */
  readonly type: string;
  readonly message: string;
  /** What the account has that has no room left. */
  readonly charged?: ChargedAmount;
}

/**
 * The cause of a failed stage, or `undefined` for anything that is no activity's failure: a cancellation, or a bug,
 * which must go on up. A regular activity's cause comes inside an `ActivityFailure`, a local one's as it is, and both
 * inside a `ChildWorkflowFailure` where a child workflow ran it.
 */
export function stageFailureOf(error: unknown): StageFailure | undefined {
  if (error instanceof ChildWorkflowFailure) return childFailureOf(error);
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    const [detail] = cause.details ?? [];
    const charged = isObject(detail) && isCharged(detail['charged']) ? { charged: detail['charged'] } : {};
    return { type: cause.type ?? 'Error', message: cause.message, ...charged };
  }
  if (cause instanceof TimeoutFailure) {
    const stage = error instanceof ActivityFailure ? error.activityType : 'A local stage';
    return { type: 'Timeout', message: `${stage} did not end in time (${cause.timeoutType}).` };
  }
  if (error instanceof ActivityFailure && !(cause instanceof CancelledFailure)) return refusedResult(error);
  return undefined;
}

/** The server itself ended the activity, e.g. because what it came to is too large to be kept. */
function refusedResult({ activityType, cause, message }: ActivityFailure): StageFailure {
  return { type: cause?.name ?? 'Error', message: `${activityType} failed: ${cause?.message ?? message}` };
}

function isCharged(value: unknown): value is ChargedAmount {
  return isObject(value) && budgetUnits.some((unit) => unit === value['unit']) && typeof value['spent'] === 'number';
}

/** Was a stage given up because its time was over? */
export function ranOutOfTime(error: unknown): boolean {
  return (error instanceof ActivityFailure ? error.cause : error) instanceof TimeoutFailure;
}

/** Did a tool call fail before its tool was called, by its first attempt? Then nothing can have happened. */
export function neverBegan(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure && cause.details?.[0] === NEVER_BEGAN;
}

function childFailureOf({ cause, workflowType, execution }: ChildWorkflowFailure): StageFailure | undefined {
  if (!(cause instanceof TerminatedFailure)) return stageFailureOf(cause);
  return { type: 'Terminated', message: `${workflowType} ${execution.workflowId} was terminated.` };
}
