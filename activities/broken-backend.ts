import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { DID_NOT_ACT, failure, FailureType } from '../contracts/failures.ts';
import type { Tool } from '../tools/define-tool.ts';
import { DidNotAct } from '../tools/did-not-act.ts';
import { abortSignal } from './attempt.ts';
import { capResult } from './tool-result.ts';

const LONGEST_MESSAGE = 2_000;

/** Whose error it is, and what its texts are without secrets. */
export interface BrokenCall {
  readonly tool: Tool;
  readonly attempt: number;
  readonly told: (text: string) => string;
}

/** What Temporal retries. Cancellation and failures with a type of their own keep what they are; no secret goes with any. */
export function brokenBackend(error: unknown, { tool, attempt, told }: BrokenCall): unknown {
  if (error instanceof CancelledFailure) return error;
  if (error instanceof ApplicationFailure) return maskedFailure(error, told);
  if (abortSignal().aborted) return maskedError(error, told);
  const reason = told(messageOf(error));
  const message = `Tool ${tool.description.name} failed at attempt ${attempt}: ${reason}. If its backend is down, repair it.`;
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

function maskedFailure(error: ApplicationFailure, told: BrokenCall['told']): ApplicationFailure {
  const { type, nonRetryable, nextRetryDelay, details, cause } = error;
  const masked = ApplicationFailure.create({
    message: capText(told(error.message)),
    nonRetryable: nonRetryable ?? false,
    ...(type == null ? {} : { type }),
    ...(nextRetryDelay == null ? {} : { nextRetryDelay }),
    ...(details == null ? {} : { details: details.map((detail) => maskedDetail(detail, told)) }),
    ...(cause instanceof Error ? { cause: maskedError(cause, told) } : {}),
  });
  masked.stack = told(error.stack ?? '');
  return masked;
}

function maskedDetail(detail: unknown, told: BrokenCall['told']): unknown {
  if (typeof detail === 'string') return told(detail);
  const text = JSON.stringify(detail);
  return text === undefined ? detail : JSON.parse(told(text));
}

/** An error's stack and causes may quote what its message does. */
function maskedError(error: unknown, told: BrokenCall['told']): Error {
  const masked = new Error(told(messageOf(error)));
  if (!(error instanceof Error)) return masked;
  masked.name = error.name;
  masked.stack = told(error.stack ?? '');
  return masked;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function capText(text: string): string {
  return capResult(text, { id: '', limit: LONGEST_MESSAGE }).text;
}
