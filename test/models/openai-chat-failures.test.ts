import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApplicationFailure } from '@temporalio/common';

import type { Usage } from '../../contracts/language-model.ts';
import { createOpenAiChat } from '../../models/index.ts';
import type { ScriptedAnswer } from '../../models/index.ts';
import { scriptedModel } from '../support/scripted-model.ts';
import { chunkOf, rawServer, sendEvents } from './raw-server.ts';

const request = { messages: [{ role: 'user' as const, content: 'hello' }], tools: [] };

async function failureAt(baseURL: string, timeoutMs = 5000): Promise<ApplicationFailure> {
  const chat = createOpenAiChat({ apiKey: 'secret-key-456', baseURL, model: 'scripted', timeoutMs });
  try {
    await chat.complete(request);
  } catch (error) {
    assert.ok(error instanceof ApplicationFailure, `not an ApplicationFailure: ${String(error)}`);
    return error;
  }
  return assert.fail('the model answered');
}

const answers: {
  title: string;
  answer: ScriptedAnswer;
  type: string;
  retried: boolean;
  says: RegExp;
  after?: number;
}[] = [
  {
    title: 'a wrong API key (401) is an authentication failure that a person must mend',
    answer: { error: { status: 401, message: 'Incorrect API key secret-key-456', code: 'invalid_api_key' } },
    type: 'ModelError.Authentication',
    retried: false,
    says: /status 401: "Incorrect API key \[key\]"\. Check the API key/,
  },
  {
    title: 'a rate limit (429) is retried after the time that the provider names',
    answer: { error: { status: 429, message: 'Slow down' }, retryAfterSeconds: 7 },
    type: 'ModelError.RateLimit',
    retried: true,
    says: /status 429: "Slow down"/,
    after: 7000,
  },
  {
    title: 'a used-up quota (429) is not retried, for only a person can pay',
    answer: { error: { status: 429, message: 'You exceeded your quota', code: 'insufficient_quota' } },
    type: 'ModelError.Authentication',
    retried: false,
    says: /quota.*billing/,
  },
  {
    title: 'a broken server (500) is retried',
    answer: { error: { status: 500, message: 'Oops' } },
    type: 'ModelError.ServerError',
    retried: true,
    says: /status 500: "Oops"/,
  },
  {
    title: 'an overloaded server (503) is retried after the time that it names',
    answer: { error: { status: 503, message: 'Loading model' }, retryAfterSeconds: 2 },
    type: 'ModelError.ServerError',
    retried: true,
    says: /Loading model/,
    after: 2000,
  },
  {
    title: 'a prompt that is too long (400) is a context overflow',
    answer: { error: { status: 400, message: 'too long', code: 'context_length_exceeded' } },
    type: 'ModelError.ContextOverflow',
    retried: false,
    says: /longer than the model's context/,
  },
  {
    title: 'any other bad request (400) is not retried',
    answer: { error: { status: 400, message: "'tools' must not be empty" } },
    type: 'ModelError.BadRequest',
    retried: false,
    says: /'tools' must not be empty/,
  },
  {
    title: 'an unknown model (404) is not retried',
    answer: { error: { status: 404, message: 'model "scripted" not found' } },
    type: 'ModelError.NotFound',
    retried: false,
    says: /Check the model id and the base URL/,
  },
  {
    title: 'a connection cut in mid-stream is retried',
    answer: { disconnect: true },
    type: 'ModelError.ServerError',
    retried: true,
    says: /broke off its answer in the middle/,
  },
  {
    title: 'an answer stopped by the content filter is a refusal',
    answer: { text: 'I could', finishReason: 'content_filter' },
    type: 'ModelError.Refused',
    retried: false,
    says: /content filter/,
  },
];

for (const { title, answer, type, retried, says, after } of answers) {
  test(title, async (t) => {
    const model = await scriptedModel(t, [answer]);

    const failed = await failureAt(model.baseURL);

    assert.equal(failed.type, type);
    assert.equal(failed.nonRetryable, !retried);
    assert.equal(failed.nextRetryDelay, after);
    assert.match(failed.message, says);
    assert.ok(failed.message.includes(model.baseURL) || type === 'ModelError.Refused', failed.message);
    assert.equal(model.requests().length, 1);
  });
}

test('a server that is not there is retried, and the message names its address', async (t) => {
  const server = await rawServer(t, () => {});
  server.stop();

  const failed = await failureAt(server.baseURL);

  assert.equal(failed.type, 'ModelError.ServerError');
  assert.equal(failed.nonRetryable, false);
  assert.ok(failed.message.includes(`${server.baseURL} (model "scripted") did not answer (ECONNREFUSED): is it up`));
});

test('a server that never begins to answer is a timeout', async (t) => {
  const model = await scriptedModel(t, () => ({ text: 'late', delayMs: 30_000 }));
  const started = performance.now();

  const failed = await failureAt(model.baseURL, 150);

  assert.equal(failed.type, 'ModelError.Timeout');
  assert.equal(failed.nonRetryable, false);
  assert.match(failed.message, /silent for 150 ms/);
  assert.ok(performance.now() - started < 1000);
});

test('a server that falls silent in the middle of its answer is a timeout', async (t) => {
  const model = await scriptedModel(t, () => ({ text: 'one two three', chunkDelayMs: 30_000 }));

  const failed = await failureAt(model.baseURL, 150);

  assert.equal(failed.type, 'ModelError.Timeout');
});

test('a slow answer that keeps coming is no timeout', async (t) => {
  const model = await scriptedModel(t, [{ text: 'one two three four five six', chunkDelayMs: 60 }]);
  const chat = createOpenAiChat({ apiKey: '', baseURL: model.baseURL, model: 'scripted', timeoutMs: 200 });

  const completion = await chat.complete(request);

  assert.equal(completion.text, 'one two three four five six');
});

test('a stream that ends without a reason was cut', async (t) => {
  const server = await rawServer(t, (_request, response) => sendEvents(response, [chunkOf({ content: 'Half' })]));

  const failed = await failureAt(server.baseURL);

  assert.equal(failed.type, 'ModelError.ServerError');
  assert.match(failed.message, /ended its answer in the middle/);
});

test('events that are not JSON are a server error', async (t) => {
  const server = await rawServer(t, (_request, response) => sendEvents(response, ['{"choices": [', '[DONE]']));

  const failed = await failureAt(server.baseURL);

  assert.equal(failed.type, 'ModelError.ServerError');
  assert.match(failed.message, /sent a broken answer/);
});

test('events that are not in the protocol are a server error', async (t) => {
  const server = await rawServer(t, (_request, response) => sendEvents(response, [{ choices: 'none' }]));

  const failed = await failureAt(server.baseURL);

  assert.equal(failed.type, 'ModelError.ServerError');
  assert.match(failed.message, /no answer in it/);
});

test('a web page instead of an answer is a server error', async (t) => {
  const server = await rawServer(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<html>Please log in</html>');
  });

  const failed = await failureAt(server.baseURL);

  assert.equal(failed.type, 'ModelError.ServerError');
});

test('an error inside a stream is known by its words', async (t) => {
  const error = { message: 'maximum context length is 4096 tokens', type: 'invalid_request_error', code: null };
  const server = await rawServer(t, (_request, response) =>
    sendEvents(response, [chunkOf({ content: 'a' }), { error }]),
  );

  const failed = await failureAt(server.baseURL);

  assert.equal(failed.type, 'ModelError.ContextOverflow');
});

test('a refusal of the model is told in its words', async (t) => {
  const server = await rawServer(t, (_request, response) => {
    sendEvents(response, [chunkOf({ refusal: "I can't " }), chunkOf({ refusal: 'do that' }), chunkOf({}, 'stop')]);
  });

  const failed = await failureAt(server.baseURL);

  assert.equal(failed.type, 'ModelError.Refused');
  assert.match(failed.message, /"I can't do that"/);
});

test('a call that breaks off says what it used: as the server counted, else estimated, and nothing before it spoke', async (t) => {
  const usage = { prompt_tokens: 700, completion_tokens: 30 };
  const counted = [chunkOf({ refusal: 'No.' }, 'stop'), { choices: [], usage }];
  const error = { message: 'overloaded', type: 'server_error', code: null };
  const streams: readonly (readonly object[])[] = [counted, [chunkOf({ content: 'one two three' })], [{ error }]];
  const told: Usage[][] = [];
  for (const events of streams) {
    const server = await rawServer(t, (_request, response) => sendEvents(response, [...events]));
    const chat = createOpenAiChat({ apiKey: 'none', baseURL: server.baseURL, model: 'scripted' });
    const broken: Usage[] = [];
    await assert.rejects(chat.complete(request, { onBroken: (used) => void broken.push(used) }));
    told.push(broken);
  }
  const [exact, estimated, unheard] = told;
  assert.deepEqual(exact, [{ promptTokens: 700, completionTokens: 30 }]);
  assert.ok((estimated?.[0]?.promptTokens ?? 0) > 5 && (estimated?.[0]?.completionTokens ?? 0) >= 3);
  assert.deepEqual(unheard, []);
});

test('a call that is aborted while the model speaks says what it used', async (t) => {
  const { baseURL } = await scriptedModel(t, () => ({ text: 'one two three four five six', chunkDelayMs: 30 }));
  const chat = createOpenAiChat({ apiKey: 'none', baseURL, model: 'scripted' });
  await chat.complete(request);
  const stop = new AbortController();
  const broken: Usage[] = [];
  const options = {
    signal: stop.signal,
    onDelta: () => stop.abort(),
    onBroken: (used: Usage) => void broken.push(used),
  };
  await assert.rejects(chat.complete(request, options));
  assert.equal(broken.length, 1);
  assert.ok((broken[0]?.promptTokens ?? 0) > 0);
});

const wrappings: { server: string; body: string; says: string }[] = [
  { server: 'OpenAI', body: '{"error":{"message":"no such model","code":null}}', says: '404: "no such model"' },
  { server: 'Ollama', body: '{"error":"model not found"}', says: '404: "model not found"' },
  { server: 'vLLM', body: '{"object":"error","message":"no such model","code":404}', says: '404: "no such model"' },
  { server: 'FastAPI', body: '{"detail":"Not Found"}', says: '404: "Not Found"' },
  { server: 'a proxy', body: '<h1>lost</h1>', says: '404: "<h1>lost</h1>"' },
  { server: 'a silent server', body: '', says: 'answered with status 404. Check' },
];

for (const { server: name, body, says } of wrappings) {
  test(`quotes the words of an error as ${name} wraps them`, async (t) => {
    const server = await rawServer(t, (_request, response) => {
      response.writeHead(404, { 'content-type': body.startsWith('{') ? 'application/json' : 'text/html' });
      response.end(body);
    });

    const failed = await failureAt(server.baseURL);

    assert.equal(failed.type, 'ModelError.NotFound');
    assert.ok(failed.message.includes(says), failed.message);
  });
}

test('recognises a context overflow in an error that is not wrapped', async (t) => {
  const server = await rawServer(t, (_request, response) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end('{"object":"error","message":"maximum context length is 4096 tokens","code":400}');
  });

  const failed = await failureAt(server.baseURL);

  assert.equal(failed.type, 'ModelError.ContextOverflow');
});
