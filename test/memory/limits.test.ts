import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import { FailureType, failure, isFailure } from '../../contracts/failures.ts';
import type { NewMemory } from '../../contracts/memory.ts';
import { ensurePrograms } from '../../local/programs.ts';
import { startRedis } from '../../local/start-redis.ts';
import { LONGEST_TEXT, connectRedis, createMemoryStore } from '../../memory/index.ts';
import type { RedisMemoryStore } from '../../memory/index.ts';
import { startTestRedis } from '../support/servers.ts';
import { useTestRedis } from '../support/test-redis.ts';
import { bagOfWords } from './bag-of-words.ts';

const { redis, port } = await useTestRedis();

const actor = { kind: 'agent', id: 'tester' } as const;
const scope = { scope: 'user', id: 'ana' } as const;
const fact = (text: string, more: Partial<NewMemory> = {}): NewMemory => ({ scope, kind: 'fact', text, ...more });

let store: RedisMemoryStore;
beforeEach(() => {
  store = createMemoryStore({ redis, embedder: bagOfWords() });
});

const refused = (action: Promise<unknown>, type: FailureType, says: RegExp) =>
  assert.rejects(action, (error) => {
    assert.ok(isFailure(error, type), String(error));
    assert.match(String(error), says);
    return true;
  });
const stored = async (): Promise<string[]> => {
  const ids: string[] = [];
  for await (const { memory } of store.export('acme')) ids.push(memory.id);
  return ids.sort();
};

describe('what cannot be stored is refused before anything is', () => {
  const bad: readonly (readonly [what: string, memory: NewMemory, says: RegExp])[] = [
    ['a text over the limit, with both numbers', fact('x'.repeat(LONGEST_TEXT + 1)), /8001 characters, at most 8000/],
    ['a context over the limit', fact('x', { context: 'x'.repeat(8_001) }), /context .* 8001 characters, at most 8000/],
    ['data over the limit', fact('x', { data: { long: 'x'.repeat(17_000) } }), /data .* 17\d+ characters .* 16000/],
    ['a slot over the limit', fact('x', { slot: 'x'.repeat(201) }), /1 to 200 characters, this one 201/],
    ['an empty text', fact(' \n'), /text of a memory is empty/],
    // @ts-expect-error: a caller without types
    ['an unknown scope', fact('x', { scope: { scope: 'planet', id: 'mars' } }), /"planet" is not a scope: one of user/],
    [
      'another id of the global scope',
      fact('x', { scope: { scope: 'global', id: 'x' } }),
      /global scope has the id "all"/,
    ],
    // @ts-expect-error: a caller without types
    ['an unknown kind', fact('x', { kind: 'gossip' }), /"gossip" is not a kind of memory: one of fact/],
    ['a scope id outside the alphabet', fact('x', { scope: { scope: 'user', id: 'a|b' } }), /"a\|b" is neither an id/],
    ['a subject outside the alphabet', fact('x', { subject: 'ä' }), /subject "ä" is not an id: letters, digits/],
    ['a memory id outside the alphabet', fact('x', { id: 'a b' }), /memory id "a b"/],
    ['a memory id that is too long', fact('x', { id: 'x'.repeat(300) }), /at most 128 characters/],
    ['a share beyond 1', fact('x', { importance: 2 }), /importance 2 is not between 0 and 1/],
    ['a share that is no number', fact('x', { confidence: Number.NaN }), /confidence NaN is not between/],
    ['a time that is none', fact('x', { validFrom: 'soon' }), /validFrom "soon" is not a time, e\.g\./],
    ['a private memory of nobody', fact('x', { visibility: 'private' }), /needs an owner/],
  ];
  for (const [what, memory, says] of bad) {
    it(what, async () => {
      await assert.rejects(store.remember('acme', [fact('good'), memory], actor), (error) => {
        assert.ok(error instanceof RangeError);
        assert.match(error.message, says);
        return true;
      });
      assert.deepEqual(await stored(), [], 'the good one beside it is not written either');
    });
  }

  it('the longest text that is allowed, whole', async () => {
    const text = 'wörter '.repeat(1_000).padEnd(LONGEST_TEXT, 'x');
    const [write] = await store.remember('acme', [fact(text)], actor);
    assert.equal((await store.get('acme', write?.id ?? ''))?.text, text);
  });
});

describe('vectors that do not fit', () => {
  const giving = (vectors: (texts: readonly string[]) => Float32Array[]): EmbeddingModel => ({
    name: 'broken',
    dimensions: 64,
    embed: async (texts) => vectors(texts),
  });
  const wrong: readonly (readonly [what: string, model: EmbeddingModel, says: RegExp])[] = [
    ['a wrong length', giving((t) => t.map(() => new Float32Array(63).fill(1))), /declares 64 .* vector of 63/],
    ['too few', giving(() => []), /gave 0 vectors for 1 texts/],
    ['nothing but zeros', giving((t) => t.map(() => new Float32Array(64))), /nothing but zeros/],
    ['no numbers', giving((t) => t.map(() => new Float32Array(64).fill(Number.NaN))), /not numbers/],
  ];
  for (const [what, embedder, says] of wrong) {
    it(`are refused and nothing is stored: ${what}`, async () => {
      const broken = createMemoryStore({ redis, embedder });
      await refused(broken.remember('acme', [fact('x')], actor), FailureType.MemoryIndexMismatch, says);
      assert.deepEqual(await stored(), []);
    });
  }

  it("are refused where they are another model's, also one of the same length, and nothing changes", async () => {
    await store.remember('acme', [fact('Ana likes tea', { id: 'm1' })], actor);
    for (const other of [bagOfWords({ name: 'other' }), bagOfWords({ dimensions: 32 })]) {
      const mixed = createMemoryStore({ redis, embedder: other });
      await refused(
        mixed.remember('acme', [fact('x')], actor),
        FailureType.MemoryIndexMismatch,
        /embedded with bag-of-words/,
      );
      await refused(
        mixed.recall('acme', { text: 'x', scopes: [scope] }),
        FailureType.MemoryIndexMismatch,
        /bag-of-words/,
      );
    }
    assert.deepEqual(await stored(), ['m1']);
  });
});

describe('an embedding model that is down', () => {
  it('costs no memory: it is stored, found by its words, and embedded later', async () => {
    let up = false;
    const model = bagOfWords();
    const embedder: EmbeddingModel = {
      ...model,
      embed: async (texts) => {
        if (!up) throw failure(FailureType.ModelServerError, { message: 'down' });
        return model.embed(texts);
      },
    };
    store = createMemoryStore({ redis, embedder });
    const [write] = await store.remember('acme', [fact('Ana likes tea', { context: 'at breakfast' })], actor);
    assert.equal(write?.change, 'added');
    const told = await store.explain('acme', { text: 'who likes tea', scopes: [scope] });
    assert.equal(told.byMeaning, false);
    assert.equal(told.recalled[0]?.memory.unembedded, true);
    assert.equal((await store.stats('acme')).unembedded, 1);
    await assert.rejects(store.embedMissing('acme'), /down/);

    up = true;
    assert.equal(await store.embedMissing('acme'), 1);
    const [found] = await store.recall('acme', { text: 'who likes tea', scopes: [scope] });
    assert.ok(found && found.parts.vector > 0.3);
    assert.equal(found.memory.unembedded, undefined);
    assert.equal((await store.stats('acme')).unembedded, 0);
  });

  it('that refuses the key is an error, since waiting mends nothing', async () => {
    const refusing = async () => {
      throw failure(FailureType.ModelAuthentication, { message: 'wrong key' });
    };
    store = createMemoryStore({ redis, embedder: { ...bagOfWords(), embed: refusing } });
    await refused(store.remember('acme', [fact('x')], actor), FailureType.ModelAuthentication, /wrong key/);
  });
});

describe('a Redis that cannot write', () => {
  it('because it is full: every write that was acknowledged is there, whole, and goes on when there is room', async () => {
    await store.remember('acme', [fact('the first', { id: 'w0' })], actor);
    const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
    await redis.config('SET', 'maxmemory', String(used + 200_000));
    const acknowledged = ['w0'];
    const failures: unknown[] = [];
    for (let at = 1; at <= 400 && failures.length < 3; at += 1) {
      const text = `memory ${at} ${'of many words '.repeat(60)}`;
      await store.remember('acme', [fact(text, { id: `w${at}`, slot: `s${at % 40}` })], actor).then(
        () => acknowledged.push(`w${at}`),
        (error: unknown) => failures.push(error),
      );
    }
    assert.equal(failures.length, 3, 'it became full');
    for (const error of failures) {
      assert.ok(isFailure(error, FailureType.MemoryUnavailable));
      assert.match(String(error), /OOM.*maxmemory/s);
    }
    assert.deepEqual(
      await stored(),
      acknowledged.toSorted(),
      'nothing that was acknowledged is lost, and no half is left',
    );
    assert.ok(
      (await store.recall('acme', { text: 'memory', scopes: [scope] })).length > 0,
      'what is there is recalled',
    );
    for (const id of acknowledged) assert.equal((await store.history('acme', id))[0]?.change, 'added');

    await redis.config('SET', 'maxmemory', '0');
    const [late] = await store.remember('acme', [fact('there is room', { id: 'late' })], actor);
    assert.equal(late?.change, 'added');
  });

  it('because it is a replica, or has too few of them: named, with what to do', async () => {
    await store.remember('acme', [fact('Ana likes tea', { id: 'm1' })], actor);
    await redis.config('SET', 'min-replicas-to-write', '1');
    await refused(
      store.remember('acme', [fact('x')], actor),
      FailureType.MemoryUnavailable,
      /NOREPLICAS.*min-replicas/s,
    );
    assert.equal((await store.recall('acme', { text: 'tea', scopes: [scope] }))[0]?.memory.id, 'm1');
    await redis.config('SET', 'min-replicas-to-write', '0');

    const replica = await startTestRedis();
    const second = connectRedis({ url: replica.url });
    try {
      await second.replicaof('127.0.0.1', port);
      while ((await second.dbsize()) === 0) await delay(20);
      const there = createMemoryStore({ redis: second, embedder: bagOfWords() });
      await refused(there.remember('acme', [fact('x')], actor), FailureType.MemoryUnavailable, /READONLY.*primary/s);
      await refused(there.forget('acme', { ids: ['m1'] }), FailureType.MemoryUnavailable, /READONLY/);
    } finally {
      second.disconnect();
      await replica.stop();
    }
    assert.deepEqual(await stored(), ['m1']);
  });
});

it('a Redis that is killed and comes back has every write that it acknowledged', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'waymark-killed-redis-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const { redis: program } = await ensurePrograms({ which: ['redis'], fetch: false });
  const first = await startRedis({ server: program, dataDir });
  const connection = connectRedis({ url: first.url });
  t.after(() => connection.disconnect());
  const memories = createMemoryStore({ redis: connection, embedder: bagOfWords() });
  const acknowledged: string[] = [];
  const writing = (async () => {
    for (let at = 0; ; at += 1) {
      await memories.remember('acme', [fact(`memory ${at}`, { id: `w${at}`, slot: `s${at % 7}` })], actor);
      acknowledged.push(`w${at}`);
      if (at === 60) process.kill(first.pid, 'SIGKILL');
    }
  })();
  await refused(writing, FailureType.MemoryUnavailable, /does not answer/);
  await first.stop();

  const second = await startRedis({ server: program, dataDir, port: first.port });
  t.after(() => second.stop());
  const there = await Promise.all(acknowledged.map((id) => memories.get('acme', id)));
  assert.ok(there.every((memory) => memory !== undefined));
  assert.ok(acknowledged.length > 60);
  const [found] = await memories.recall('acme', { text: 'memory 60', scopes: [scope] });
  assert.ok(found, 'and they are found');
});
