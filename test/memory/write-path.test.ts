import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { FailureType, failure } from '../../contracts/failures.ts';
import type { NewMemory } from '../../contracts/memory.ts';
import { ensureEmbeddingModel } from '../../local/embedding-model.ts';
import { DEFAULT_GATE, createMask, createMemoryStore } from '../../memory/index.ts';
import type { MemoryStoreOptions, RedisMemoryStore } from '../../memory/index.ts';
import { createLocalEmbeddings } from '../../models/index.ts';
import { useTestRedis } from '../support/test-redis.ts';
import { bagOfWords } from './bag-of-words.ts';

const { redis } = await useTestRedis();

const tenant = 'acme';
const actor = { kind: 'agent', id: 'onboarding' } as const;
const ana = { scope: 'user', id: 'ana' } as const;
const fact = (text: string, more: Partial<NewMemory> = {}): NewMemory => ({ scope: ana, kind: 'fact', text, ...more });

describe('writing a memory', () => {
  let store: RedisMemoryStore;
  const open = (more: Partial<MemoryStoreOptions> = {}) =>
    createMemoryStore({ redis, embedder: bagOfWords(), ...more });
  beforeEach(() => {
    store = open();
  });

  it('keeps contradictions that vectors cannot tell apart, and merges what says the same', async () => {
    const real = open({ embedder: await createLocalEmbeddings(await ensureEmbeddingModel()) });
    const apart = [
      'Ana likes Python',
      'Ana hates Python',
      'Ana does not like Python',
      'Ana is now at company A',
      'Ana is now at company B',
      'The limit is 5 degrees',
      'The limit is -5 degrees',
      'Bob reports to Ana',
      'Ana reports to Bob',
      'Ana writes C',
      'Ana writes C++',
      'Deploy before the audit',
      'Deploy after the audit',
    ];
    for (const text of apart) {
      const [written] = await real.remember(tenant, [fact(text)], actor);
      assert.equal(written?.change, 'added', text);
    }
    const [same] = await real.remember(tenant, [fact('ana really likes Python.', { id: 'again' })], actor);
    assert.equal(same?.change, 'unchanged');
    assert.match(same?.reason ?? '', /says the same as /);
    const history = await real.history(tenant, same?.id ?? '');
    assert.deepEqual(
      history.map(({ change, other }) => [change, other]),
      [
        ['added', undefined],
        ['merged', 'again'],
      ],
    );
    const [near] = await real.remember(tenant, [fact('Ana loathes Python')], actor);
    assert.match(near?.reason ?? '', /new; near to .+, but it says something else/);
  });

  it('drops noise and says why, for a day', async () => {
    const gated = open({ gate: DEFAULT_GATE });
    const prompt = 'You help customers to get started. Always answer politely and in the language of the customer.';
    await gated.remember(tenant, [fact('Ana lives in Berlin', { id: 'home' })], actor);
    await gated.recall(tenant, { text: 'where does Ana live', scopes: [ana] });
    const writes = await gated.remember(
      tenant,
      [
        fact('ok'),
        fact('Ana may like blue', { confidence: 0.1 }),
        fact('The weather is fine', { importance: 0.05 }),
        fact('Always answer politely and in the language of the customer'),
        fact('- Ana lives in Berlin!', { scope: { scope: 'agent', id: 'onboarding' } }),
        fact('Ana moved to Lisbon'),
      ],
      actor,
      { prompt },
    );
    assert.deepEqual(
      writes.slice(0, 5).map(({ change, reason }) => `${change}: ${reason}`),
      [
        'dropped: too short: 2 letters, at least 3 are kept',
        'dropped: confidence 0.1 is below 0.3',
        'dropped: importance 0.05 is below 0.1',
        'dropped: restates the prompt',
        'dropped: not new: home was recalled with this text',
      ],
    );
    assert.equal(writes[5]?.change, 'added');
    const drops = await gated.drops(tenant);
    assert.equal(drops.length, 5);
    assert.equal(drops.find(({ text }) => text === 'ok')?.reason, 'too short: 2 letters, at least 3 are kept');
    const lives = await redis.ttl('wm:{acme}:memory-drops');
    assert.ok(lives > 0 && lives <= 86_400);
  });

  it('takes what a person says again after a change for news, not for an echo', async () => {
    const gated = open({ gate: DEFAULT_GATE });
    const plan = (text: string) => fact(text, { slot: 'plan' });
    await gated.remember(tenant, [plan('Plan is Pro')], actor);
    await gated.recall(tenant, { text: 'which plan', scopes: [ana] });
    await gated.remember(tenant, [plan('Plan is Free')], actor);
    const [back] = await gated.remember(tenant, [plan('Plan is Pro')], actor);
    assert.equal(back?.change, 'superseded', 'what was recalled does not hold any more');
    await gated.recall(tenant, { text: 'which plan', scopes: [ana] });
    const [said] = await gated.remember(tenant, [{ ...plan('Plan is Pro'), trust: 'person' }], actor);
    assert.equal(said?.change, 'unchanged');
  });

  it('masks secrets and leaves names, addresses and order numbers', async () => {
    const secrets = [
      'The key is sk-proj-abcdefghijklmnop1234 for tests',
      'Clone https://bob:hunter22@git.example.com/x.git first',
      'Send Authorization: Bearer abcdef0123456789abcdef',
      'He pays with 4111 1111 1111 1111 every month',
      'The admin password is Tr0ub4dor&3 until Friday',
      'AWS has AKIAIOSFODNN7EXAMPLE in the file',
    ];
    const clear = [
      'Write to ana.lopes@example.com, Rua Augusta 7',
      'Order 4111111111111112 was shipped',
      'The task is key to the launch',
    ];
    const hidden = /sk-proj|hunter22|abcdef0123|4111 1111|Tr0ub4dor|AKIAIOS/;
    const slots = [...secrets, ...clear].map((text, at) => fact(text, { id: `m${at}`, data: { text }, context: text }));
    await store.remember(tenant, slots, actor);
    for (const [at, text] of [...secrets, ...clear].entries()) {
      const stored = await store.get(tenant, `m${at}`);
      const all = JSON.stringify(await redis.hgetall(`wm:{acme}:memory:m${at}`));
      if (at < secrets.length) assert.doesNotMatch(all, hidden, text);
      else assert.equal(stored?.text, text);
    }
    const strict = open({ mask: createMask({ patterns: [{ name: 'e-mail', pattern: /\S+@\S+\.\w+/g }] }) });
    await strict.remember(tenant, [fact('Write to ana@example.com', { id: 'strict' })], actor);
    assert.equal((await strict.get(tenant, 'strict'))?.text, 'Write to [e-mail]');
  });

  it('lets a kind expire as its retention says, in Redis itself', async () => {
    const kept = open({ retention: { episode: 10 } });
    await kept.remember(tenant, [fact('an episode', { id: 'e', kind: 'episode' }), fact('a fact', { id: 'f' })], actor);
    const left = await redis.ttl('wm:{acme}:memory:e');
    assert.ok(left > 9 * 86_400 && left <= 10 * 86_400);
    assert.equal(await redis.ttl('wm:{acme}:memory:f'), -1);
    assert.ok((await kept.get(tenant, 'e'))?.expiresAt);
  });

  it('stores without a vector while the embedding model is away, finds it by its words, and embeds it later', async () => {
    const words = bagOfWords();
    let away = true;
    const embed = async (texts: readonly string[]) => {
      if (away) throw failure(FailureType.ModelServerError, { message: 'The embedding model is away.' });
      return words.embed(texts);
    };
    const flaky = open({ embedder: { ...words, embed } });
    await flaky.remember(
      tenant,
      [fact('The import of the price list failed', { id: 'm1', context: 'in March' })],
      actor,
    );
    assert.equal((await flaky.get(tenant, 'm1'))?.unembedded, true);
    const told = await flaky.explain(tenant, { text: 'price list import', scopes: [ana] });
    assert.equal(told.byMeaning, false);
    assert.equal(told.recalled[0]?.memory.id, 'm1');
    assert.ok((told.recalled[0]?.score ?? 0) > 0.5, 'its words alone count for all');
    await assert.rejects(flaky.embedMissing(tenant), /is away/);
    away = false;
    assert.equal(await flaky.embedMissing(tenant), 1);
    assert.equal(await flaky.embedMissing(tenant), 0);
    const [found] = await flaky.recall(tenant, { text: 'price list import', scopes: [ana] });
    assert.ok(found && found.parts.vector > 0.3);
    assert.equal(found?.memory.unembedded, undefined);
  });

  it('does not hide an embedding model that is set up wrongly', async () => {
    const embed = async () => {
      throw failure(FailureType.ModelAuthentication, { message: 'The key is wrong.' });
    };
    await assert.rejects(
      open({ embedder: { ...bagOfWords(), embed } }).remember(tenant, [fact('x')], actor),
      /key is wrong/,
    );
  });

  it('supersedes with a reason on update, once', async () => {
    await store.remember(tenant, [fact('Ana has 3 seats', { id: 'm1' })], actor);
    const update = { changes: { text: 'Ana has 5 seats' }, reason: 'the contract was read again', actor, newId: 'm2' };
    const done = await store.update(tenant, 'm1', update);
    assert.deepEqual(done, { id: 'm2', change: 'superseded', replaced: 'm1', reason: 'the contract was read again' });
    assert.equal((await store.update(tenant, 'm1', update)).change, 'unchanged', 'a retry writes nothing');
    assert.equal((await store.history(tenant, 'm1')).at(-1)?.reason, 'the contract was read again');
    const found = await store.recall(tenant, { text: 'seats', scopes: [ana] });
    assert.deepEqual(
      found.map(({ memory }) => memory.text),
      ['Ana has 5 seats'],
    );
    await assert.rejects(store.update(tenant, 'm1', { ...update, newId: 'm3' }), /no longer current/);
    await assert.rejects(store.update(tenant, 'gone', update), /no memory "gone"/);
  });
});
