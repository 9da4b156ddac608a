import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startScriptedModel } from '../../models/index.ts';
import { scriptedModel } from '../support/scripted-model.ts';

const question = {
  model: 'any',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello?' }] }],
  tools: [{ type: 'function', function: { name: 'look', parameters: {} } }],
};

function ask(baseURL: string, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${baseURL}/chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) });
}

test('answers without a stream, counts tokens, and says that it is scripted', async (t) => {
  const model = await scriptedModel(t, [
    { text: 'Hi there', calls: [{ id: 'c', name: 'look', arguments: { at: 1 } }] },
  ]);

  const answer = JSON.parse(await (await ask(model.baseURL, question)).text());

  assert.equal(answer.model, 'scripted');
  assert.equal(answer.object, 'chat.completion');
  assert.deepEqual(answer.choices[0].message.tool_calls, [
    { id: 'c', type: 'function', function: { name: 'look', arguments: '{"at":1}' } },
  ]);
  assert.equal(answer.choices[0].finish_reason, 'tool_calls');
  assert.ok(answer.usage.prompt_tokens > 20 && answer.usage.prompt_tokens < 60);
  assert.ok(answer.usage.completion_tokens > 3);
});

test('gives the script the messages, the tools and the attempt', async (t) => {
  const model = await scriptedModel(t, ({ attempt }) => ({ text: `attempt ${attempt}` }));

  await ask(model.baseURL, question);
  await ask(model.baseURL, question);
  await ask(model.baseURL, { ...question, messages: [{ role: 'user', content: 'Another' }] });

  assert.deepEqual(
    model.requests().map(({ request }) => [request.messages[0]?.content, request.attempt]),
    [
      ['Hello?', 1],
      ['Hello?', 2],
      ['Another', 1],
    ],
  );
  assert.deepEqual(model.requests()[0]?.request.tools, ['look']);
});

test('ends every event of a stream with a blank line and the stream with [DONE]', async (t) => {
  const model = await scriptedModel(t, [{ text: 'one two' }]);

  const events = (await (await ask(model.baseURL, { ...question, stream: true })).text()).split('\n\n').slice(0, -1);

  assert.equal(events.at(-1), 'data: [DONE]');
  assert.ok(events.every((event) => event.startsWith('data: ')));
  assert.match(events.at(-2) ?? '', /"choices":\[\],"usage":\{"prompt_tokens":\d+/);
});

test('changes its script while it runs', async (t) => {
  const model = await scriptedModel(t, [{ text: 'old' }]);
  model.setScript(() => ({ text: 'new' }));

  const answer = await (await ask(model.baseURL, question)).text();

  assert.match(answer, /"content":"new"/);
});

test('answers with status 500 and the reason when the script throws', async (t) => {
  const model = await scriptedModel(t, []);

  const response = await ask(model.baseURL, question);

  assert.equal(response.status, 500);
  assert.match(await response.text(), /there are 0 answers and this is request 1/);
});

test('refuses what is no chat completion, and paths that it has not', async (t) => {
  const model = await scriptedModel(t, []);

  const wrong = await ask(model.baseURL, { messages: 'none' });
  const lost = await fetch(`${model.baseURL}/embeddings`, { method: 'POST' });

  assert.equal(wrong.status, 400);
  assert.equal(lost.status, 404);
});

test('lists itself as the only model', async (t) => {
  const model = await scriptedModel(t, []);

  assert.match(await (await fetch(`${model.baseURL}/models`)).text(), /"id":"scripted"/);
});

test('stops at once, also with an answer in flight', async (t) => {
  const model = await scriptedModel(t, () => ({ text: 'late', delayMs: 60_000 }));
  const asked = ask(model.baseURL, question).catch(() => 'cut');
  while (model.requests().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));

  await model.stop();

  assert.equal(await asked, 'cut');
});

test('comes back on the port it had, and refuses one that is taken', async (t) => {
  const first = await scriptedModel(t, []);
  const port = Number(new URL(first.baseURL).port);
  await assert.rejects(startScriptedModel({ script: () => ({}), port }), /cannot listen on port/);
  await first.stop();

  const second = await startScriptedModel({ script: () => ({ text: 'back' }), port });
  t.after(() => second.stop());

  assert.equal(second.baseURL, first.baseURL);
  assert.match(await (await ask(second.baseURL, question)).text(), /back/);
});
