import { ApplicationFailure } from '@temporalio/common';
import { APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';

import { failure, FailureType } from '../contracts/failures.ts';
import type { AnswerTime } from '../contracts/language-model.ts';
import { connectionFault, isTimeoutFault } from './connection-fault.ts';
import { saysContextOverflow } from './context-overflow.ts';
import type { ModelTarget } from './model-target.ts';
import { retryAfterMs } from './retry-after.ts';
import { shorten, withoutSecret, wordIn, wordOf } from './server-word.ts';
import type { ServerWord } from './server-word.ts';

/**
 * The failure that an error of the `openai` package means, with a message for people: what happened, at which server
 * and model, what to do. The user's own abort is no failure of the model and comes back untouched, and so does what is
 * an `ApplicationFailure` already.
 */
export function classifyFailure(error: unknown, target: ModelTarget): Error {
  if (error instanceof ApplicationFailure || error instanceof APIUserAbortError) return error;
  if (error instanceof APIConnectionTimeoutError || isTimeoutFault(error)) return timeoutFailure(target);
  if (error instanceof APIError && (error.status !== undefined || hasBody(error)))
    return answeredFailure(error, target);
  if (target.began || error instanceof SyntaxError) return brokenAnswerFailure(target, brokenBy(error));
  return unreachedFailure(error, target);
}

/** The server was silent for longer than we wait. */
export function timeoutFailure(target: ModelTarget, silentMs?: number): ApplicationFailure {
  const silence = silentMs === undefined ? 'for too long' : `for ${silentMs} ms`;
  return failure(FailureType.ModelTimeout, {
    message: `${place(target)} was silent ${silence}: no byte came. It is overloaded or slow: it is tried again, or raise the model's timeoutMs.`,
  });
}

/** The whole answer took longer than it may, although it kept coming: it would do so again. */
export function answerTimeFailure(target: ModelTarget, { ms, knob }: AnswerTime): ApplicationFailure {
  return failure(FailureType.ModelAnswerTime, {
    message: `${place(target)} was still answering after ${ms} ms, the timeout of a whole answer. Raise ${knob}, or bound the answer or its effort, then resume.`,
  });
}

/** The answer began and did not end, or is not in the protocol; perhaps the server said something else instead. */
export function brokenAnswerFailure(target: ModelTarget, what: string, said?: unknown): ApplicationFailure {
  const quote = said === undefined ? '' : `: "${wordIn(said, target).message}"`;
  return failure(FailureType.ModelServerError, { message: `${place(target)} ${what}${quote}. It is tried again.` });
}

/** The server answered well by its status, with something that is no answer. */
export function noAnswerFailure(target: ModelTarget, said: unknown): ApplicationFailure {
  const word = wordIn(said, target);
  const type = typeOf(word);
  const what = word.message === '' ? 'nothing in it' : `no answer in it: "${word.message}"`;
  return failure(type, {
    message: `${place(target)} answered with status 200 and ${what}. ${adviceFor(type, word)}`,
  });
}

function answeredFailure(error: APIError, target: ModelTarget): ApplicationFailure {
  const word = wordOf(error, target);
  const type = typeOf(word);
  const status = error.status === undefined ? 'an error in its answer' : `status ${error.status}`;
  const quote = word.message === '' ? '' : `: "${word.message}"`;
  return failure(type, {
    message: `${place(target)} answered with ${status}${quote}. ${adviceFor(type, word)}`,
    retryAfterMs: retryAfterMs(error.headers),
    details: [{ status: error.status ?? null, code: word.code, requestId: error.requestID ?? null }],
  });
}

function unreachedFailure(error: unknown, target: ModelTarget): ApplicationFailure {
  const { code, message } = connectionFault(error);
  const why = code ?? shorten(withoutSecret(message, target));
  return failure(FailureType.ModelServerError, {
    message: `${place(target)} did not answer (${why}): is it up, and is the address right? It is tried again.`,
    details: [{ status: null, code: code ?? '', requestId: null }],
  });
}

function brokenBy(error: unknown): string {
  const { code, message } = connectionFault(error);
  if (code !== undefined) return `broke off its answer in the middle (${code})`;
  return `sent a broken answer (${shorten(message)})`;
}

function typeOf(word: ServerWord): FailureType {
  const { status, code, type } = word;
  if (isQuota(word)) return FailureType.ModelAuthentication;
  if (status !== 429 && saysContextOverflow(word)) return FailureType.ModelContextOverflow;
  if (isRefusal(word)) return FailureType.ModelRefused;
  return status === undefined ? typeOfCode(`${code} ${type}`) : typeOfStatus(status);
}

function typeOfStatus(status: number): FailureType {
  if (status >= 500) return FailureType.ModelServerError;
  switch (status) {
    case 401:
    case 402:
    case 403:
      return FailureType.ModelAuthentication;
    case 404:
      return FailureType.ModelNotFound;
    case 408:
      return FailureType.ModelTimeout;
    case 409:
      return FailureType.ModelConflict;
    case 413:
      return FailureType.ModelContextOverflow;
    case 425:
    case 429:
      return FailureType.ModelRateLimit;
    default:
      return FailureType.ModelBadRequest;
  }
}

/** An error inside a stream has no status of its own, only words. */
function typeOfCode(words: string): FailureType {
  if (/rate_limit|too_many_requests|\b429\b/.test(words)) return FailureType.ModelRateLimit;
  if (/authentication|invalid_api_key|permission/.test(words)) return FailureType.ModelAuthentication;
  if (/invalid_request|bad_?request/i.test(words)) return FailureType.ModelBadRequest;
  return FailureType.ModelServerError;
}

function isQuota({ status, code, type }: ServerWord): boolean {
  return (
    status === 402 || code === 'insufficient_quota' || type === 'insufficient_quota' || code === 'billing_not_active'
  );
}

function isRefusal({ code, type }: ServerWord): boolean {
  return /^content_(filter|policy_violation)$/.test(code) || /^content_(filter|policy_violation)$/.test(type);
}

function adviceFor(type: FailureType, word: ServerWord): string {
  if (isQuota(word)) return "The account's quota is used up: mend its billing or give another key, then resume.";
  switch (type) {
    case FailureType.ModelAuthentication:
      return 'Check the API key and what it may use.';
    case FailureType.ModelNotFound:
      return 'Check the model id and the base URL (most end in /v1).';
    case FailureType.ModelContextOverflow:
      return "The prompt is longer than the model's context: assemble a smaller one.";
    case FailureType.ModelRefused:
      return 'The provider refuses this content.';
    case FailureType.ModelBadRequest:
      return 'The request will be refused again as it stands.';
    default:
      return 'It is tried again.';
  }
}

function hasBody(error: APIError): boolean {
  return error.error !== undefined && error.error !== null;
}

function place({ baseURL, model }: ModelTarget): string {
  return `The model server at ${withoutCredentials(baseURL)} (model "${model}")`;
}

function withoutCredentials(address: string): string {
  return address.replace(/\/\/[^/@]*@/, '//').replace(/[?#].*$/, '');
}
