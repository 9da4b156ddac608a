import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import { FailureType, failure } from '../../contracts/failures.ts';
import type { ExportedMemory, NewMemory } from '../../contracts/memory.ts';
import { ensureEmbeddingModel } from '../../local/embedding-model.ts';
import { createMemoryStore } from '../../memory/index.ts';
import type { RedisMemoryStore } from '../../memory/index.ts';
import { createLocalEmbeddings } from '../../models/index.ts';
import { useTestRedis } from '../support/test-redis.ts';
import { bagOfWords } from './bag-of-words.ts';

const { redis } = await useTestRedis();

const actor = { kind: 'agent', id: 'tester' } as const;
const scope = { scope: 'user', id: 'ana' } as const;
const moved: NewMemory = { id: 'm1', scope, kind: 'fact', text: 'She moved to Porto.', slot: 'home city' };

const found = async (store: RedisMemoryStore, tenant = 'acme'): Promise<string[]> => {
  const recalled = await store.recall(tenant, { text: 'Which is the city of her home?', scopes: [scope] });
  return recalled.map(({ memory }) => memory.id);
};

test('a memory is found by what it is a value of, which its text does not say', async () => {
  const store = createMemoryStore({ redis, embedder: bagOfWords() });
  const { slot: _slot, ...unnamed } = moved;
  await store.remember('acme', [moved, { ...unnamed, id: 'm2' }], actor);
  await store.remember('acme', [{ ...moved, id: 'm3', slot: 'made:home city' }], actor);
  assert.deepEqual(await found(store), ['m1'], 'not by a name that is made by rule');
});

test('so it is where it was embedded later, was imported, or stands in surroundings', async () => {
  let away = true;
  const model = bagOfWords();
  const embedder: EmbeddingModel = {
    ...model,
    embed: async (texts) => {
      if (away) throw failure(FailureType.ModelServerError, { message: 'away' });
      return model.embed(texts);
    },
  };
  const store = createMemoryStore({ redis, embedder });
  await store.remember('acme', [moved, { ...moved, id: 'm2', kind: 'preference', context: 'yesterday' }], actor);
  away = false;
  assert.deepEqual(await found(store), [], 'while it has no vector');
  assert.equal(await store.embedMissing('acme'), 2);
  assert.deepEqual((await found(store)).toSorted(), ['m1', 'm2']);
  const lines: ExportedMemory[] = [];
  for await (const line of store.export('acme')) lines.push(line);
  await store.import('other', lines);
  assert.deepEqual((await found(store, 'other')).toSorted(), ['m1', 'm2']);
});

test('with real embeddings a value is found by a question that shares no word with its text', async () => {
  const embedder = await createLocalEmbeddings(await ensureEmbeddingModel());
  const store = createMemoryStore({ redis, embedder });
  const text = 'I have been saving for the Dolomites since last year and now the date is fixed.';
  const { slot: _slot, ...trip } = { ...moved, text };
  const ask = { text: 'What is the travel destination of this customer?', scopes: [scope] };
  await store.remember('plain', [trip], actor);
  assert.deepEqual(await store.recall('plain', ask), []);
  await store.remember('named', [{ ...trip, slot: 'travel destination' }], actor);
  assert.equal((await store.recall('named', ask)).length, 1);
});

test('a secret in a slot is masked before it is stored or embedded, and one value still takes the place of another', async () => {
  const embedded: string[] = [];
  const model = bagOfWords();
  const embed: EmbeddingModel['embed'] = async (texts) => {
    embedded.push(...texts);
    return model.embed(texts);
  };
  const store = createMemoryStore({ redis, embedder: { ...model, embed } });
  const slot = 'key sk-proj-abcdefghijklmnopqrstuvwxyz0123456789';
  await store.remember('acme', [{ ...moved, slot }], actor);
  const [write] = await store.remember('acme', [{ ...moved, id: 'm2', text: 'She moved to Lyon.', slot }], actor);
  assert.deepEqual([write?.change, write?.replaced], ['superseded', 'm1']);
  assert.doesNotMatch(embedded.join(), /abcdefghijklmnop/);
  assert.doesNotMatch((await store.get('acme', 'm2'))?.slot ?? '', /abcdefghijklmnop/);
  const lines: ExportedMemory[] = [];
  for await (const line of store.export('acme')) lines.push(line);
  await store.import('other', lines);
  const [late] = await store.remember('other', [{ ...moved, id: 'm3', text: 'She moved to Graz.', slot }], actor);
  assert.equal(late?.replaced, 'm2');
});
