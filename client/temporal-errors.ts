import {
  isGrpcServiceError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { FailureType, isFailure } from '../contracts/failures.ts';
import type { RefusalCode } from '../contracts/messages.ts';
import { asSentence } from '../contracts/sentence.ts';
import { WaymarkError } from './errors.ts';

const UNAVAILABLE = 14;
const DEADLINE_EXCEEDED = 4;
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;
const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;
/** What a server says that is in trouble itself: cancelled, unknown, aborted, internal. */
const IN_TROUBLE: readonly number[] = [1, 2, 10, 13];

/** What gRPC says of a call that failed. */
interface GrpcError {
  readonly code: number;
  readonly details: string;
}

/** The gRPC error itself, which the SDK wraps in some calls and not in others. */
export function grpcErrorOf(error: unknown): GrpcError | undefined {
  if (isGrpcServiceError(error)) return error;
  return error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : undefined;
}

/** Turns whatever a call came to into the client's own error: nothing else ever leaves the client. */
export function asWaymarkError(
  error: unknown,
  about: { readonly taskId: string; readonly address: string },
): WaymarkError {
  if (error instanceof WaymarkError) return error;
  if (error instanceof WorkflowNotFoundError) {
    const message = `There is no task ${about.taskId}. \`waymark list\` shows the tasks there are.`;
    return new WaymarkError('TaskNotFound', message, { cause: error });
  }
  if (error instanceof WorkflowUpdateFailedError) return updateError(error, about.taskId);
  if (error instanceof WorkflowFailedError) return endingError(error, about.taskId);
  if (isFailure(error, FailureType.MemoryUnavailable)) return asUnreachable(error);
  const refusal = grpcErrorOf(error);
  return refusal === undefined ? unexpected(error, about.taskId) : grpcError(refusal, about, error);
}

/** Refused by the task's own code; or the task ended, or its code broke, while it was at it. */
function updateError(error: WorkflowUpdateFailedError, taskId: string): WaymarkError {
  const { cause } = error;
  if (cause instanceof ApplicationFailure && cause.type === FailureType.Refused) {
    const refusal = refusalIn(cause);
    return new WaymarkError('Refused', cause.message, { cause: error, ...(refusal === undefined ? {} : { refusal }) });
  }
  const why = cause?.message ?? error.message;
  const message = `Task ${taskId} did not take the message (${why}). Look how it stands, and send it again if it is still wanted.`;
  return new WaymarkError('Refused', message, { cause: error });
}

/** Redis, as whoever read from it says. */
function asUnreachable(error: unknown): WaymarkError {
  return new WaymarkError('Unreachable', error instanceof Error ? error.message : String(error), { cause: error });
}

/** What nobody has thought of: values that make no sense, or a fault of the client's own. */
function unexpected(error: unknown, taskId: string): WaymarkError {
  const words = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError) return new WaymarkError('InvalidInput', words, { cause: error });
  const what = taskId === '' ? 'It' : `What was asked of task ${taskId}`;
  return new WaymarkError('Unexpected', `${what} failed: ${words}. The cause says where.`, { cause: error });
}

const CODES: Readonly<Record<RefusalCode, true>> = {
  Invalid: true,
  NotNow: true,
  Over: true,
  Unknown: true,
  Answered: true,
  Expired: true,
  DoesNotFit: true,
  NotAllowed: true,
};

/** The code that a task gave with its refusal. */
function refusalIn({ details }: ApplicationFailure): RefusalCode | undefined {
  const [detail]: unknown[] = details ?? [];
  const code = typeof detail === 'object' && detail !== null && 'refusal' in detail ? detail.refusal : undefined;
  return isCode(code) ? code : undefined;
}

function isCode(code: unknown): code is RefusalCode {
  return typeof code === 'string' && Object.hasOwn(CODES, code);
}

/** What connecting to Temporal failed with. */
export function unreachable(error: unknown, address: string): WaymarkError {
  if (error instanceof WaymarkError) return error;
  const reason = grpcErrorOf(error)?.details ?? (error instanceof Error ? error.message : String(error));
  const message = `Temporal at ${address} does not answer (${reason}). Start it, or set TEMPORAL_ADDRESS to where it is.`;
  return new WaymarkError('Unreachable', message, { cause: error });
}

function endingError(error: WorkflowFailedError, taskId: string): WaymarkError {
  const { cause } = error;
  if (cause instanceof CancelledFailure) {
    return new WaymarkError('TaskCancelled', `Task ${taskId} was cancelled.`, { cause: error });
  }
  const reason = cause instanceof ApplicationFailure ? cause.message : String(cause ?? error.message);
  return new WaymarkError('TaskFailed', `Task ${taskId} failed: ${reason}`, { cause: error });
}

function grpcError({ code, details }: GrpcError, about: { readonly address: string }, error: unknown): WaymarkError {
  if (code === UNAVAILABLE || code === DEADLINE_EXCEEDED) {
    return unreachable(error, about.address);
  }
  if (code === RESOURCE_EXHAUSTED && details.includes('larger than max')) {
    const message = `What was sent is larger than Temporal at ${about.address} takes: ${details}. Send less, or where it can be read.`;
    return new WaymarkError('InvalidInput', message, { cause: error });
  }
  if (code === RESOURCE_EXHAUSTED) {
    const message = `Temporal at ${about.address} takes no more just now (${details}). Try again in a moment.`;
    return new WaymarkError('Busy', message, { cause: error });
  }
  if (IN_TROUBLE.includes(code)) {
    const message = `Temporal at ${about.address} has not carried it out (${details}). Try again in a moment.`;
    return new WaymarkError('Unreachable', message, { cause: error });
  }
  if (code === INVALID_ARGUMENT && details.includes('size exceeds limit')) {
    const message = `What was sent is larger than Temporal at ${about.address} takes (${details}). Send less, or where it can be read.`;
    return new WaymarkError('InvalidInput', message, { cause: error });
  }
  if (code === INVALID_ARGUMENT && details.includes('search attribute')) {
    const message = `${details}. Run \`waymark setup\` once, or set WAYMARK_SEARCH_ATTRIBUTES=off.`;
    return new WaymarkError('Unreachable', message, { cause: error });
  }
  if (code === UNAUTHENTICATED || code === PERMISSION_DENIED) {
    const message = `Temporal at ${about.address} does not let us in (${details}). Set TEMPORAL_API_KEY or its certificates, and TEMPORAL_NAMESPACE.`;
    return new WaymarkError('Unreachable', message, { cause: error });
  }
  return new WaymarkError('Unreachable', asSentence(`Temporal at ${about.address} refuses the call: ${details}`), {
    cause: error,
  });
}
