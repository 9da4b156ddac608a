import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { CompletionRequest, ToolSpec } from '../../contracts/language-model.ts';
import { createOpenAiChat } from '../../models/index.ts';
import { chunkOf, rawServer, sendEvents } from './raw-server.ts';

interface Sent {
  readonly [name: string]: unknown;
  readonly tools?: readonly {
    readonly function: { readonly name: string; readonly strict?: boolean; readonly parameters: object };
  }[];
}

const toolOf = (name: string, more: Partial<ToolSpec> = {}): ToolSpec => ({
  name,
  description: 'Digs.',
  parameters: { type: 'object', properties: { deep: { type: 'number', minimum: 1 } } },
  ...more,
});
const request: CompletionRequest = {
  messages: [{ role: 'user', content: 'hi' }],
  tools: [toolOf('dig', { strict: true }), toolOf('fill'), toolOf('finish')],
  mustCall: 'dig',
  temperature: 0,
  effort: 'low',
  maxTokens: 4_000,
};

/** A server that refuses what its rule finds wrong, with all that it was sent. */
async function picky(t: TestContext, rule: (sent: Sent) => string | undefined, status = 400) {
  const sent: Sent[] = [];
  const { baseURL } = await rawServer(t, (_incoming, response, body) => {
    const asked: Sent = JSON.parse(body);
    sent.push(asked);
    const problem = rule(asked);
    if (problem === undefined) return sendEvents(response, [chunkOf({ content: 'ok' }, 'stop'), '[DONE]']);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(problem.startsWith('{') ? problem : JSON.stringify({ error: { message: problem } }));
  });
  const told: string[] = [];
  const chat = createOpenAiChat({ apiKey: 'none', baseURL, model: 'm', timeoutMs: 5_000 });
  const ask = (): Promise<{ text: string }> => chat.complete(request, { onAdapted: (what) => told.push(what) });
  return { ask, sent, told };
}

const refusals: readonly (readonly [parameter: string, words: string, status?: number])[] = [
  ['stream_options', 'Invalid JSON payload received. Unknown name "stream_options": Cannot find field.'],
  [
    'stream_options',
    '{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Not permitted"}]}',
    422,
  ],
  ['tool_choice', 'Thinking mode does not support this tool_choice'],
  ['tool_choice', "No endpoints found that support the provided 'tool_choice' value.", 404],
  ['temperature', "Unsupported value: 'temperature' does not support 0 with this model."],
  ['reasoning_effort', 'unknown field `reasoning_effort`'],
  ['max_tokens', "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."],
  ['temperature', '{"error":{"message":"Unsupported parameter","param":"temperature"}}'],
];

for (const [parameter, words, status] of refusals) {
  test(`is asked again without ${parameter}, which it does not get again: ${words.slice(0, 40)}`, async (t) => {
    const { ask, sent, told } = await picky(t, (asked) => (parameter in asked ? words : undefined), status);
    assert.equal((await ask()).text, 'ok');
    assert.equal((await ask()).text, 'ok');
    assert.deepEqual(
      sent.map((one) => parameter in one),
      [true, false, false],
    );
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', new RegExp(parameter));
    const kept = ['tool_choice', 'temperature', 'reasoning_effort'].filter((name) => name !== parameter);
    assert.ok(
      kept.every((name) => name in (sent[1] ?? {})),
      'the rest stays',
    );
  });
}

test('the bound of an answer takes its other name, or the size that the server names', async (t) => {
  const other = await picky(t, (asked) => ('max_tokens' in asked ? 'max_tokens is not supported' : undefined));
  await other.ask();
  assert.equal(other.sent[1]?.['max_completion_tokens'], 4_000);
  const small = await picky(t, ({ max_tokens: most }) =>
    Number(most) > 1_024 ? 'Invalid max_tokens value, the valid range of max_tokens is [1, 1024]' : undefined,
  );
  await small.ask();
  assert.equal(small.sent[1]?.['max_tokens'], 1_024);
});

test('strict is left out where the server names it', async (t) => {
  const isStrict = ({ tools = [] }: Sent): boolean => tools.some((tool) => tool.function.strict === true);
  const { ask, sent } = await picky(t, (asked) => (isStrict(asked) ? 'strict mode is not supported' : undefined));
  await ask();
  assert.deepEqual(sent.map(isStrict), [true, false]);
});

test('schemas that a server does not read are sent in their plainest form', async (t) => {
  const { ask, sent } = await picky(t, (asked) =>
    JSON.stringify(asked.tools).includes('minimum')
      ? 'Unknown name "minimum" at \'tools[0].function_declarations[0]\''
      : undefined,
  );
  await ask();
  assert.deepEqual(sent.at(-1)?.tools?.[0]?.function.parameters, {
    type: 'object',
    properties: { deep: { type: 'number' } },
  });
});

test('a tool that a server takes in no form is left out, told with its words, and takes nobody down', async (t) => {
  const at = (asked: Sent): number => (asked.tools ?? []).findIndex((tool) => tool.function.name === 'fill');
  const byName = await picky(t, (asked) => (at(asked) < 0 ? undefined : "Invalid schema for function 'fill': no."));
  assert.equal((await byName.ask()).text, 'ok');
  assert.deepEqual(
    byName.sent.at(-1)?.tools?.map((tool) => tool.function.name),
    ['dig', 'finish'],
  );
  assert.match(byName.told.join(), /fill.*Invalid schema for function/);
  const byNumber = await picky(t, (asked) =>
    at(asked) < 0 ? undefined : `tools.${at(asked)}.custom.input_schema: bad`,
  );
  assert.equal((await byNumber.ask()).text, 'ok');
  assert.deepEqual(
    byNumber.sent.at(-1)?.tools?.map((tool) => tool.function.name),
    ['dig', 'finish'],
  );
});

test('what cannot be left out is refused for good, and nothing is learned from it', async (t) => {
  for (const words of [
    "Invalid schema for function 'finish': no.",
    "Invalid 'messages[3].tool_calls[0].function.name': empty string.",
    'The model is gone.',
    'This model does not support tools.',
    'max_tokens: your request exceeds the maximum context length of 4096 tokens',
  ]) {
    const { ask, sent, told } = await picky(t, () => words);
    await assert.rejects(ask());
    assert.ok(sent.length <= 4, `${sent.length} requests: ${words}`);
    assert.deepEqual(told, []);
  }
});
