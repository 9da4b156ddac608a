import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { RecallQuery } from '../../contracts/memory-query.ts';
import type { NewMemory } from '../../contracts/memory.ts';
import { createMemoryStore } from '../../memory/index.ts';
import type { RedisMemoryStore } from '../../memory/index.ts';
import { useTestRedis } from '../support/test-redis.ts';
import { bagOfWords } from './bag-of-words.ts';

const { redis } = await useTestRedis();

const tenant = 'acme';
const actor = { kind: 'agent', id: 'onboarding' } as const;
const ana = { scope: 'user', id: 'ana' } as const;
const day = (number: number) => `2026-11-${String(number).padStart(2, '0')}T12:00:00.000Z`;
const fact = (text: string, more: Partial<NewMemory> = {}): NewMemory => ({ scope: ana, kind: 'fact', text, ...more });

describe('recall', () => {
  let now = Date.parse(day(20));
  let store: RedisMemoryStore;
  beforeEach(() => {
    now = Date.parse(day(20));
    store = createMemoryStore({ redis, embedder: bagOfWords(), clock: () => now, indexed: ['city', 'seats', 'live'] });
  });
  const remember = (...given: NewMemory[]) => store.remember(tenant, given, actor);
  const texts = async (query: Partial<RecallQuery>) =>
    (await store.recall(tenant, { text: '', scopes: [ana], ...query })).map(({ memory }) => memory.text);

  it('gives the new value now and the old one as of its time', async () => {
    await remember(fact('Plan is Free', { slot: 'plan', validFrom: day(1) }));
    await remember(fact('Plan is Pro', { slot: 'plan', validFrom: day(10) }));
    assert.deepEqual(await texts({ text: 'which plan' }), ['Plan is Pro']);
    assert.deepEqual(await texts({ text: 'which plan', asOf: day(5) }), ['Plan is Free']);
    assert.deepEqual(await texts({ asOf: day(9) }), ['Plan is Free']);
    assert.deepEqual(await texts({ asOf: day(10) }), ['Plan is Pro']);
    assert.deepEqual(await texts({ asOf: '2026-10-01T00:00:00.000Z' }), []);
  });

  it('tells what was known at a time from what was true at it', async () => {
    await remember(fact('Plan is Free', { slot: 'plan', validFrom: day(1) }));
    now = Date.parse(day(25));
    await remember(fact('Plan is Pro', { slot: 'plan', validFrom: day(10) }));
    assert.deepEqual(await texts({ asOf: day(15) }), ['Plan is Pro'], 'as it is known today');
    assert.deepEqual(await texts({ asOf: day(15), knownAt: day(22) }), ['Plan is Free'], 'as it was believed then');
    assert.deepEqual(await texts({ knownAt: day(22) }), ['Plan is Free']);
    assert.deepEqual(await texts({ knownAt: day(2) }), [], 'nothing was known yet');
  });

  it('filters by a range of time and by values of declared fields, whatever these hold', async () => {
    const cities = ['Berlin', 'berlin', 'Ber*', 'a|b', 'a.b', 'a b', 'São Paulo', '{x}', '$where_0'];
    await remember(
      ...cities.map((city, at) =>
        fact(`office in ${city}`, { data: { city, seats: at, live: at > 4 }, validFrom: day(at + 1) }),
      ),
    );
    for (const city of cities) assert.deepEqual(await texts({ where: { city } }), [`office in ${city}`]);
    assert.deepEqual(await texts({ where: { seats: 3 } }), ['office in a|b']);
    assert.deepEqual(await texts({ where: { live: true, city: 'a b' } }), ['office in a b']);
    assert.deepEqual(await texts({ where: { live: false, city: 'a b' } }), []);
    assert.equal((await texts({ between: { from: day(2), to: day(4) } })).length, 3);
    assert.equal((await texts({ between: { to: day(2) } })).length, 2);
    await assert.rejects(
      texts({ where: { colour: 'red' } }),
      /"colour" is not an indexed field of data \(only city, seats/,
    );
  });

  it('fills each share of kinds with the best of its own, however much another kind has to say', async () => {
    const failures = Array.from({ length: 120 }, (_, at) =>
      fact(`export failed with error ${at}`, { kind: 'failed-strategy', slot: `tried:${at}` }),
    );
    const wish = fact('exports are wanted as csv, never with an error in them', { kind: 'constraint' });
    await remember(...failures, wish, fact('the export ran on Monday'));
    const shares = [
      { kinds: ['constraint', 'preference'] as const, most: 2 },
      { kinds: ['failed-strategy'] as const, most: 3 },
      { kinds: ['fact'] as const, most: 2 },
    ];
    const asked = { scopes: [ana], text: 'export failed error' };
    const found = await store.recall(tenant, { ...asked, shares });
    const kinds = found.map(({ memory }) => memory.kind);
    assert.deepEqual(kinds, ['constraint', ...Array(3).fill('failed-strategy'), 'fact']);
    const few = await store.recall(tenant, { ...asked, shares, maxTokens: 12 });
    assert.ok(few.length < 5, 'all shares together fit into the tokens');
    await assert.rejects(
      store.recall(tenant, { ...asked, shares: [{ kinds: ['fact'], most: 2_000 }] }),
      /shares are together, 2000,/,
    );
  });

  it('asks every angle once for all shares, and again only for those that came short', async () => {
    const calls = async (work: () => Promise<unknown>): Promise<{ searches: number; roundTrips: number }> => {
      await redis.config('RESETSTAT');
      await work();
      const stats = await redis.info('commandstats');
      const count = (command: string) => Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`, 'i').exec(stats)?.[1]);
      return { searches: count('FT\\.SEARCH'), roundTrips: count('eval_ro') };
    };
    await remember(fact('invoices go to Lisbon'), fact('invoices are sent monthly', { kind: 'preference' }));
    const shares = [
      { kinds: ['preference'] as const, most: 2 },
      { kinds: ['fact'] as const, most: 2 },
    ];
    const query = { scopes: [ana], text: '', texts: [{ text: 'invoices to Lisbon' }, { text: 'monthly' }], shares };
    const ask = () => store.recall(tenant, query);
    await ask();
    const once = { searches: 6, roundTrips: 1 };
    assert.deepEqual(await calls(ask), once, 'by meaning, by words and by words around, for each angle');
    const many = Array.from({ length: 80 }, (_, at) => fact(`invoices ${at} to Lisbon monthly`, { slot: `s${at}` }));
    await remember(...many);
    const twice = { searches: 12, roundTrips: 2 };
    assert.deepEqual(await calls(ask), twice, 'every search was full, and the preferences came short');
  });

  it('does not give what is true only from a day to come, until that day', async () => {
    await remember(fact('Plan is Free', { slot: 'plan', validFrom: day(1) }));
    await remember(fact('Plan is Pro', { slot: 'plan', validFrom: day(25) }));
    await remember(fact('Billing moves to Porto', { validFrom: day(26) }));
    assert.deepEqual(await texts({ text: 'plan billing' }), ['Plan is Free']);
    assert.deepEqual(await texts({ text: 'plan billing', asOf: day(25) }), ['Plan is Pro']);
    assert.deepEqual((await texts({ text: 'plan billing', asOf: day(27) })).length, 2);
    now = Date.parse(day(26));
    assert.deepEqual((await texts({ text: 'plan billing' })).toSorted(), ['Billing moves to Porto', 'Plan is Pro']);
  });

  it('asks from several angles at once and takes a memory for the angle it fits best', async () => {
    await remember(
      fact('The price list import failed: no header row'),
      fact('Invoices go to accounting in Lisbon'),
      fact('Ana collects stamps'),
    );
    const both = { text: 'import the price list', texts: [{ text: 'where do invoices go', weight: 0.9 }] };
    assert.deepEqual(await texts({ ...both, limit: 2 }), [
      'The price list import failed: no header row',
      'Invoices go to accounting in Lisbon',
    ]);
    const turned = {
      text: '',
      texts: [{ text: 'import the price list', weight: 0.2 }, { text: 'where do invoices go' }],
    };
    assert.equal((await texts({ ...turned, limit: 1 }))[0], 'Invoices go to accounting in Lisbon');
    await assert.rejects(texts({ texts: [{ text: 'x', weight: 0 }] }), /weight 0/);
  });

  it('finds a text by what stood around it', async () => {
    await remember(
      fact('Yes, the second one, please', { context: 'Which of the hotels in Lisbon shall I book for you?' }),
      fact('Yes, on Tuesday', { context: 'Can we move the call?' }),
    );
    const [best] = await store.recall(tenant, { text: 'hotel in Lisbon', scopes: [ana] });
    assert.equal(best?.memory.text, 'Yes, the second one, please');
    assert.ok(best && best.parts.text > 0.4);
    assert.deepEqual(
      await texts({ text: 'hotel in Lisbon', policy: { window: 0 } }),
      [],
      'not without its surroundings',
    );
  });

  it('does not let an accidental shared word pass', async () => {
    await remember(
      fact('The river bank was flooded after a storm in spring and the old mill had to be closed by the town council'),
    );
    const question = {
      text: 'Which bank account number should refunds for cancelled annual subscriptions be sent to?',
    };
    assert.deepEqual(await texts({ ...question, policy: { minSimilarity: 0.4 } }), []);
    const told = await store.explain(tenant, { ...question, scopes: [ana], policy: { minSimilarity: 0.4 } });
    assert.match(told.missed[0]?.reason ?? '', /similarity 0\.\d\d is below 0\.4, and it has \d+ % of the words/);
    assert.equal(
      (await texts({ text: 'river bank', policy: { minSimilarity: 0.99 } })).length,
      1,
      'all words are there',
    );
  });

  it('prefers unlike memories, and keeps to the tokens', async () => {
    await remember(
      fact('Deploy failed in Berlin because the disk was full at night', { kind: 'episode' }),
      fact('Deploy failed in Berlin because the disk was full at noon', { kind: 'episode' }),
      fact('Deploy by hand needs two people'),
    );
    const alike = await texts({ text: 'deploy failed disk', limit: 2, policy: { diversity: 0, minSimilarity: 0 } });
    assert.ok(alike.every((text) => text.startsWith('Deploy failed')));
    const unlike = await texts({ text: 'deploy failed disk', limit: 2, policy: { diversity: 0.9, minSimilarity: 0 } });
    assert.ok(unlike.includes('Deploy by hand needs two people'));
    const bounded = { text: 'deploy failed disk', maxTokens: 20 };
    assert.equal((await texts(bounded)).length, 1);
    const told = await store.explain(tenant, { ...bounded, scopes: [ana] });
    assert.ok(told.missed.some(({ reason }) => /tokens do not fit: \d+ of 20 are used/.test(reason)));
  });

  it('explains what just missed', async () => {
    await remember(...Array.from({ length: 6 }, (_, at) => fact(`Seat ${at} belongs to team ${at * 7}`)));
    const told = await store.explain(tenant, { text: 'seat 3 team', scopes: [ana], limit: 2, minScore: 0.3 });
    assert.equal(told.recalled.length, 2);
    assert.ok(told.byMeaning);
    assert.deepEqual(told.terms, [['seat', '3', 'team']]);
    assert.ok(told.missed.some(({ reason }) => reason.startsWith('beyond the 2')));
    const low = await store.explain(tenant, { text: 'seat 3 team', scopes: [ana], limit: 2, minScore: 0.95 });
    assert.ok(low.missed.some(({ reason }) => /score 0\.\d\d is below 0\.95/.test(reason)));
  });

  it('weighs kind, scope and trust as the policy says', async () => {
    await remember(
      fact('The port is 8080', { trust: 'model' }),
      fact('The port is 9090', { trust: 'person', kind: 'constraint' }),
    );
    const query = { text: 'which port' };
    const trusting = { factors: { trust: { model: 0.5 } } };
    assert.equal((await texts({ ...query, policy: trusting }))[0], 'The port is 9090');
    assert.equal(
      (await texts({ ...query, policy: { factors: { kind: { constraint: 0.5 } } } }))[0],
      'The port is 8080',
    );
  });

  it('lets a reranker have its say, and does without one that fails', async () => {
    await remember(fact('Ana likes green tea'), fact('Ana likes black tea'));
    const scored = async (score: (texts: readonly string[]) => readonly number[]) => {
      const reranker = { score: async (_question: string, given: readonly string[]) => score(given) };
      const with_ = createMemoryStore({ redis, embedder: bagOfWords(), clock: () => now, reranker });
      const found = await with_.recall(tenant, { text: 'tea', scopes: [ana], rerank: true });
      return found.map(({ memory, parts }) => [memory.text, parts.rerank]);
    };
    const black = await scored((given) => given.map((text) => (text.includes('black') ? 1 : 0)));
    assert.deepEqual(black, [
      ['Ana likes black tea', 1],
      ['Ana likes green tea', 0],
    ]);
    const failing = await scored(() => {
      throw new Error('away');
    });
    assert.deepEqual(
      failing.map(([, rerank]) => rerank),
      [undefined, undefined],
    );
    assert.equal((await scored(() => [1])).length, 2, 'a wrong number of scores is no answer');
  });
});
