import { ApplicationFailure } from '@temporalio/common';
import { errorStack, errorWords } from '../../contracts/error-words.ts';
import { capResult } from '../acting/tool-result.ts';

/** A text without secrets. */
type Told = (text: string) => string;

const LONGEST_MESSAGE = 2_000;
const LONGEST_DETAIL = 16_384;
const MOST_DETAILS = 8;
const LONGEST_NAME = 100;

/**
 * A failure with its type, its delay and its details, no secret in any of its texts, and each of them bounded: the
 * server refuses a failure of megabytes, and with it the activity's result.
 */
export function maskedFailure(error: ApplicationFailure, told: Told): ApplicationFailure {
  const { type, nonRetryable, nextRetryDelay, details, cause } = error;
  const masked = ApplicationFailure.create({
    message: capResult(told(errorWords(error)), { id: '', limit: LONGEST_MESSAGE }).text,
    nonRetryable: nonRetryable ?? false,
    ...(type == null ? {} : { type }),
    ...(nextRetryDelay == null ? {} : { nextRetryDelay }),
    ...(details == null ? {} : { details: details.slice(0, MOST_DETAILS).map((detail) => maskedDetail(detail, told)) }),
    ...(cause instanceof Error ? { cause: maskedError(cause, told) } : {}),
  });
  masked.stack = told(errorStack(error));
  return masked;
}

function maskedDetail(detail: unknown, told: Told): unknown {
  if (typeof detail === 'string') return told(detail.slice(0, LONGEST_DETAIL));
  const text = JSON.stringify(detail);
  if (text === undefined) return detail;
  return text.length > LONGEST_DETAIL ? `[${text.length} characters]` : JSON.parse(told(text));
}

/** An error's stack and causes may quote what its message does. */
export function maskedError(error: unknown, told: Told): Error {
  const masked = new Error(told(errorWords(error)));
  if (!(error instanceof Error)) return masked;
  masked.name = String(error.name).slice(0, LONGEST_NAME);
  masked.stack = told(errorStack(error));
  return masked;
}
