import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { DID_NOT_ACT, failure, FailureType } from '../../contracts/failures.ts';
import { asSentence } from '../../contracts/sentence.ts';
import { DidNotAct } from '../../tools/did-not-act.ts';
import { abortSignal } from '../attempt.ts';
import { errorWords } from '../../contracts/error-words.ts';
import { maskedError, maskedFailure } from '../masking/masked-failure.ts';
import { capResult } from './tool-result.ts';

const LONGEST_MESSAGE = 2_000;

/** Whose error it is, and what its texts are without secrets. */
export interface BrokenCall {
  /** E.g. `Tool pay`. */
  readonly what: string;
  readonly attempt: number;
  readonly told: (text: string) => string;
}

/** What Temporal retries. Cancellation and failures with a type of their own keep what they are; no secret goes with any. */
export function brokenBackend(error: unknown, { what, attempt, told }: BrokenCall): unknown {
  if (error instanceof CancelledFailure) return error;
  if (error instanceof ApplicationFailure) return maskedFailure(error, told);
  if (abortSignal().aborted) return maskedError(error, told);
  const reason = told(errorWords(error));
  const message = `${what} failed at attempt ${attempt}: ${asSentence(reason)} If its backend is down, repair it.`;
  return failure(FailureType.ToolBackend, {
    message: capText(message),
    cause: maskedError(error, told),
    retryAfterMs: retryAfterOf(error),
    ...(error instanceof DidNotAct ? { details: [DID_NOT_ACT] } : {}),
  });
}

/** The longest that a backend's word on when to come back is heeded: after that, trying is how one finds out. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;

/** Milliseconds that the backend asked for before the next attempt: an error's own `retryAfterMs`. */
function retryAfterOf(error: unknown): number | undefined {
  const asked: unknown = error instanceof Error && 'retryAfterMs' in error ? error.retryAfterMs : undefined;
  return typeof asked === 'number' && asked >= 0 ? Math.min(asked, LONGEST_RETRY_AFTER_MS) : undefined;
}

function capText(text: string): string {
  return capResult(text, { id: '', limit: LONGEST_MESSAGE }).text;
}
