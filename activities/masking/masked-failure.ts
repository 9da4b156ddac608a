import { ApplicationFailure } from '@temporalio/common';
import { capResult } from '../acting/tool-result.ts';

/** A text without secrets. */
type Told = (text: string) => string;

const LONGEST_MESSAGE = 2_000;

/** A failure with its type, its delay and its details, and no secret in any of its texts. */
export function maskedFailure(error: ApplicationFailure, told: Told): ApplicationFailure {
  const { type, nonRetryable, nextRetryDelay, details, cause } = error;
  const masked = ApplicationFailure.create({
    message: capResult(told(error.message), { id: '', limit: LONGEST_MESSAGE }).text,
    nonRetryable: nonRetryable ?? false,
    ...(type == null ? {} : { type }),
    ...(nextRetryDelay == null ? {} : { nextRetryDelay }),
    ...(details == null ? {} : { details: details.map((detail) => maskedDetail(detail, told)) }),
    ...(cause instanceof Error ? { cause: maskedError(cause, told) } : {}),
  });
  masked.stack = told(error.stack ?? '');
  return masked;
}

function maskedDetail(detail: unknown, told: Told): unknown {
  if (typeof detail === 'string') return told(detail);
  const text = JSON.stringify(detail);
  return text === undefined ? detail : JSON.parse(told(text));
}

/** An error's stack and causes may quote what its message does. */
export function maskedError(error: unknown, told: Told): Error {
  const masked = new Error(told(messageOf(error)));
  if (!(error instanceof Error)) return masked;
  masked.name = error.name;
  masked.stack = told(error.stack ?? '');
  return masked;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
