import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import type { Completion, PromptMessage } from '../../contracts/language-model.ts';
import { MOST_OWN_WORDS_BYTES } from '../../contracts/own-words.ts';
import { createOpenAiChat } from '../../models/index.ts';
import { ownWordsOf, speakerOf } from '../../models/own-words.ts';
import { chunkOf, rawServer, sendEvents } from './raw-server.ts';

const tool = { name: 'look', description: 'Looks.', parameters: { type: 'object', properties: {} } };
const question: PromptMessage = { role: 'user', content: 'How is the weather?' };

/** A server that answers with these chunks, the model asked of it, and what it was sent. */
async function serverOf(t: TestContext, chunks: readonly object[], model = 'm') {
  const sent: { messages: { role: string; [field: string]: unknown }[] }[] = [];
  const { baseURL } = await rawServer(t, (_request, response, body) => {
    sent.push(JSON.parse(body));
    sendEvents(response, [...chunks, '[DONE]']);
  });
  const chat = createOpenAiChat({ apiKey: 'a-test-key', baseURL, model });
  const ask = (messages: readonly PromptMessage[], more = {}): Promise<Completion> =>
    chat.complete({ messages, tools: [tool], ...more });
  return { ask, sent };
}

/** The prompt of the next turn: the answer, its calls named by the task, and their results. */
function after({ text, calls, words }: Completion): PromptMessage[] {
  const named = calls.map((call, at) => ({ ...call, id: `t1c${at + 1}` }));
  return [
    question,
    { role: 'assistant', content: text, calls: named, ...(words === undefined ? {} : { words }) },
    ...named.map(({ id }): PromptMessage => ({ role: 'tool', callId: id, content: 'sunny' })),
  ];
}

const thinking = [
  chunkOf({ role: 'assistant', content: null, reasoning_content: 'I should ', annotations: [] }),
  chunkOf({ reasoning_content: 'look.', reasoning_details: [{ type: 'reasoning.text', index: 0, text: 'I sh' }] }),
  chunkOf({ reasoning_details: [{ type: 'reasoning.text', index: 0, text: 'ould look.', signature: 'abc' }] }),
  chunkOf({ reasoning_details: [{ type: 'reasoning.encrypted', index: 0, data: 'AAAA' }], reasoning_content: null }),
  chunkOf({
    tool_calls: [
      {
        index: 0,
        id: 'functions.look:0',
        type: 'function',
        function: { name: 'look', arguments: '{}' },
        extra_content: { google: { thought_signature: 'sig' } },
      },
    ],
  }),
  chunkOf({}, 'tool_calls'),
];

test('what a server says of an answer and of its calls comes back to it, by its own ids', async (t) => {
  const { ask, sent } = await serverOf(t, thinking);

  await ask(after(await ask([question])));

  assert.deepEqual(sent[1]?.messages.slice(1), [
    {
      role: 'assistant',
      content: null,
      reasoning_content: 'I should look.',
      reasoning_details: [
        { type: 'reasoning.text', index: 0, text: 'I should look.', signature: 'abc' },
        { type: 'reasoning.encrypted', index: 0, data: 'AAAA' },
      ],
      tool_calls: [
        {
          id: 'functions.look:0',
          type: 'function',
          function: { name: 'look', arguments: '{}' },
          extra_content: { google: { thought_signature: 'sig' } },
        },
      ],
    },
    { role: 'tool', content: 'sunny', tool_call_id: 'functions.look:0' },
  ]);
});

test('another model, and another server, are told nothing of it, and have ids that every server takes', async (t) => {
  const first = await serverOf(t, thinking);
  const other = await serverOf(t, thinking);
  const prompt = after(await first.ask([question]));

  await other.ask(prompt);
  await first.ask(prompt, { model: 'another' });

  const bare = [
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: '00000t1c1', type: 'function', function: { name: 'look', arguments: '{}' } }],
    },
    { role: 'tool', content: 'sunny', tool_call_id: '00000t1c1' },
  ];
  assert.deepEqual(other.sent[0]?.messages.slice(1), bare);
  assert.deepEqual(first.sent[1]?.messages.slice(1), bare);
});

test('a server without ids of its own has ids made, the same in every prompt', async (t) => {
  const called = { index: 0, id: '', function: { name: 'look', arguments: '{}' } };
  const { ask, sent } = await serverOf(t, [chunkOf({ tool_calls: [called] }), chunkOf({}, 'tool_calls')]);

  await ask(after(await ask([question])));

  const [call, result] = sent[1]?.messages.slice(1) ?? [];
  assert.deepEqual(call?.['tool_calls'], [
    { id: '00000t1c1', type: 'function', function: { name: 'look', arguments: '{}' } },
  ]);
  assert.equal(result?.['tool_call_id'], '00000t1c1');
});

test('credentials in the address of a server are no part of who it is', () => {
  const speaker = speakerOf({ baseURL: 'https://anna:secret@models.example.com:8443/v1/?key=secret', model: 'm' });

  assert.equal(speaker, 'models.example.com:8443/v1 m');
});

test('words are bounded: those of calls come first, thoughts are cut, and what is signed goes whole or not at all', () => {
  const call = {
    id: 'a',
    name: 'look',
    arguments: '{}',
    words: { id: 'a', fields: { signature: 's'.repeat(30_000) } },
  };
  const fields = { reasoning_content: 'ü'.repeat(100_000), secret_thoughts: 'x'.repeat(100_000), note: 'short' };

  const { calls, words } = ownWordsOf({ by: 'here m', calls: [call], fields });

  assert.deepEqual(calls, [call]);
  assert.deepEqual(Object.keys(words?.fields ?? {}).toSorted(), ['note', 'reasoning_content']);
  const bytes = Buffer.byteLength(JSON.stringify([calls[0]?.words?.fields, words?.fields]));
  assert.ok(bytes <= MOST_OWN_WORDS_BYTES && bytes > MOST_OWN_WORDS_BYTES * 0.9, String(bytes));
});

test('fields with any name and any depth are read without harm', async (t) => {
  const deep = JSON.parse(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`);
  const odd = JSON.parse('{"__proto__": {"polluted": true}, "constructor": "x"}');
  const { ask, sent } = await serverOf(t, [chunkOf({ content: 'Hi.', deep, odd }, 'stop')]);

  const { text, words } = await ask([question]);
  await ask([question, { role: 'assistant', content: text, ...(words === undefined ? {} : { words }) }, question]);

  assert.equal(Reflect.get({}, 'polluted'), undefined);
  assert.equal(sent[1]?.messages[1]?.['content'], 'Hi.');
});

/** A server that refuses as the rule says, and what it was sent. */
async function strictServer(t: TestContext, ruleOf: (body: string) => string | undefined) {
  const sent: string[] = [];
  const { baseURL } = await rawServer(t, (_request, response, body) => {
    sent.push(body);
    const refusal = ruleOf(body);
    if (refusal === undefined) return sendEvents(response, [chunkOf({ content: 'Hi.' }, 'stop'), '[DONE]']);
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: refusal, type: 'invalid_request_error' } }));
  });
  const chat = createOpenAiChat({ apiKey: 'a-test-key', baseURL, model: 'm' });
  const adapted: string[] = [];
  const ask = (messages: readonly PromptMessage[]): Promise<Completion> =>
    chat.complete({ messages, tools: [tool] }, { onAdapted: (what) => adapted.push(what) });
  return { ask, sent, adapted, by: speakerOf({ baseURL, model: 'm' }) };
}

test('a server that does not take back what it said is asked without, and is not told it again', async (t) => {
  const { ask, sent, adapted, by } = await strictServer(t, (body) =>
    body.includes('"reasoning"')
      ? "'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : property 'reasoning' is unsupported)]"
      : undefined,
  );
  const call = { id: 't1c1', name: 'look', arguments: '{}', words: { fields: { kept: 'yes' } } };
  const words = { by, fields: { reasoning: 'I should look.' } };
  const prompt: PromptMessage[] = [
    question,
    { role: 'assistant', content: '', calls: [call], words },
    { role: 'tool', callId: 't1c1', content: 'sunny' },
  ];

  await ask(prompt);
  await ask(prompt);

  assert.equal(sent.length, 3);
  assert.ok(sent.slice(1).every((body) => !body.includes('"reasoning"') && body.includes('"kept"')));
  assert.deepEqual(adapted, ['The model server does not take back reasoning; it is asked without.']);
});

test('a server that demands words of every call is told that another model gave none', async (t) => {
  const foreign = { id: 't1c1', name: 'look', arguments: '{}' };
  const prompt: PromptMessage[] = [
    question,
    { role: 'assistant', content: '', calls: [foreign], words: { by: 'another server' } },
    { role: 'tool', callId: 't1c1', content: 'sunny' },
  ];
  const thinker = await strictServer(t, (body) =>
    body.includes('"reasoning_content"')
      ? undefined
      : 'thinking is enabled but reasoning_content is missing in assistant tool call message at index 1',
  );
  const signer = await strictServer(t, (body) =>
    body.includes('"thought_signature"')
      ? undefined
      : 'Function call is missing a thought_signature in functionCall parts. Additional data, position 2.',
  );

  assert.equal((await thinker.ask(prompt)).text, 'Hi.');
  assert.equal((await signer.ask(prompt)).text, 'Hi.');
  assert.match(signer.sent[1] ?? '', /"thought_signature":"skip_thought_signature_validator"/);
});
