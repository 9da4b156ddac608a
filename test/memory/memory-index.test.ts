import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FailureType, isFailure } from '../../contracts/failures.ts';
import { keys } from '../../contracts/keys.ts';
import { connectRedis, createMemoryStore } from '../../memory/index.ts';
import { useTestRedis } from '../support/test-redis.ts';
import { bagOfWords } from './bag-of-words.ts';

const { redis, url } = await useTestRedis();

const actor = { kind: 'agent', id: 'tester' } as const;
const scope = { scope: 'user', id: 'ana' } as const;
const fact = (text: string) => ({ scope, kind: 'fact' as const, text });

describe('the memory index', () => {
  it('is created once by ten workers that meet a tenant at the same moment', async () => {
    const connections = Array.from({ length: 10 }, () => connectRedis({ url }));
    await Promise.all(
      connections.map(async (connection, at) => {
        const store = createMemoryStore({ redis: connection, embedder: bagOfWords() });
        await store.remember('acme', [fact(`note ${at}`)], actor);
      }),
    );
    connections.forEach((connection) => connection.disconnect());
    assert.deepEqual(await redis.call('FT._LIST'), [keys.memoryIndex('acme')]);
    const found = await createMemoryStore({ redis, embedder: bagOfWords() }).recall('acme', {
      text: 'note',
      scopes: [scope],
      limit: 20,
    });
    assert.equal(found.length, 10);
  });

  it('keeps half-precision vectors where the server can, and its model and dimensions beside', async () => {
    await createMemoryStore({ redis, embedder: bagOfWords() }).remember('acme', [{ ...fact('x'), id: 'm1' }], actor);
    assert.equal(await redis.hstrlen(keys.memory('acme', 'm1'), 'v'), 128);
    assert.deepEqual(await redis.hgetall(keys.memoryMeta('acme')), {
      model: 'bag-of-words',
      dimensions: '64',
      vector_type: 'FLOAT16',
      vector_search: 'FLAT',
    });
    const stored = await createMemoryStore({ redis, embedder: bagOfWords() }).get('acme', 'm1');
    assert.equal(stored?.embeddingModel, 'bag-of-words');
  });

  it('indexes what is written to a new tenant once, however much else Redis holds', async () => {
    for (let from = 0; from < 40_000; from += 10_000) {
      const pairs = Array.from({ length: 10_000 }, (_, at) => [`other:${from + at}`, 'x'] as const);
      await redis.mset(pairs.flat());
    }
    const store = createMemoryStore({ redis, embedder: bagOfWords() });
    const notes = Array.from({ length: 30 }, (_, at) => fact(`note ${at} of many`));
    for (const note of notes) await store.remember('acme', [note], actor);
    const info: unknown = await redis.call('FT.INFO', keys.memoryIndex('acme'));
    assert.ok(Array.isArray(info));
    const told = (name: string) => Number(info[info.indexOf(name) + 1]);
    assert.equal(told('num_docs'), 30);
    assert.equal(told('max_doc_id'), 30, 'a document that is indexed again is counted again in text scores');
  });

  it('searches through a graph of vectors where the store says so for a new tenant', async () => {
    const store = createMemoryStore({ redis, embedder: bagOfWords(), vectors: { search: 'HNSW', type: 'FLOAT32' } });
    const notes = Array.from({ length: 200 }, (_, at) => fact(`note ${at} says word${at}`));
    await store.remember('acme', notes, actor);
    const info = JSON.stringify(await redis.call('FT.INFO', keys.memoryIndex('acme')));
    assert.match(info, /"algorithm","HNSW","data_type","FLOAT32"/);
    const [best] = await store.recall('acme', { text: 'word77', scopes: [scope] });
    assert.equal(best?.memory.text, 'note 77 says word77');
    const other = createMemoryStore({ redis, embedder: bagOfWords() });
    const [same] = await other.recall('acme', { text: 'word77', scopes: [scope] });
    assert.equal(same?.memory.text, best?.memory.text, 'how a tenant is kept is read, not assumed');
  });

  it('refuses another model or other dimensions, names both, and changes nothing', async () => {
    await createMemoryStore({ redis, embedder: bagOfWords() }).remember('acme', [fact('x')], actor);
    const others = [bagOfWords({ name: 'other-words' }), bagOfWords({ dimensions: 32 })];
    for (const embedder of others) {
      const store = createMemoryStore({ redis, embedder });
      const refused = (error: Error) => {
        assert.ok(isFailure(error, FailureType.MemoryIndexMismatch));
        const wanted = `${embedder.name} (${embedder.dimensions} dimensions)`;
        assert.ok(error.message.includes('bag-of-words (64 dimensions)') && error.message.includes(wanted));
        return true;
      };
      await assert.rejects(store.remember('acme', [fact('y')], actor), refused);
      await assert.rejects(store.recall('acme', { text: 'x', scopes: [scope] }), refused);
      await store.remember(`tenant-of-${embedder.name}-${embedder.dimensions}`, [fact('y')], actor);
    }
    const found = await createMemoryStore({ redis, embedder: bagOfWords() }).recall('acme', {
      text: 'x',
      scopes: [scope],
    });
    assert.equal(found.length, 1);
  });

  it('refuses to write when the memories of a tenant moved to another model meanwhile', async () => {
    const store = createMemoryStore({ redis, embedder: bagOfWords() });
    await store.remember('acme', [fact('x')], actor);
    await redis.hset(keys.memoryMeta('acme'), 'model', 'newer-words');
    await assert.rejects(store.remember('acme', [fact('y')], actor), /newer-words \(64 dimensions\)/);
  });

  it('refuses vectors of a wrong length, a wrong number of them, zeros, and what is no number', async () => {
    const wrong: [RegExp, (texts: readonly string[]) => Float32Array[]][] = [
      [/declares 64 dimensions and gave a vector of 63/, (texts) => texts.map(() => new Float32Array(63))],
      [/gave 0 vectors for 1 texts/, () => []],
      [/nothing but zeros/, (texts) => texts.map(() => new Float32Array(64))],
      [/values that are not numbers/, (texts) => texts.map(() => new Float32Array(64).fill(Number.NaN))],
    ];
    for (const [words, embed] of wrong) {
      const embedder = {
        name: 'bag-of-words',
        dimensions: 64,
        embed: async (texts: readonly string[]) => embed(texts),
      };
      const store = createMemoryStore({ redis, embedder });
      await assert.rejects(store.remember('acme', [fact('x')], actor), words);
      await assert.rejects(store.recall('acme', { text: 'x', scopes: [scope] }), words);
    }
    assert.deepEqual(await redis.keys('*:memory:*'), []);
  });

  it('comes back by itself after Redis was emptied', async () => {
    const store = createMemoryStore({ redis, embedder: bagOfWords() });
    await store.remember('acme', [fact('before')], actor);
    await redis.flushall();
    assert.deepEqual(await store.recall('acme', { text: 'before', scopes: [scope] }), []);
    await redis.flushall();
    const [written] = await store.remember('acme', [fact('after')], actor);
    assert.equal(written?.change, 'added');
    assert.equal((await store.recall('acme', { text: 'after', scopes: [scope] })).length, 1);
    await redis.flushall();
    assert.equal(await store.forget('acme', { scope }), 0);
  });
});
