import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { CancelledFailure } from '@temporalio/common';

import type { CompletionRequest } from '../../contracts/language-model.ts';
import { createOpenAiChat } from '../../models/index.ts';
import { scriptedModel } from '../support/scripted-model.ts';
import { chunkOf, rawServer, sendEvents } from './raw-server.ts';

const weatherTool = {
  name: 'get_weather',
  description: 'The weather of a place',
  parameters: { type: 'object', properties: { place: { type: 'string' } } },
};
const request: CompletionRequest = {
  messages: [
    { role: 'system', content: 'You help.' },
    { role: 'user', content: 'How is the weather in Bern?' },
  ],
  tools: [weatherTool],
};

function chatAt(baseURL: string): ReturnType<typeof createOpenAiChat> {
  return createOpenAiChat({ apiKey: 'test-key-123', baseURL, model: 'scripted', timeoutMs: 5000 });
}

/** A chat whose model has answered once, and is known not to begin in a thought. */
async function knownChatAt(baseURL: string): Promise<ReturnType<typeof createOpenAiChat>> {
  const chat = chatAt(baseURL);
  await chat.complete(request);
  return chat;
}

test('returns text and tool calls of a streamed answer, and tells the text piece by piece', async (t) => {
  const model = await scriptedModel(t, [
    { text: 'Hello.' },
    {
      text: 'Let me look that up.',
      calls: [
        { id: 'call_1', name: 'get_weather', arguments: { place: 'Bern, in the middle of Switzerland' } },
        { id: 'call_2', name: 'get_weather', arguments: '{"place":""}' },
      ],
      usage: { promptTokens: 120, completionTokens: 30, cachedTokens: 64 },
    },
  ]);
  const deltas: string[] = [];

  const chat = await knownChatAt(model.baseURL);
  const completion = await chat.complete(request, { onDelta: (text) => deltas.push(text) });

  assert.deepEqual(completion, {
    text: 'Let me look that up.',
    calls: [
      {
        id: 'call_1',
        name: 'get_weather',
        arguments: '{"place":"Bern, in the middle of Switzerland"}',
        words: { id: 'call_1' },
      },
      { id: 'call_2', name: 'get_weather', arguments: '{"place":""}', words: { id: 'call_2' } },
    ],
    finishReason: 'tool_calls',
    usage: { promptTokens: 120, completionTokens: 30, cachedTokens: 64 },
    model: 'scripted',
    words: { by: `${new URL(model.baseURL).host}/v1 scripted` },
  });
  assert.deepEqual(deltas, ['Let', ' me', ' look', ' that', ' up.']);
});

test('sends messages, tools and bounds in the words of the protocol', async (t) => {
  let sent: unknown;
  let key: unknown;
  let team: unknown;
  const server = await rawServer(t, (incoming, response, body) => {
    sent = JSON.parse(body);
    key = incoming.headers.authorization;
    team = incoming.headers['x-team'];
    sendEvents(response, [chunkOf({ content: 'ok' }, 'stop'), '[DONE]']);
  });
  const chat = createOpenAiChat({
    apiKey: 'test-key-123',
    baseURL: server.baseURL,
    model: 'm',
    headers: { 'x-team': 'blue' },
  });

  await chat.complete({
    messages: [
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: '',
        calls: [
          { id: 'a', name: 'get_weather', arguments: '' },
          { id: 'b', name: 'get_weather', arguments: '{"place":' },
        ],
      },
      { role: 'tool', content: 'sunny', callId: 'a' },
      { role: 'tool', content: 'foggy', callId: 'b' },
      { role: 'assistant', content: 'It is sunny.', calls: [] },
      { role: 'user', content: 'Sure?' },
    ],
    tools: [weatherTool],
    model: 'other',
    temperature: 0.2,
    maxTokens: 100,
  });

  assert.deepEqual(sent, {
    model: 'other',
    stream: true,
    stream_options: { include_usage: true },
    messages: [
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: '00000000a', type: 'function', function: { name: 'get_weather', arguments: '{}' } },
          {
            id: '00000000b',
            type: 'function',
            function: { name: 'get_weather', arguments: '{"malformed":"{\\"place\\":"}' },
          },
        ],
      },
      { role: 'tool', content: 'sunny', tool_call_id: '00000000a' },
      { role: 'tool', content: 'foggy', tool_call_id: '00000000b' },
      { role: 'assistant', content: 'It is sunny.' },
      { role: 'user', content: 'Sure?' },
    ],
    tools: [{ type: 'function', function: weatherTool }],
    temperature: 0.2,
    max_tokens: 100,
  });
  assert.equal(key, 'Bearer test-key-123');
  assert.equal(team, 'blue');
});

test('returns an empty answer as empty text without calls', async (t) => {
  const model = await scriptedModel(t, [{ empty: true }]);

  const completion = await chatAt(model.baseURL).complete(request);

  assert.equal(completion.text, '');
  assert.deepEqual(completion.calls, []);
  assert.equal(completion.finishReason, 'stop');
});

test('says that an answer was cut at its length', async (t) => {
  const model = await scriptedModel(t, [{ text: 'Once upon a', finishReason: 'length' }]);

  const completion = await chatAt(model.baseURL).complete(request);

  assert.equal(completion.finishReason, 'length');
  assert.equal(completion.text, 'Once upon a');
});

test('understands a server that answers a streaming request with plain JSON', async (t) => {
  const deltas: string[] = [];
  const server = await rawServer(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
    const call = { id: 'c1', type: 'function', function: { name: 'get_weather', arguments: { place: 'Bern' } } };
    const message = { role: 'assistant', content: 'Hello', tool_calls: [call] };
    const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };
    response.end(JSON.stringify({ model: 'plain', choices: [{ index: 0, message, finish_reason: 'stop' }], usage }));
  });

  const completion = await chatAt(server.baseURL).complete(request, { onDelta: (text) => deltas.push(text) });

  assert.deepEqual(completion, {
    text: 'Hello',
    calls: [{ id: 'c1', name: 'get_weather', arguments: '{"place":"Bern"}', words: { id: 'c1' } }],
    finishReason: 'stop',
    usage: { promptTokens: 9, completionTokens: 4 },
    model: 'plain',
    words: { by: `${new URL(server.baseURL).host}/v1 scripted` },
  });
  assert.deepEqual(deltas, ['Hello']);
});

test('estimates the tokens where the server does not count them', async (t) => {
  const server = await rawServer(t, (_request, response) => {
    sendEvents(response, [chunkOf({ content: 'x'.repeat(400) }), chunkOf({}, 'stop'), '[DONE]']);
  });

  const { usage } = await chatAt(server.baseURL).complete(request);

  assert.equal(usage.completionTokens, 100);
  assert.ok(usage.promptTokens > 40 && usage.promptTokens < 120, `estimated ${usage.promptTokens}`);
});

test('names calls that come without an id, the same in every attempt and another in every turn', async (t) => {
  const server = await rawServer(t, (_request, response) => {
    const call = { index: 0, function: { name: 'get_weather', arguments: '{}' } };
    sendEvents(response, [chunkOf({ tool_calls: [call, { ...call, index: 1 }] }, 'tool_calls'), '[DONE]']);
  });
  const chat = chatAt(server.baseURL);
  const idsOf = async (of: CompletionRequest): Promise<string[]> => (await chat.complete(of)).calls.map(({ id }) => id);

  const first = await idsOf(request);
  const again = await idsOf(request);
  const later = await idsOf({ ...request, messages: [...request.messages, { role: 'user', content: 'And?' }] });

  assert.equal(new Set(first).size, 2);
  assert.deepEqual(again, first);
  assert.ok(!later.some((id) => first.includes(id)));
});

test('throws the reason of the abort untouched within 200 ms, while the model thinks', async (t) => {
  const model = await scriptedModel(t, () => ({ text: 'too late', delayMs: 60_000 }));
  const abort = new AbortController();
  const cancelled = new CancelledFailure('cancelled by a person');

  const completion = chatAt(model.baseURL).complete(request, { signal: abort.signal });
  const refused = assert.rejects(completion, (error) => error === cancelled);
  while (model.requests().length === 0) await sleep(5);
  const aborted = performance.now();
  abort.abort(cancelled);
  await refused;

  assert.ok(performance.now() - aborted < 200, `took ${performance.now() - aborted} ms`);
});

test('throws within 200 ms of an abort in mid-stream, and the server notices', async (t) => {
  let asked = 0;
  const model = await scriptedModel(t, () => {
    asked += 1;
    return asked === 1 ? { text: 'Hello.' } : { text: 'word '.repeat(500), chunkDelayMs: 20 };
  });
  const chat = await knownChatAt(model.baseURL);
  const abort = new AbortController();
  let aborted = 0;
  let pieces = 0;
  const onDelta = (): void => {
    pieces += 1;
    if (pieces !== 3) return;
    aborted = performance.now();
    abort.abort();
  };

  await assert.rejects(chat.complete(request, { signal: abort.signal, onDelta }), { name: 'AbortError' });
  assert.ok(performance.now() - aborted < 200, `took ${performance.now() - aborted} ms`);

  for (let wait = 0; model.requests()[1]?.outcome === 'pending' && wait < 100; wait += 1) await sleep(5);
  assert.equal(model.requests()[1]?.outcome, 'left');
  assert.equal(pieces, 3);
});

test('sends nothing when it is aborted already', async (t) => {
  const model = await scriptedModel(t, []);

  await assert.rejects(chatAt(model.baseURL).complete(request, { signal: AbortSignal.abort() }), {
    name: 'AbortError',
  });

  assert.equal(model.requests().length, 0);
});

test('lets an error of the listener through as it is', async (t) => {
  const model = await scriptedModel(t, [{ text: 'Hello there' }]);
  const broken = new TypeError('listener broke');
  const onDelta = (): void => {
    throw broken;
  };

  await assert.rejects(chatAt(model.baseURL).complete(request, { onDelta }), (error) => error === broken);
});
