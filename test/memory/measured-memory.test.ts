import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import type { NewMemory } from '../../contracts/memory.ts';
import type { Meter } from '../../contracts/metrics.ts';
import { DEFAULT_GATE, createMemoryStore, measureEmbeddings } from '../../memory/index.ts';
import { useTestRedis } from '../support/test-redis.ts';
import { bagOfWords } from './bag-of-words.ts';

const { redis } = await useTestRedis();

const actor = { kind: 'agent', id: 'tester' } as const;
const scope = { scope: 'user', id: 'ana' } as const;
const fact = (id: string, text: string, more: Partial<NewMemory> = {}): NewMemory => ({
  id,
  scope,
  kind: 'fact',
  text,
  ...more,
});

/** Adds up what it is given, by metric and labels. */
function createTally() {
  const sums = new Map<string, number>();
  const meter: Meter = {
    record: ({ name }, value, labels = {}) => {
      const series = [name, ...Object.entries(labels).map(([label, text]) => `${label}=${text}`)].join(' ');
      sums.set(series, (sums.get(series) ?? 0) + value);
    },
  };
  return { meter, sums };
}

describe('a memory store that is counted', () => {
  it('tells added, merged, superseded, known and dropped writes apart, and drops by their rule', async () => {
    const { meter, sums } = createTally();
    const store = createMemoryStore({ redis, embedder: bagOfWords(), gate: DEFAULT_GATE, meter });
    await store.remember('acme', [fact('m1', 'Ana lives in Austin', { slot: 'home' })], actor);
    await store.remember('acme', [fact('m1', 'Ana lives in Austin', { slot: 'home' })], actor);
    await store.remember('acme', [fact('m2', 'Ana lives in Austin', { slot: 'home' })], actor);
    await store.remember('acme', [fact('m3', 'Ana lives in Berlin', { slot: 'home' })], actor);
    await store.remember('acme', [fact('m4', 'x'), fact('m5', 'hardly', { importance: 0 })], actor);
    await store.update('acme', 'm3', { changes: { text: 'Ana lives in Lisbon' }, reason: 'moved', actor });

    const writes = [...sums].filter(([series]) => series.startsWith('waymark_memory_writes'));
    assert.deepEqual(Object.fromEntries(writes), {
      'waymark_memory_writes change=added': 1,
      'waymark_memory_writes change=known': 1,
      'waymark_memory_writes change=merged': 1,
      'waymark_memory_writes change=superseded': 2,
      'waymark_memory_writes change=dropped': 2,
    });
    assert.equal(sums.get('waymark_memory_drops rule=too-short'), 1);
    assert.equal(sums.get('waymark_memory_drops rule=importance'), 1);
    assert.deepEqual((await store.stats('acme')).drops, { 'too-short': 1, importance: 1 });
  });

  it('counts recalls, what they gave back by kind, its tokens, and how long they took', async () => {
    const { meter, sums } = createTally();
    const store = createMemoryStore({ redis, embedder: bagOfWords(), meter, countTokens: () => 7 });
    await store.remember('acme', [fact('m1', 'likes tea'), fact('m2', 'drinks tea', { kind: 'preference' })], actor);
    await store.recall('acme', { text: 'tea', scopes: [scope] });
    await store.recall('acme', { text: 'tea', scopes: [{ scope: 'user', id: 'bob' }] });

    assert.equal(sums.get('waymark_memory_recalls found=some'), 1);
    assert.equal(sums.get('waymark_memory_recalls found=none'), 1);
    assert.equal(sums.get('waymark_memory_hits kind=fact'), 1);
    assert.equal(sums.get('waymark_memory_hits kind=preference'), 1);
    assert.equal(sums.get('waymark_memory_recalled_tokens'), 14);
    assert.ok(sums.has('waymark_memory_recall_time'));
  });

  it('counts failed operations, and what an index could not take', async () => {
    const { meter, sums } = createTally();
    const store = createMemoryStore({ redis, embedder: bagOfWords(), meter });
    await assert.rejects(store.remember('acme', [fact('a b', 'x')], actor));
    await redis.config('SET', 'maxmemory', '1');
    await assert.rejects(store.remember('acme', [fact('m1', 'x')], actor));
    await redis.config('SET', 'maxmemory', '0');
    assert.equal(sums.get('waymark_memory_failures operation=remember type=RangeError'), 1);
    assert.equal(sums.get('waymark_memory_failures operation=remember type=MemoryUnavailable'), 1);

    await store.recall('acme', { text: 'x', scopes: [scope] });
    await redis.hset('wm:{acme}:memory:broken', { v: 'too short', s: 'user:ana' });
    const { meter: second, sums: later } = createTally();
    const fresh = createMemoryStore({ redis, embedder: bagOfWords(), meter: second });
    await fresh.recall('acme', { text: 'x', scopes: [scope] });
    while (!later.has('waymark_memory_index_failures tenant=acme')) await delay(5);
    assert.equal(later.get('waymark_memory_index_failures tenant=acme'), 1);
  });

  it('measures calls of the embedding model, and counts those that failed by the type of failure', async () => {
    const { meter, sums } = createTally();
    const embedder = bagOfWords();
    const broken: EmbeddingModel = {
      ...embedder,
      embed: () => Promise.reject(ApplicationFailure.create({ type: 'ModelError.Timeout', message: 'no answer' })),
    };
    await measureEmbeddings(embedder, meter).embed(['a', 'b']);
    await assert.rejects(measureEmbeddings(broken, meter).embed(['a']));

    assert.equal(sums.get('waymark_embedding_texts model=bag-of-words'), 2);
    assert.equal(sums.get('waymark_embedding_failures model=bag-of-words type=ModelError.Timeout'), 1);
    assert.ok(sums.has('waymark_embedding_time model=bag-of-words'));
  });
});
