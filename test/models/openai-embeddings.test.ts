import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { createOpenAiEmbeddings } from '../../models/index.ts';
import { rawServer } from './raw-server.ts';

interface Asked {
  model: string;
  input: string[];
  encoding_format: string;
  dimensions?: number;
}

type Row = { index: number; embedding: number[] };

/** A server that answers each request with the rows made for its texts, and keeps what it was asked. */
async function embeddingServer(
  t: TestContext,
  rowsFor: (input: string[]) => Row[],
): Promise<{ baseURL: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const { baseURL } = await rawServer(t, (_request, response, body) => {
    const question: Asked = JSON.parse(body);
    asked.push(question);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ object: 'list', data: rowsFor(question.input), model: question.model }));
  });
  return { baseURL, asked };
}

function embedder(baseURL: string, batchSize = 64): ReturnType<typeof createOpenAiEmbeddings> {
  return createOpenAiEmbeddings({ apiKey: 'k', baseURL, model: 'embed-1', dimensions: 2, batchSize });
}

test('returns one vector of length one a text, in the order of the texts', async (t) => {
  const server = await embeddingServer(t, (input) =>
    input.map((text, index) => ({ index, embedding: text === 'a' ? [3, 4] : [0, 5] })).toReversed(),
  );

  const vectors = await embedder(server.baseURL).embed(['a', 'b']);

  assert.deepEqual(vectors, [Float32Array.of(0.6, 0.8), Float32Array.of(0, 1)]);
});

test('asks in batches, for plain numbers, and never for an empty text', async (t) => {
  const server = await embeddingServer(t, (input) => input.map((_text, index) => ({ index, embedding: [1, 0] })));

  const vectors = await embedder(server.baseURL, 2).embed(['a', '', 'c', 'd', 'e']);

  assert.equal(vectors.length, 5);
  assert.deepEqual(
    server.asked.map(({ input }) => input),
    [['a', ' '], ['c', 'd'], ['e']],
  );
  assert.deepEqual(server.asked[0], { model: 'embed-1', input: ['a', ' '], encoding_format: 'float' });
});

test('asks models that can shorten their vectors for the length wanted', async (t) => {
  const server = await embeddingServer(t, () => [{ index: 0, embedding: [1, 0] }]);
  const model = createOpenAiEmbeddings({
    apiKey: '',
    baseURL: server.baseURL,
    model: 'text-embedding-3-small',
    dimensions: 2,
  });

  await model.embed(['a']);

  assert.equal(server.asked[0]?.dimensions, 2);
});

test('asks nothing for no texts', async (t) => {
  const server = await embeddingServer(t, () => []);

  assert.deepEqual(await embedder(server.baseURL).embed([]), []);
  assert.equal(server.asked.length, 0);
});

test('refuses vectors of another length, for good, and says what to set', async (t) => {
  const server = await embeddingServer(t, () => [{ index: 0, embedding: [1, 0, 0] }]);

  await assert.rejects(embedder(server.baseURL).embed(['a']), {
    type: 'ModelError.BadRequest',
    nonRetryable: true,
    message: /gives vectors of 3 numbers and not of 2\. Set its dimensions to 3/,
  });
});

test('refuses an answer with a vector too few', async (t) => {
  const server = await embeddingServer(t, () => [{ index: 0, embedding: [1, 0] }]);

  await assert.rejects(embedder(server.baseURL).embed(['a', 'b']), {
    type: 'ModelError.ServerError',
    message: /1 vectors for 2 texts/,
  });
});

test('refuses a vector without a direction', async (t) => {
  const server = await embeddingServer(t, () => [{ index: 0, embedding: [0, 0] }]);

  await assert.rejects(embedder(server.baseURL).embed(['a']), { type: 'ModelError.ServerError' });
});

test('classifies the errors of the server as the chat model does', async (t) => {
  const { baseURL } = await rawServer(t, (_request, response) => {
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '4' });
    response.end(JSON.stringify({ error: { message: 'slow down' } }));
  });

  await assert.rejects(embedder(baseURL).embed(['a']), { type: 'ModelError.RateLimit', nextRetryDelay: 4000 });
});
