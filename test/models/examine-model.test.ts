import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { z } from 'zod';
import { examineModel } from '../../models/index.ts';
import type { Examination } from '../../models/index.ts';
import { PLAIN_DIALECT } from '../../models/providers.ts';
import { chunkOf, rawServer, sendEvents } from './raw-server.ts';

const asked = z.looseObject({
  stream: z.boolean().optional(),
  messages: z.array(z.looseObject({ role: z.string(), tool_call_id: z.string().optional() })),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string(), strict: z.boolean().optional() }) })),
});
type Asked = z.output<typeof asked>;

const weather = (id: string, city: string, index = 0) => ({
  index,
  id,
  type: 'function',
  function: { name: 'weather', arguments: JSON.stringify({ city }) },
});
const judged = {
  tool_calls: [
    { id: 'j1', type: 'function', function: { name: 'judge', arguments: '{"verdict":"good","reasons":[]}' } },
  ],
};
const usage = { prompt_tokens: 90, completion_tokens: 10, prompt_tokens_details: { cached_tokens: 40 } };

/** What a server does that is not as it should be. */
interface Oddities {
  readonly calls?: readonly object[];
  readonly text?: string;
  readonly whole?: boolean;
  readonly usage?: object;
  readonly refuses?: (body: Asked) => string | undefined;
  readonly judgement?: object;
  readonly models?: readonly object[];
}

/** A server as the protocol has it, but for its oddities; and what is found out about it. */
async function examined(t: TestContext, odd: Oddities = {}): Promise<Examination> {
  const { calls = [weather('c1', 'Paris', 0), weather('c2', 'Rome', 1)], text = '' } = odd;
  const server = await rawServer(t, (request, response, raw) => {
    if (request.url?.endsWith('/models') === true) {
      return response.end(JSON.stringify({ data: odd.models ?? [{ id: 'm', context_length: 131_072 }] }));
    }
    if (request.method === 'GET') return response.writeHead(404).end();
    const body = asked.parse(JSON.parse(raw));
    const refusal = odd.refuses?.(body);
    if (refusal !== undefined) return response.writeHead(400).end(JSON.stringify({ error: { message: refusal } }));
    const [tool] = body.tools;
    const message = tool?.function.name === 'judge' ? (odd.judgement ?? judged) : { content: text, tool_calls: calls };
    if (body.stream === true && odd.whole !== true) {
      const ending = { ...chunkOf({}, 'tool_calls'), usage: odd.usage ?? usage };
      return sendEvents(response, [chunkOf({ content: text }), chunkOf({ tool_calls: calls }), ending, '[DONE]']);
    }
    response.end(
      JSON.stringify({ model: 'm', choices: [{ message, finish_reason: 'stop' }], usage: odd.usage ?? usage }),
    );
  });
  return examineModel({ model: 'm', baseURL: server.baseURL, apiKey: 'k', dialect: PLAIN_DIALECT, timeoutMs: 10_000 });
}

function saysOf({ findings }: Examination): Record<string, string> {
  return Object.fromEntries(findings.map(({ about, state, says }) => [about, `${state}: ${says}`]));
}

test('a server as the protocol has it is found so, in three calls', async (t) => {
  const examination = await examined(t);
  const { answers = '', ...says } = saysOf(examination);
  assert.match(answers, /^ok: m answered in \d+ ms$/);
  assert.deepEqual(says, {
    tools: 'ok: it calls tools',
    'parallel calls': 'ok: 2 calls in one answer',
    'call ids': 'ok: of its own, e.g. c1',
    streaming: 'ok: 3 pieces',
    usage: 'ok: it counts tokens, and tells what came from its cache',
    'system messages': 'ok: anywhere',
    'asking for a tool': 'ok: by its name',
    'strict schemas': 'ok: taken, and the arguments fit',
    context: 'ok: 131,072 tokens',
  });
  assert.deepEqual([examination.usable, examination.calls, examination.tokens], [true, 3, 300]);
});

test('what a server refuses or does otherwise is told with what is done about it, and does not keep an agent off', async (t) => {
  const examination = await examined(t, {
    calls: [{ ...weather('', 'Paris'), id: undefined }],
    whole: true,
    usage: { prompt_tokens: 0 },
    models: [{ id: 'other' }],
    refuses: ({ messages, tools }) => {
      if (messages.findLastIndex(({ role }) => role === 'system') > 0)
        return 'System message must be at the beginning.';
      return tools.some((tool) => tool.function.strict === true) ? 'strict is not permitted' : undefined;
    },
  });
  const { answers: _answers, ...says } = saysOf(examination);
  assert.deepEqual(says, {
    tools: 'ok: it calls tools',
    'parallel calls': 'odd: one call at a time',
    'call ids': 'odd: calls come without an id',
    streaming: 'odd: its answers come whole',
    usage: 'odd: it does not count tokens',
    'system messages': 'odd: only one, at the start',
    'asking for a tool': 'ok: by its name',
    'strict schemas': 'odd: refused',
    context: 'odd: it does not say how much it takes',
  });
  assert.ok(examination.usable);
  assert.ok(examination.findings.every(({ state, mend }) => state === 'ok' || mend !== undefined));
});

test('a server that takes only ids of its own, or no tool that must be called, is found out', async (t) => {
  const says = saysOf(
    await examined(t, {
      refuses: (body) => {
        if (body.messages.some(({ tool_call_id: id }) => id !== undefined && id.length > 9))
          return 'Tool call id must be 9 letters';
        return 'tool_choice' in body ? 'Thinking mode does not support this tool_choice' : undefined;
      },
    }),
  );
  assert.equal(says['call ids'], 'odd: it takes only its own');
  assert.equal(says['asking for a tool'], 'odd: refused');
  assert.equal(says['strict schemas'], 'ok: taken, and the arguments fit');
});

test('a model that writes its calls as text is odd; one that calls nothing, or is refused, is not usable', async (t) => {
  const written = await examined(t, { calls: [], text: '{"name": "weather", "arguments": {"city": "Paris"}}' });
  assert.equal(saysOf(written)['tools'], 'odd: it writes its calls as text');
  const idle = await examined(t, { calls: [], text: 'I cannot know.' });
  assert.deepEqual(
    [idle.usable, saysOf(idle)['tools']],
    [false, 'missing: it was asked for two calls and said "I cannot know."'],
  );
  const refused = await examined(t, { refuses: () => 'this model does not support tools' });
  assert.deepEqual([refused.usable, refused.calls], [false, 1]);
  assert.match(saysOf(refused)['answers'] ?? '', /refused with HTTP 400: .*does not support tools/);
});

test('how much a server takes in is compared with what the profiles want', async (t) => {
  const small = await examined(t, { models: [{ id: 'm', max_model_len: 16_384 }] });
  assert.equal(small.findings.at(-1)?.mend, 'the profiles that fit are token-poor');
  const tiny = await examined(t, { models: [{ id: 'm', meta: { n_ctx_train: 4_096 } }] });
  assert.match(tiny.findings.at(-1)?.mend ?? '', /^no profile fits: start the server with at least [\d,]+/);
});
