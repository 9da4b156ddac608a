import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Redis } from 'ioredis';
import { createMemoryStore } from '../../memory/index.ts';
import { startEmbeddingServer } from '../cli/embedding-server.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import { assertIncludes } from '../support/assert-includes.ts';
import { openServeWorld } from './serve-world.ts';
import type { ServeWorld, TestService } from './serve-world.ts';

let world: ServeWorld;
let embeddings: Awaited<ReturnType<typeof startEmbeddingServer>>;
let service: TestService;
let keys: Record<'own' | 'other' | 'empty', string>;
before(async () => {
  [world, embeddings] = await Promise.all([openServeWorld(), startEmbeddingServer()]);
  await world.startWorker();
  keys = {
    own: await world.makeKey(),
    other: await world.makeKey({ tenant: 'other' }),
    empty: await world.makeKey({ tenant: 'empty' }),
  };
  service = await world.serve({
    env: {
      WAYMARK_EMBEDDINGS: 'bag-of-words',
      WAYMARK_EMBEDDING_DIMENSIONS: '64',
      OPENAI_BASE_URL: embeddings.baseURL,
    },
  });
  await remember();
});
after(() => Promise.all([world.stop(), embeddings.stop()]));

/** Of both tenants something is remembered about the same subject. */
async function remember(): Promise<void> {
  const redis = new Redis(world.redis.url);
  const store = createMemoryStore({ redis, embedder: bagOfWords() });
  const about = { scope: { scope: 'user', id: 'acme' }, kind: 'preference' } as const;
  const ada = { kind: 'person', id: 'ada@example.com' } as const;
  await store.remember('default', [{ ...about, text: 'Acme wants letters on yellow paper.' }], ada);
  await store.remember('default', [{ ...about, kind: 'fact', text: 'Acme was founded in Lisbon.' }], ada);
  await store.remember('other', [{ ...about, text: 'Acme pays in spring.' }], ada);
  redis.disconnect();
}

/** The texts that an assistant with that key finds. */
async function foundByAssistant(key: string, args: Record<string, unknown>): Promise<string[]> {
  const requestInit = { headers: { Authorization: `Bearer ${key}` } };
  const client = new Client({ name: 'an assistant of a test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${service.url}/mcp`), { requestInit }));
  try {
    const { content, isError } = await client.callTool({ name: 'search_memories', arguments: args });
    assert.ok(Array.isArray(content));
    const text = String(content[0]?.text);
    assert.notEqual(isError, true, text);
    return JSON.parse(text).map((memory: { text: string }) => memory.text);
  } finally {
    await client.close();
  }
}

async function foundByHttp(key: string, query: object): Promise<string[]> {
  const { status, body } = await service.post('/v1/memories/search', query, { key });
  assert.equal(status, 200, JSON.stringify(body));
  const memories: { text: string }[] = body['memories'] ?? [];
  return memories.map(({ text }) => text);
}

test('a memory is found by HTTP, with its kind, its scope and whom it is trusted from', async () => {
  const { body } = await service.post('/v1/memories/search', { text: 'yellow paper', limit: 1 }, { key: keys.own });

  assertIncludes(body['memories'], [
    { text: 'Acme wants letters on yellow paper.', kind: 'preference', scope: { scope: 'user', id: 'acme' } },
  ]);
});

test('a search is narrowed by kind and by scope', async () => {
  const scopes = (id: string) => [{ scope: 'user', id }];

  assert.deepEqual(await foundByHttp(keys.own, { text: 'Acme', kinds: ['fact'] }), ['Acme was founded in Lisbon.']);
  assert.equal((await foundByHttp(keys.own, { text: 'Acme', scopes: scopes('acme') })).length, 2);
  assert.deepEqual(await foundByHttp(keys.own, { text: 'Acme', scopes: scopes('nobody') }), []);
});

test('an assistant finds a memory with search_memories, of all subjects or of one', async () => {
  const [first] = await foundByAssistant(keys.own, { text: 'yellow paper' });
  const ofSubject = await foundByAssistant(keys.own, { text: 'yellow paper', subject: 'acme', kinds: ['preference'] });
  const ofNobody = await foundByAssistant(keys.own, { text: 'yellow paper', subject: 'nobody' });

  assert.equal(first, 'Acme wants letters on yellow paper.');
  assert.deepEqual([ofSubject, ofNobody], [['Acme wants letters on yellow paper.'], []]);
});

test('another tenant finds what it remembers itself, and nothing else', async () => {
  const query = { text: 'Acme yellow paper' };

  assert.deepEqual(await foundByHttp(keys.other, query), ['Acme pays in spring.']);
  assert.deepEqual(await foundByAssistant(keys.other, query), ['Acme pays in spring.']);
  assert.deepEqual([await foundByHttp(keys.empty, query), await foundByAssistant(keys.empty, query)], [[], []]);
});
