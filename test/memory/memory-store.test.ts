import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { NewMemory } from '../../contracts/memory.ts';
import { createMemoryStore } from '../../memory/index.ts';
import type { RedisMemoryStore } from '../../memory/index.ts';
import { useTestRedis } from '../support/test-redis.ts';
import { bagOfWords } from './bag-of-words.ts';

const { redis } = await useTestRedis();

const tenant = 'acme';
const actor = { kind: 'agent', id: 'onboarding' } as const;
const ana = { scope: 'user', id: 'ana' } as const;
const task = { scope: 'task', id: 'onboarding:acme-corp' } as const;
const noon = Date.parse('2026-11-23T12:00:00.000Z');
const iso = (milliseconds: number) => new Date(milliseconds).toISOString();
const fact = (text: string, more: Partial<NewMemory> = {}): NewMemory => ({ scope: ana, kind: 'fact', text, ...more });

describe('memories', () => {
  let memories: RedisMemoryStore;
  let now = noon;

  beforeEach(() => {
    now = noon;
    memories = createMemoryStore({ redis, embedder: bagOfWords(), clock: () => now });
  });

  const remember = (...given: NewMemory[]) => memories.remember(tenant, given, actor);
  const recall = (text: string, more: object = {}) => memories.recall(tenant, { text, scopes: [ana], ...more });
  const textsOf = async (found: ReturnType<typeof recall>) => (await found).map(({ memory }) => memory.text);

  it('gives back everything that was stored', async () => {
    const [written] = await remember({
      id: 'onboarding:acme-corp:t1.0',
      scope: task,
      kind: 'failed-strategy',
      text: 'Importing the CSV failed: the file has no header row.',
      subject: 'acme-corp',
      slot: 'import',
      owner: 'onboarding',
      visibility: 'private',
      importance: 0.9,
      confidence: 0.7,
      trust: 'tool',
      provenance: { taskId: 'onboarding:acme-corp', turn: 1, seq: 4, tool: 'import_data' },
      validFrom: '2026-11-20T08:00:00.000Z',
      expiresAt: '2027-01-01T00:00:00.000Z',
      data: { rows: [1, 2], retryWhen: 'a header row is added' },
    });
    assert.deepEqual(written, { id: 'onboarding:acme-corp:t1.0', change: 'added', reason: 'new' });
    assert.deepEqual(await memories.get(tenant, 'onboarding:acme-corp:t1.0'), {
      id: 'onboarding:acme-corp:t1.0',
      tenant,
      scope: task,
      kind: 'failed-strategy',
      text: 'Importing the CSV failed: the file has no header row.',
      subject: 'acme-corp',
      slot: 'import',
      owner: 'onboarding',
      visibility: 'private',
      importance: 0.9,
      confidence: 0.7,
      trust: 'tool',
      provenance: { taskId: 'onboarding:acme-corp', turn: 1, seq: 4, tool: 'import_data' },
      validFrom: '2026-11-20T08:00:00.000Z',
      createdAt: iso(noon),
      expiresAt: '2027-01-01T00:00:00.000Z',
      embeddingModel: 'bag-of-words',
      data: { rows: [1, 2], retryWhen: 'a header row is added' },
    });
    assert.equal(await memories.get(tenant, 'missing'), undefined);
  });

  it('writes the same id once, whatever a retry brings', async () => {
    await remember(fact('Ana lives in Austin', { id: 'm1' }));
    const [again] = await remember(fact('other words for the same', { id: 'm1' }));
    assert.deepEqual(again, { id: 'm1', change: 'unchanged', reason: 'this id was written before' });
    assert.equal((await memories.get(tenant, 'm1'))?.text, 'Ana lives in Austin');
    assert.equal((await memories.history(tenant, 'm1')).length, 1);
  });

  it('supersedes the current value of a slot and keeps the old one with its interval and history', async () => {
    await remember(fact('Ana lives in Austin', { id: 'm1', slot: 'home' }));
    now += 60_000;
    const [written] = await remember(fact('Ana lives in Berlin', { id: 'm2', slot: 'home' }));
    assert.equal(written?.change, 'superseded');
    assert.equal(written?.replaced, 'm1');

    const [old, current] = [await memories.get(tenant, 'm1'), await memories.get(tenant, 'm2')];
    assert.deepEqual([old?.validFrom, old?.validTo, old?.supersededBy], [iso(noon), iso(noon + 60_000), 'm2']);
    assert.deepEqual(
      [current?.validFrom, current?.validTo, current?.supersedes],
      [iso(noon + 60_000), undefined, 'm1'],
    );
    assert.deepEqual(await memories.history(tenant, 'm1'), [
      { at: iso(noon), change: 'added', reason: 'new', actor },
      { at: iso(noon + 60_000), change: 'superseded', reason: 'another value for its slot', actor, other: 'm2' },
    ]);
    assert.deepEqual(await textsOf(recall('where does Ana live')), ['Ana lives in Berlin']);
    assert.equal((await recall('where does Ana live', { includeClosed: true })).length, 2);
  });

  it('merges the same value of a slot, and a late retry of it does not bring it back', async () => {
    await remember(fact('Plan is Pro.', { id: 'm1', slot: 'plan' }));
    const [merged] = await remember(fact('plan  is pro', { id: 'm2', slot: 'plan' }));
    assert.deepEqual([merged?.id, merged?.change], ['m1', 'unchanged']);
    await remember(fact('Plan is Free', { id: 'm3', slot: 'plan' }));
    const [retried] = await remember(fact('plan  is pro', { id: 'm2', slot: 'plan' }));
    assert.equal(retried?.change, 'unchanged');
    assert.deepEqual(await textsOf(recall('which plan')), ['Plan is Free']);
    assert.ok((await redis.ttl('wm:{acme}:memory-history:m2')) > 0, 'the trace of a merged memory expires');
  });

  it('keeps what arrives late and was true earlier as history of the slot', async () => {
    await remember(fact('Plan is Pro', { id: 'm1', slot: 'plan', validFrom: iso(noon - 1_000) }));
    const [late] = await remember(fact('Plan is Free', { id: 'm0', slot: 'plan', validFrom: iso(noon - 90_000) }));
    assert.equal(late?.change, 'added');
    const stored = await memories.get(tenant, 'm0');
    assert.deepEqual([stored?.validTo, stored?.supersededBy], [iso(noon - 1_000), 'm1']);
    assert.deepEqual(await textsOf(recall('which plan')), ['Plan is Pro']);
  });

  it('lets a writer whose clock is behind supersede all the same', async () => {
    await remember(fact('Plan is Pro', { id: 'm1', slot: 'plan' }));
    now -= 5_000;
    const [written] = await remember(fact('Plan is Free', { id: 'm2', slot: 'plan' }));
    assert.equal(written?.change, 'superseded');
    assert.deepEqual(await textsOf(recall('which plan')), ['Plan is Free']);
  });

  it('tells in its history that a memory has expired, which Redis deletes by itself', async () => {
    const expiresAt = new Date(now + 1_000).toISOString();
    await remember(fact('The offer ends today', { id: 'm1', expiresAt }));
    const before = await memories.history(tenant, 'm1');
    assert.deepEqual(
      before.map(({ change }) => change),
      ['added'],
      'what has not happened is not told',
    );
    await delay(1_300);
    now += 1_300;
    assert.equal(await memories.get(tenant, 'm1'), undefined);
    assert.deepEqual(await memories.history(tenant, 'm1'), [{ at: expiresAt, change: 'deleted', reason: 'expired' }]);
    const [again] = await remember(fact('The offer ends today', { id: 'm1', expiresAt }));
    assert.equal(again?.change, 'unchanged', 'a late attempt of the same write does not bring it back');
  });

  it('keeps slots apart by scope and kind', async () => {
    const writes = await remember(
      fact('a', { slot: 's' }),
      fact('b', { slot: 's', kind: 'preference' }),
      fact('c', { slot: 's', scope: task }),
    );
    assert.deepEqual(
      writes.map(({ change }) => change),
      ['added', 'added', 'added'],
    );
  });

  it('finds by words and by meaning, and says what each part of a score is', async () => {
    await remember(
      fact('Ana prefers tea over coffee in the morning', { importance: 1 }),
      fact('The import of the price list failed twice'),
      fact('The workspace is called Northwind'),
    );
    const [best] = await recall('Did importing the price list work?');
    assert.equal(best?.memory.text, 'The import of the price list failed twice');
    assert.equal(best?.parts.text, 0.75, 'the best of its search, with three of the four words');
    assert.ok(best && best.parts.vector > 0.2 && best.parts.recency === 1 && best.parts.importance === 0.5);
    assert.ok(best && best.score > 0.5 && best.score <= 1);
    assert.deepEqual(await recall('zebra', { minScore: 0.5 }), []);
  });

  it('answers an empty text with the newest, through the filters', async () => {
    for (const text of ['first', 'second', 'third']) {
      await remember(fact(text, text === 'second' ? { kind: 'progress', subject: 'acme' } : {}));
      now += 1_000;
    }
    assert.deepEqual(await textsOf(recall('', { minScore: 0.9 })), ['third', 'second', 'first']);
    assert.deepEqual(await textsOf(recall('', { limit: 1 })), ['third']);
    assert.deepEqual(await textsOf(recall(' ', { kinds: ['progress', 'state'] })), ['second']);
    assert.deepEqual(await textsOf(recall('', { subject: 'acme' })), ['second']);
    assert.deepEqual(await textsOf(recall('first second third', { kinds: ['progress'] })), ['second']);
  });

  it('leaves out what expired, and searches several scopes at once or none', async () => {
    await remember(fact('token for Ana', { expiresAt: iso(noon + 1_000) }), fact('task note', { scope: task }));
    assert.equal((await recall('token')).length, 1);
    now += 2_000;
    assert.deepEqual(await recall('token'), []);
    assert.deepEqual(await textsOf(recall('', { scopes: [ana, task] })), ['task note']);
    assert.deepEqual(await recall('token', { scopes: [] }), []);
  });

  it('closes the open memories of a scope and frees their slots', async () => {
    await remember(
      fact('account created', { id: 'p1', scope: task, kind: 'progress', slot: 'account' }),
      fact('importing', { id: 'p2', scope: task, kind: 'state' }),
    );
    assert.equal(await memories.close(tenant, { scope: task, kinds: ['progress'] }), 1);
    assert.equal(await memories.close(tenant, { scope: task, kinds: ['progress'] }), 0);
    assert.equal((await memories.get(tenant, 'p1'))?.validTo, iso(noon));
    assert.deepEqual(await textsOf(recall('', { scopes: [task] })), ['importing']);
    const [next] = await remember(fact('account created', { scope: task, kind: 'progress', slot: 'account' }));
    assert.equal(next?.change, 'added');
    assert.equal(await memories.close(tenant, { ids: ['p2', 'missing'] }), 1);
  });

  it('forgets a memory with its history and slot, by id or by scope', async () => {
    await remember(...Array.from({ length: 600 }, (_, at) => fact(`note ${at}`, { scope: task })));
    await remember(fact('keep me'), fact('Plan is Pro', { id: 'm1', slot: 'plan' }));
    assert.equal(await memories.forget(tenant, { ids: ['m1'] }), 1);
    assert.equal(await memories.forget(tenant, { scope: task }), 600);
    assert.deepEqual(await textsOf(recall('')), ['keep me']);
    assert.deepEqual(await memories.history(tenant, 'm1'), []);
    const left = (await redis.keys('*')).filter((key) => !key.includes(':memory-recalled:'));
    assert.equal(left.length, 2, 'one memory, and the facts about the index');
  });

  it('refuses what cannot be stored and names it', async () => {
    const refused = async (memory: NewMemory, words: RegExp) =>
      assert.rejects(
        remember(fact('good'), memory),
        (error) => error instanceof RangeError && words.test(error.message),
      );
    await refused(fact('x'.repeat(8_001)), /8001 characters, at most 8000/);
    await refused(fact('  '), /empty/);
    await refused(fact('x', { id: 'a b' }), /memory id "a b"/);
    await refused(fact('x', { scope: { scope: 'user', id: 'a|b' } }), /user scope "a\|b"/);
    await refused(fact('x', { scope: { scope: 'global', id: 'ana' } }), /"all"/);
    await refused(fact('x', { subject: 'a,b' }), /subject/);
    await refused(fact('x', { importance: 1.5 }), /importance 1.5/);
    await refused(fact('x', { validFrom: 'yesterday' }), /validFrom "yesterday"/);
    await assert.rejects(memories.remember('a:b', [fact('x')], actor), /tenant "a:b"/);
    await assert.rejects(recall('x', { limit: 0 }), /limit 0/);
    assert.deepEqual(await redis.keys('*:memory:*'), [], 'a refused batch stores nothing');
  });

  it('names the key that cannot be read', async () => {
    await remember(fact('x', { id: 'm1' }));
    await redis.hset('wm:{acme}:memory:m1', 'm', '{');
    await assert.rejects(memories.get(tenant, 'm1'), /wm:\{acme\}:memory:m1 cannot be read/);
  });
});
