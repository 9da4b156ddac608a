import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApplicationFailure } from '@temporalio/common';
import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';

import { noAnswerFailure } from '../../models/classify-failure.ts';
import { classifyFailure } from '../../models/index.ts';
import { retryAfterMs } from '../../models/retry-after.ts';

const target = { baseURL: 'http://user:pass@models.test/v1?key=1', model: 'm-1', apiKey: 'sk-very-secret' };

function classify(error: unknown): ApplicationFailure {
  const classified = classifyFailure(error, target);
  assert.ok(classified instanceof ApplicationFailure);
  return classified;
}

function answered(status: number | undefined, body: object, headers: Record<string, string> = {}): APIError {
  return status === undefined
    ? new APIError(undefined, body, undefined, new Headers(headers))
    : APIError.generate(status, { error: body }, undefined, new Headers(headers));
}

const table: { status: number | undefined; body?: object; type: string; retried: boolean }[] = [
  { status: 400, type: 'ModelError.BadRequest', retried: false },
  { status: 401, type: 'ModelError.Authentication', retried: false },
  { status: 402, type: 'ModelError.Authentication', retried: false },
  { status: 403, type: 'ModelError.Authentication', retried: false },
  { status: 404, type: 'ModelError.NotFound', retried: false },
  { status: 405, type: 'ModelError.BadRequest', retried: false },
  { status: 408, type: 'ModelError.Timeout', retried: true },
  { status: 409, type: 'ModelError.Conflict', retried: true },
  { status: 413, type: 'ModelError.ContextOverflow', retried: false },
  { status: 422, type: 'ModelError.BadRequest', retried: false },
  { status: 425, type: 'ModelError.RateLimit', retried: true },
  { status: 429, type: 'ModelError.RateLimit', retried: true },
  { status: 500, type: 'ModelError.ServerError', retried: true },
  { status: 503, type: 'ModelError.ServerError', retried: true },
  { status: 529, type: 'ModelError.ServerError', retried: true },
  { status: 429, body: { code: 'insufficient_quota' }, type: 'ModelError.Authentication', retried: false },
  { status: 400, body: { code: 'content_filter' }, type: 'ModelError.Refused', retried: false },
  { status: 400, body: { code: 'content_policy_violation' }, type: 'ModelError.Refused', retried: false },
  { status: undefined, body: { code: 'rate_limit_exceeded' }, type: 'ModelError.RateLimit', retried: true },
  { status: undefined, body: { type: 'invalid_request_error' }, type: 'ModelError.BadRequest', retried: false },
  { status: undefined, body: { type: 'authentication_error' }, type: 'ModelError.Authentication', retried: false },
  { status: undefined, body: { message: 'engine died' }, type: 'ModelError.ServerError', retried: true },
];

for (const { status, body = { message: 'no' }, type, retried } of table) {
  test(`status ${status ?? 'none (in a stream)'} with ${JSON.stringify(body)} is ${type}`, () => {
    const failed = classify(answered(status, body));

    assert.equal(failed.type, type);
    assert.equal(failed.nonRetryable, !retried);
  });
}

const overflows = [
  "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
  'the request exceeds the available context size. try increasing the context size or enable context shift',
  'The decoder prompt (length 5000) is longer than the maximum model length of 4096.',
  "This model's maximum prompt length is 131072 but the request contains 140000 tokens.",
  'prompt is too long: 210000 tokens > 200000 maximum',
  'Input is too long for requested model.',
  'The input token count (40000) exceeds the maximum number of tokens allowed (32768).',
  'Please reduce the length of the messages or completion.',
  'Prompt contains 40000 tokens, too large for model with 32768 maximum context length',
  'the input length exceeds the context length',
];

for (const message of overflows) {
  test(`understands "${message.slice(0, 50)}…" as a context overflow`, () => {
    assert.equal(classify(answered(400, { message })).type, 'ModelError.ContextOverflow');
  });
}

const moreOverflows: [string, number, string, object?][] = [
  ['old llama.cpp', 500, 'context size exceeded'],
  ['llama.cpp', 400, 'the request needs more than there is', { type: 'exceed_context_size_error' }],
  ['LM Studio', 400, 'Reached context length of 8192 tokens with this model'],
  ['Kimi', 400, 'Your request exceeded model token limit: 131072 (requested: 140000)'],
  ['MiniMax, in a body with status 200', 200, 'invalid params, context window exceeds limit (2013)'],
  ['DashScope', 400, 'Range of input length should be [1, 30720]'],
  [
    'TGI',
    422,
    '`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 `inputs` tokens and 512 `max_new_tokens`',
  ],
  ['Zhipu', 400, 'too long', { code: '1261' }],
  ['Anthropic', 400, 'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000'],
];

for (const [server, status, message, more] of moreOverflows) {
  test(`understands how ${server} says that a prompt is too long`, () => {
    const failed =
      status === 200
        ? noAnswerFailure(target, { base_resp: { status_code: 2013, status_msg: message } })
        : classify(answered(status, { message, ...more }));
    assert.equal(failed.type, 'ModelError.ContextOverflow');
  });
}

test('understands what a provider says behind a gateway', () => {
  const metadata = { raw: '{"error":{"message":"prompt is too long: 9 tokens > 8 maximum"}}' };
  const failed = classify(answered(400, { message: 'Provider returned error', metadata }));

  assert.equal(failed.type, 'ModelError.ContextOverflow');
  assert.match(failed.message, /prompt is too long/);
});

for (const message of [
  'ThrottlingException: Too many tokens, please wait before trying again.',
  'Rate limit reached: 100000 tokens per minute',
  "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64",
  'You exceeded your current quota',
  'metadata value too long: exceeds maximum of 512 characters',
]) {
  test(`a shorter prompt mends nothing of "${message.slice(0, 40)}"`, () => {
    assert.notEqual(classify(answered(400, { message })).type, 'ModelError.ContextOverflow');
  });
}

const noOverflows = [
  "Invalid 'messages[0].content': expected a string",
  'max_tokens is too large: 100000. This model supports at most 16384 completion tokens',
  "Unsupported parameter: 'context'",
  'tool name is too long',
];

for (const message of noOverflows) {
  test(`does not take "${message.slice(0, 50)}" for a context overflow`, () => {
    assert.equal(classify(answered(400, { message })).type, 'ModelError.BadRequest');
  });
}

test('a rate limit that speaks of request length stays a rate limit', () => {
  const limited = answered(429, {
    message: 'Request too large for model on tokens per minute, reduce the length of it',
  });

  assert.equal(classify(limited).type, 'ModelError.RateLimit');
});

test('keeps credentials and keys out of the message, and long pages short', () => {
  const failed = classify(answered(502, { message: `sk-very-secret ${'<p>'.repeat(5000)}` }));

  assert.ok(!/secret|user:pass|key=1/.test(failed.message), failed.message);
  assert.ok(failed.message.includes('http://models.test/v1 (model "m-1")'));
  assert.ok(failed.message.length < 700);
});

test('carries no cause, so that the history does not keep what a provider sent', () => {
  assert.equal(classify(answered(500, { message: 'x' })).cause, undefined);
});

test('names the reason of a failed connection that fetch hides two levels down', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
  const cause = new TypeError('fetch failed', { cause: new AggregateError([refused], '') });

  const failed = classify(new APIConnectionError({ cause }));

  assert.equal(failed.type, 'ModelError.ServerError');
  assert.match(failed.message, /did not answer \(ECONNREFUSED\): is it up/);
});

test('takes timeouts of the client and of the connection for timeouts', () => {
  const slow = Object.assign(new Error('Headers Timeout Error'), { code: 'UND_ERR_HEADERS_TIMEOUT' });

  assert.equal(classify(new APIConnectionTimeoutError()).type, 'ModelError.Timeout');
  assert.equal(classify(new TypeError('fetch failed', { cause: slow })).type, 'ModelError.Timeout');
});

test("gives the caller's abort and failures of ours back untouched", () => {
  const abort = new APIUserAbortError();
  const ours = ApplicationFailure.nonRetryable('mine', 'Refused');

  assert.equal(classifyFailure(abort, target), abort);
  assert.equal(classifyFailure(ours, target), ours);
});

test('makes a server error of what it does not know', () => {
  assert.equal(classify('a string').type, 'ModelError.ServerError');
  assert.equal(classify(new SyntaxError('Unexpected token <')).type, 'ModelError.ServerError');
});

const NOW = Date.parse('2026-11-23T12:00:00Z');
const waits: { headers: Record<string, string>; ms: number | undefined }[] = [
  { headers: {}, ms: undefined },
  { headers: { 'retry-after': '3' }, ms: 3000 },
  { headers: { 'retry-after': '1.5' }, ms: 1500 },
  { headers: { 'retry-after': 'Mon, 23 Nov 2026 12:00:30 GMT' }, ms: 30_000 },
  { headers: { 'retry-after': 'Mon, 23 Nov 2026 11:00:00 GMT' }, ms: undefined },
  { headers: { 'retry-after': '0' }, ms: undefined },
  { headers: { 'retry-after': '-5' }, ms: undefined },
  { headers: { 'retry-after': 'soon' }, ms: undefined },
  { headers: { 'retry-after': '86400' }, ms: 900_000 },
  { headers: { 'retry-after-ms': '250', 'retry-after': '9' }, ms: 250 },
];

for (const { headers, ms } of waits) {
  test(`${JSON.stringify(headers)} asks for a wait of ${ms ?? 'nothing'}`, () => {
    assert.equal(retryAfterMs(new Headers(headers), NOW), ms);
  });
}
