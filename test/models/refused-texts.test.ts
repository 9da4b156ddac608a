import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { createOpenAiEmbeddings } from '../../models/index.ts';
import { rawServer } from './raw-server.ts';

interface Refusal {
  readonly status: number;
  readonly body: object;
}

/** A server that refuses a whole request where `refusal` says so of its texts. */
async function pickyServer(t: TestContext, refusal: (input: readonly string[]) => Refusal | undefined) {
  const asked: string[][] = [];
  const { baseURL } = await rawServer(t, (_request, response, body) => {
    const { input }: { input: string[] } = JSON.parse(body);
    asked.push(input);
    const refused = refusal(input);
    response.writeHead(refused?.status ?? 200, { 'content-type': 'application/json' });
    const data = input.map((text, index) => ({ index, embedding: [text.length, 1] }));
    response.end(JSON.stringify(refused?.body ?? { object: 'list', data }));
  });
  return { asked, baseURL };
}

const options = { apiKey: 'k', model: 'embed-1', dimensions: 2 };
const words: Refusal = {
  status: 400,
  body: { error: { message: 'inappropriate content', type: 'inspection_failed' } },
};

test('of a refused batch every text is embedded but the one that is refused', async (t) => {
  const { baseURL, asked } = await pickyServer(t, (input) => (input.includes('bad') ? words : undefined));
  const vectors = await createOpenAiEmbeddings({ ...options, baseURL }).embed(['a', 'b', 'bad', 'c', 'd']);
  assert.deepEqual(
    vectors.map((vector) => vector !== undefined),
    [true, true, false, true, true],
  );
  assert.ok(asked.length <= 8, `${asked.length} requests`);
});

test('a batch that is too large for a provider is halved', async (t) => {
  const { baseURL } = await pickyServer(t, (input) =>
    input.length > 4 ? { status: 422, body: { detail: 'batch size 10 > maximum allowed batch size 4' } } : undefined,
  );
  const vectors = await createOpenAiEmbeddings({ ...options, baseURL }).embed(Array.from({ length: 10 }, String));
  assert.ok(vectors.every((vector) => vector !== undefined));
});

test('a text that alone is too long has no vector, however the server says so', async (t) => {
  const said: Refusal[] = [
    { status: 413, body: { error: 'inputs must have less than 512 tokens. Given: 900', error_type: 'Validation' } },
    { status: 500, body: { error: { message: 'input (900 tokens) is too large to process', type: 'server_error' } } },
  ];
  for (const refusal of said) {
    const { baseURL } = await pickyServer(t, ([text = '']) => (text.length > 20 ? refusal : undefined));
    assert.deepEqual(await createOpenAiEmbeddings({ ...options, baseURL }).embed(['x'.repeat(30)]), [undefined]);
  }
});

test('a server that refuses whatever it is given is wrongly configured, and says so', async (t) => {
  const { baseURL } = await pickyServer(t, () => ({ status: 400, body: { error: { message: 'unknown parameter' } } }));
  const embedding = createOpenAiEmbeddings({ ...options, baseURL }).embed(['a']);
  await assert.rejects(embedding, { type: 'ModelError.BadRequest', message: /unknown parameter/ });
});

test('a wrong key and a server that is down are no fault of a text', async (t) => {
  for (const [status, type] of [
    [401, 'ModelError.Authentication'],
    [503, 'ModelError.ServerError'],
  ] as const) {
    const { baseURL, asked } = await pickyServer(t, () => ({ status, body: { error: { message: 'no' } } }));
    await assert.rejects(createOpenAiEmbeddings({ ...options, baseURL }).embed(['a', 'b']), { type });
    assert.equal(asked.length, 1);
  }
});

test('a request has at most ten texts of 512 tokens, unless it is set otherwise', async (t) => {
  const { baseURL, asked } = await pickyServer(t, () => undefined);
  const long = ['word '.repeat(2_000), '言葉'.repeat(1_000)];
  await createOpenAiEmbeddings({ ...options, baseURL }).embed([...long, ...Array.from({ length: 10 }, String)]);
  assert.deepEqual(
    asked.map(({ length }) => length),
    [10, 2],
  );
  const [prose = '', signs = ''] = asked[0] ?? [];
  assert.ok(prose.length > 1_000 && prose.length <= 4 * 512, `${prose.length} letters`);
  assert.ok(signs.length > 300 && signs.length <= 512, `${signs.length} signs`);

  const large = createOpenAiEmbeddings({ ...options, baseURL, batchSize: 100, maxTokens: 8_192 });
  await large.embed([...long, ...Array.from({ length: 10 }, String)]);
  assert.deepEqual(asked.at(-1)?.slice(0, 2), long);
  assert.equal(asked.at(-1)?.length, 12);
});
