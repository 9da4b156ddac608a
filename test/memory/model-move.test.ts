import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { FailureType, isFailure } from '../../contracts/failures.ts';
import { keys } from '../../contracts/keys.ts';
import { createModelMove } from '../../memory/care/move-model.ts';
import type { ModelMove } from '../../memory/care/move-model.ts';
import { createMemoryStore } from '../../memory/index.ts';
import { useTestRedis } from '../support/test-redis.ts';
import { bagOfWords } from './bag-of-words.ts';

const { redis } = await useTestRedis();

const actor = { kind: 'agent', id: 'tester' } as const;
const scope = { scope: 'user', id: 'ana' } as const;
const fact = (id: string, text: string) => ({ id, scope, kind: 'fact' as const, text });
const older = bagOfWords({ name: 'older', dimensions: 64 });
const newer = bagOfWords({ name: 'newer', dimensions: 48 });
const tenant = 'acme';

describe('moving memories to another embedding model', () => {
  let move: ModelMove;
  before(async () => {
    move = createModelMove({ redis, embedders: [older, newer] });
  });

  const storeWith = (embedder = older, ...otherEmbedders: (typeof older)[]) =>
    createMemoryStore({ redis, embedder, otherEmbedders });
  /** Fills every memory, some a slice, and says how many were embedded. */
  const fillAll = async (generation: number): Promise<number> => {
    let embedded = 0;
    let cursor = '0';
    do {
      const slice = await move.fill({ tenant, generation, cursor, most: 3 });
      embedded += slice.embedded;
      cursor = slice.cursor;
    } while (cursor !== '0');
    return embedded;
  };
  const dropAll = async (generation: number): Promise<number> =>
    (await move.drop({ tenant, generation, cursor: '0', most: 1_000 })).dropped;
  const found = async (store: ReturnType<typeof storeWith>, text: string) =>
    (await store.recall(tenant, { text, scopes: [scope], limit: 3 })).map(({ memory, parts }) => ({
      id: memory.id,
      near: parts.vector > 0.9,
    }));

  it('fills a second vector beside the first, switches, and drops the first', async () => {
    const both = storeWith(older, newer);
    const many = Array.from({ length: 20 }, (_, at) => fact(`m${at}`, `parcel ${at} went to Lisbon`));
    await both.remember(tenant, many, actor);
    const { former, next, memories } = await move.begin(tenant, 'newer');
    assert.deepEqual([former.model, next.model, next.generation, memories], ['older', 'newer', 1, 20]);
    assert.equal(await fillAll(1), 20);
    assert.equal(await fillAll(1), 0, 'what is filled stays');
    assert.deepEqual(await found(both, 'parcel 7 went to Lisbon').then(([first]) => first), { id: 'm7', near: true });
    assert.equal((await both.get(tenant, 'm7'))?.embeddingModel, 'newer');

    await move.switchTo(tenant, 1);
    await move.switchTo(tenant, 1);
    assert.equal((await move.state(tenant))?.current.model, 'newer');
    assert.deepEqual(await found(both, 'parcel 7 went to Lisbon').then(([first]) => first), { id: 'm7', near: true });
    await move.end(tenant, 0);
    assert.equal(await dropAll(0), 20);
    assert.deepEqual(await found(both, 'parcel 7 went to Lisbon').then(([first]) => first), { id: 'm7', near: true });
    assert.deepEqual(await redis.hmget(keys.memory(tenant, 'm7'), 'v', 'x'), [null, null]);
    assert.equal(await redis.hstrlen(keys.memory(tenant, 'm7'), 'v1'), 96);
    assert.deepEqual(await redis.hgetall(keys.memoryMeta(tenant)), {
      model: 'newer',
      dimensions: '48',
      generation: '1',
      generations: '1',
      vector_type: 'FLOAT16',
      vector_search: 'FLAT',
      epoch: '3',
    });
    assert.equal(
      (await both.remember(tenant, [fact('m30', 'parcel 7 went to Lisbon')], actor))[0]?.change,
      'unchanged',
    );
    await storeWith(newer).remember(tenant, [fact('m31', 'the gate is green')], actor);
  });

  it('has writers with both models write both vectors, and fills in for those with one', async () => {
    const [both, onlyOld] = [storeWith(older, newer), storeWith(older)];
    await both.remember(tenant, [fact('a', 'the gate is green')], actor);
    await onlyOld.recall(tenant, { text: 'gate', scopes: [scope] });
    await move.begin(tenant, 'newer');
    await both.remember(tenant, [{ ...fact('b', 'the roof is red'), context: 'about the house' }], actor);
    await onlyOld.remember(tenant, [fact('c', 'the door is blue')], actor);
    const lengths = (id: string) =>
      Promise.all(['v', 'v1', 'x1'].map((field) => redis.hstrlen(keys.memory(tenant, id), field)));
    assert.deepEqual(await lengths('b'), [128, 96, 48]);
    assert.deepEqual(await lengths('c'), [128, 0, 0]);
    assert.equal(await fillAll(1), 2);
    assert.deepEqual(await lengths('c'), [128, 96, 0]);
  });

  it('refuses a worker that has only the former model, from the switch on, and says what to do', async () => {
    const onlyOld = storeWith(older);
    await onlyOld.remember(tenant, [fact('a', 'the gate is green')], actor);
    await move.begin(tenant, 'newer');
    await fillAll(1);
    await onlyOld.remember(tenant, [fact('b', 'the roof is red')], actor);
    assert.deepEqual(await found(onlyOld, 'the roof is red').then(([first]) => first), { id: 'b', near: true });
    await move.switchTo(tenant, 1);
    const refused = (error: Error) =>
      isFailure(error, FailureType.MemoryIndexMismatch) &&
      /embedded with newer \(48 dimensions\).*embeds with older \(64 dimensions\).*WAYMARK_EMBEDDINGS/.test(
        error.message,
      );
    await assert.rejects(onlyOld.recall(tenant, { text: 'the roof is red', scopes: [scope] }), refused);
    await assert.rejects(onlyOld.remember(tenant, [fact('c', 'the door is blue')], actor), refused);
    // What was written without the new vector before the switch is found by its words, and filled in after it.
    const both = storeWith(older, newer);
    assert.deepEqual(await found(both, 'the roof is red').then(([first]) => first), { id: 'b', near: false });
    assert.equal(await fillAll(1), 1);
    assert.deepEqual(await found(both, 'the roof is red').then(([first]) => first), { id: 'b', near: true });
  });

  it('rolls back before and after the switch, and can then be made again', async () => {
    const both = storeWith(older, newer);
    await both.remember(tenant, [fact('a', 'the gate is green')], actor);
    await move.begin(tenant, 'newer');
    await fillAll(1);
    await move.end(tenant, 1);
    assert.equal(await dropAll(1), 1);
    assert.equal((await both.get(tenant, 'a'))?.embeddingModel, 'older');

    assert.equal((await move.begin(tenant, 'newer')).next.generation, 2);
    await fillAll(2);
    await move.switchTo(tenant, 2);
    await both.remember(tenant, [fact('b', 'the roof is red')], actor);
    await move.switchTo(tenant, 0);
    assert.equal(await fillAll(0), 0, 'writers had kept the former vectors in step');
    await move.end(tenant, 2);
    assert.equal(await dropAll(2), 2);
    assert.deepEqual(await found(both, 'the roof is red').then(([first]) => first), { id: 'b', near: true });
    await storeWith(older).remember(tenant, [fact('c', 'the door is blue')], actor);
  });

  it('embeds with both what was written while a model was away', async () => {
    const away = { ...older, embed: () => Promise.reject(new Error('away')) };
    await storeWith(away).remember(tenant, [fact('a', 'the gate is green')], actor);
    await move.begin(tenant, 'newer');
    assert.equal(await fillAll(1), 1);
    assert.equal((await storeWith(older, newer).get(tenant, 'a'))?.unembedded, true, 'recall still lacks its vector');
    await move.switchTo(tenant, 1);
    await fillAll(1);
    const stored = await storeWith(older, newer).get(tenant, 'a');
    assert.equal(stored?.unembedded, undefined);
    assert.deepEqual(await found(storeWith(newer), 'the gate is green'), [{ id: 'a', near: true }]);
  });

  it('refuses a model that is not there, that is current, or a second move', async () => {
    await assert.rejects(move.begin(tenant, 'newer'), /has no memories; there is nothing to move/);
    await storeWith(older).remember(tenant, [fact('a', 'the gate is green')], actor);
    await assert.rejects(move.begin(tenant, 'unknown'), /no embedding model "unknown", only older, newer/);
    await assert.rejects(move.begin(tenant, 'older'), /embedded with older already/);
    await move.begin(tenant, 'newer');
    await move.begin(tenant, 'newer');
    const third = createModelMove({ redis, embedders: [older, bagOfWords({ name: 'third' })] });
    await assert.rejects(third.begin(tenant, 'third'), /in the middle of another move .*newer beside it/);
    await assert.rejects(move.drop({ tenant, generation: 1, cursor: '0', most: 1 }), /are in use/);
    await assert.rejects(move.switchTo(tenant, 7), /no longer known to Redis/);
    await redis.flushall();
    await assert.rejects(move.fill({ tenant, generation: 1, cursor: '0', most: 1 }), /has no memories/);
  });
});
