import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApplicationFailure } from '@temporalio/common';
import fc from 'fast-check';

import { createOpenAiChat } from '../../models/index.ts';
import { chunkOf, rawServer } from './raw-server.ts';

const BOUND = 100;
const SECRET = 'nobody may read this';

/** An answer of a server that keeps to no rule, and what is true of it. */
interface ChaoticAnswer {
  readonly calls: readonly { readonly name: string; readonly value: object }[];
  readonly text: string;
  readonly thought: 'none' | 'marked' | 'unmarked' | 'apart' | 'part';
  readonly numbers: 'right' | 'text' | 'none' | 'all 0';
  readonly finish: readonly (string | null)[];
  readonly done: boolean;
  readonly usage: unknown;
  /** How much of the last call's arguments is missing. */
  readonly missing: number;
  readonly noise: readonly string[];
  readonly size: number;
  readonly whole: boolean;
}

const usages = [
  undefined,
  null,
  'many',
  { prompt_tokens: 0, completion_tokens: 0 },
  { prompt_tokens: -4, completion_tokens: '7' },
  { prompt_tokens: 1.5, completion_tokens: 1e308 },
  { prompt_tokens: 9, completion_tokens: BOUND },
  { prompt_tokens: 9, completion_tokens: 12 },
];
const noises = [
  ': alive\n\n',
  '\n\n',
  'event: ping\ndata: {}\n\n',
  'retry: 3000\n\n',
  'data: \n\n',
  'data: {"choices":[]}\n\n',
];
const good = ['stop', 'tool_calls', 'STOP', 'end_turn'];
const bad = ['length', 'MAX_TOKENS', 'error', 'content_filter', 'abort', 'weary', 'MALFORMED_FUNCTION_CALL'];

const chaos: fc.Arbitrary<ChaoticAnswer> = fc.record({
  calls: fc.array(
    fc.record({ name: fc.constantFrom('wipe', 'look', 'book'), value: fc.dictionary(fc.string(), fc.jsonValue()) }),
    { maxLength: 3 },
  ),
  text: fc.constantFrom('', 'Hello.', 'I look now.\n'),
  thought: fc.constantFrom('none', 'marked', 'unmarked', 'apart', 'part'),
  numbers: fc.constantFrom('right', 'text', 'none', 'all 0'),
  finish: fc.array(fc.constantFrom(...good, ...bad, null, ''), { maxLength: 2 }),
  done: fc.boolean(),
  usage: fc.constantFrom(...usages),
  missing: fc.constantFrom(0, 0, 0, 1, 3),
  noise: fc.array(fc.constantFrom(...noises), { maxLength: 3 }),
  size: fc.integer({ min: 1, max: 40 }),
  whole: fc.boolean(),
});

function argumentsOf({ calls, missing }: ChaoticAnswer, at: number): string {
  const text = JSON.stringify(calls[at]?.value);
  return at === calls.length - 1 ? text.slice(0, Math.max(text.length - missing, 1)) : text;
}

/** By the rules of the protocol, which the server may have broken: may its calls be made? */
function mayAct(answer: ChaoticAnswer): boolean {
  const reasons = answer.finish.filter((reason) => reason !== null && reason !== '');
  const endedWell = reasons.every((reason) => good.includes(String(reason)));
  const said = reasons.length > 0 || answer.done || answer.whole;
  return endedWell && said && answer.missing === 0 && answer.usage !== usages[6];
}

function callPieces(answer: ChaoticAnswer): object[] {
  return answer.calls.flatMap(({ name }, at) => {
    const index = { right: at, text: String(at), none: undefined, 'all 0': 0 }[answer.numbers];
    const text = argumentsOf(answer, at);
    const cut = Math.min(answer.size, text.length);
    return [
      { index, id: `call-${at}`, function: { name, arguments: text.slice(0, cut) } },
      ...(cut < text.length ? [{ index, function: { arguments: text.slice(cut) } }] : []),
    ];
  });
}

function deltas({ thought, text }: ChaoticAnswer): object[] {
  const said = text === '' ? [] : [{ content: text }];
  switch (thought) {
    case 'none':
      return said;
    case 'marked':
      return [{ content: '<thi' }, { content: `nk>${SECRET}` }, { content: '</think>' }, ...said];
    case 'unmarked':
      return [{ content: SECRET }, { content: '</think>' }, ...said];
    case 'apart':
      return [{ reasoning_content: SECRET }, ...said];
    case 'part':
      return [{ content: [{ type: 'thinking', thinking: [{ type: 'text', text: SECRET }] }] }, ...said];
  }
}

function bodyOf(answer: ChaoticAnswer): { readonly type: string; readonly body: string } {
  const usage = answer.usage === undefined ? {} : { usage: answer.usage };
  if (answer.whole) {
    const { noise: _noise, ...rest } = answer;
    const message = {
      content: rest.text,
      tool_calls: answer.calls.map(({ name }, at) => ({
        id: `call-${at}`,
        function: { name, arguments: argumentsOf(answer, at) },
      })),
    };
    const choices =
      answer.finish.length === 0
        ? [{ index: 0, message }]
        : answer.finish.map((reason) => ({ index: 0, finish_reason: reason, message }));
    return { type: 'application/json', body: JSON.stringify({ choices: choices.slice(0, 1), ...usage }) };
  }
  const events = [
    ...deltas(answer).map((delta) => chunkOf(delta)),
    ...callPieces(answer).map((piece) => chunkOf({ tool_calls: [piece] })),
    ...answer.finish.map((reason) => chunkOf({}, reason)),
    ...('usage' in usage ? [{ choices: [], ...usage }] : []),
  ].map((event) => `data: ${JSON.stringify(event)}\n\n`);
  const body = events.map((event, at) => `${answer.noise[at % 4] ?? ''}${event}`).join('');
  return { type: 'text/event-stream', body: `${body}${answer.done ? 'data: [DONE]\n\n' : ''}` };
}

test('of a server that keeps to no rule, only calls of answers that ended well may be made, and all is told', async (t) => {
  let next = { type: '', body: '' };
  const server = await rawServer(t, (_request, response) => {
    response.writeHead(200, { 'content-type': next.type });
    response.end(next.body);
  });
  await fc.assert(
    fc.asyncProperty(chaos, async (answer) => {
      next = bodyOf(answer);
      const told: string[] = [];
      const chat = createOpenAiChat({ apiKey: 'none', baseURL: server.baseURL, model: 'm', timeoutMs: 20_000 });
      const request = { messages: [{ role: 'user' as const, content: 'Go.' }], tools: [], maxTokens: BOUND };
      const completion = await chat
        .complete(request, { onDelta: (text) => told.push(text) })
        .catch((error: unknown) => {
          assert.ok(error instanceof ApplicationFailure && error.type?.startsWith('ModelError.'), String(error));
          assert.notEqual(error.message, '');
        });
      if (completion === undefined) return;
      const { calls, usage, text } = completion;
      if (calls.length > 0) {
        const asked =
          answer.whole && answer.finish.length > 1 ? { ...answer, finish: answer.finish.slice(0, 1) } : answer;
        assert.ok(mayAct(asked), 'a call of an answer that did not end well');
        assert.deepEqual(
          calls.map((call) => [call.name, call.arguments]),
          answer.calls.map(({ name, value }) => [name, JSON.stringify(value)]),
        );
      }
      for (const tokens of [usage.promptTokens, usage.completionTokens])
        assert.ok(Number.isSafeInteger(tokens) && tokens >= 0, `${tokens} tokens`);
      assert.ok(usage.promptTokens > 0);
      assert.ok(!`${text}${told.join('')}`.includes(SECRET), 'a thought was told');
    }),
    { numRuns: 200 },
  );
});

for (const [what, type, body, quote] of [
  ['JSON of another shape', 'application/json', '{"code":503,"msg":"model warming up"}', /model warming up/],
  ['an error that is a text', 'application/json', '{"error":"loading weights"}', /loading weights/],
  ['a page', 'text/html', '<html>Please log in</html>', /Please log in/],
  ['a line of a proxy', 'text/plain', 'upstream connect error', /upstream connect error/],
  ['nothing', 'application/json', '', /nothing in it/],
  [
    'an error within a choice',
    'text/event-stream',
    'data: {"choices":[{"index":0,"delta":{},"error":{"code":502,"message":"gone"}}]}\n\n',
    /gone/,
  ],
  ['an event named error', 'text/event-stream', 'event: error\ndata: {"message":"out of memory"}\n\n', /out of memory/],
] as const) {
  test(`a status 200 that is no answer is quoted: ${what}`, async (t) => {
    const server = await rawServer(t, (_request, response) => {
      response.writeHead(200, { 'content-type': type });
      response.end(body);
    });
    const chat = createOpenAiChat({ apiKey: 'none', baseURL: server.baseURL, model: 'm' });
    await assert.rejects(chat.complete({ messages: [{ role: 'user', content: 'Go.' }], tools: [] }), (error) => {
      assert.ok(error instanceof ApplicationFailure);
      assert.match(error.message, quote);
      return error.type === 'ModelError.ServerError';
    });
  });
}

test('bytes are life, and an answer that goes on for longer than it may names the knob', async (t) => {
  const server = await rawServer(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let sent = 0;
    const timer = setInterval(() => {
      sent += 1;
      if (sent < 60) return response.write(sent % 2 === 0 ? '\n' : ': PROCESSING\n\n');
      response.write(`data: ${JSON.stringify(chunkOf({ content: 'so ' }, sent === 68 ? 'stop' : null))}\n\n`);
      if (sent === 68) response.end('data: [DONE]\n\n');
      return true;
    }, 50);
    response.on('close', () => clearInterval(timer));
  });
  const chat = createOpenAiChat({ apiKey: 'none', baseURL: server.baseURL, model: 'm', timeoutMs: 2_000 });
  const request = { messages: [{ role: 'user' as const, content: 'Go.' }], tools: [] };

  assert.match((await chat.complete(request)).text, /^(so ){9}$/);
  await assert.rejects(
    chat.complete(request, { within: { ms: 300, knob: 'stages.plan.timeoutMs (400)' } }),
    (error) =>
      error instanceof ApplicationFailure &&
      error.type === 'ModelError.AnswerTime' &&
      error.nonRetryable === true &&
      error.message.includes('stages.plan.timeoutMs (400)'),
  );
});
