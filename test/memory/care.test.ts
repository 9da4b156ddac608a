import assert from 'node:assert/strict';
import { before, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { keys } from '../../contracts/keys.ts';
import { CARE_POLICY } from '../../contracts/memory-care.ts';
import type { CareSlice, ConflictPair } from '../../contracts/memory-care.ts';
import type { NewMemory } from '../../contracts/memory.ts';
import { contradictByWords } from '../../memory/care/contradict.ts';
import { strengthOf } from '../../memory/care/decay.ts';
import { createMemoryCare, createMemoryStore } from '../../memory/index.ts';
import type { MemoryCare, RedisMemoryStore } from '../../memory/index.ts';
import { useTestRedis } from '../support/test-redis.ts';
import { bagOfWords } from './bag-of-words.ts';

const { redis } = await useTestRedis();

const DAY_MS = 86_400_000;
const START = Date.parse('2026-01-01T00:00:00.000Z');
const actor = { kind: 'agent', id: 'tester' } as const;
const ana = { scope: 'user', id: 'ana' } as const;
const tenant = 'acme';
const policy = { ...CARE_POLICY, useModel: false };

describe('the care of memories', () => {
  let now = START;
  let store: RedisMemoryStore;
  let care: MemoryCare;
  before(async () => {
    const embedder = bagOfWords();
    store = createMemoryStore({ redis, embedder, clock: () => now });
    care = createMemoryCare({ redis, embedders: [embedder], store });
  });
  beforeEach(() => {
    now = START;
  });

  const days = (count: number) => (now += count * DAY_MS);
  const write = (memory: Omit<NewMemory, 'scope' | 'kind'> & Partial<NewMemory>) =>
    store.remember(tenant, [{ scope: ana, kind: 'fact', ...memory }], actor);
  const whole = { tenant, cursor: '0', most: 10_000 };
  const decay = () => care.decay({ ...whole, now, policy });
  const review = async () => {
    const { pairs, ...slice } = await care.conflicts({ ...whole, now, policy });
    const sure = pairs.filter(({ by }) => by !== 'near');
    const { counts } = await care.settle(tenant, sure, now);
    await care.reviewDone(tenant);
    return { pairs, seen: slice.seen, counts: { ...slice.counts, ...counts } };
  };
  const health = async (): Promise<Pick<CareSlice, 'counts' | 'notes'>> => {
    const slice = await care.health({ ...whole, now, policy });
    const rest = await care.healthOfIndex(tenant);
    return { counts: { ...slice.counts, ...rest.counts }, notes: [...slice.notes, ...rest.notes] };
  };
  const recalled = async (text = '') =>
    (await store.recall(tenant, { text, scopes: [ana], limit: 50 })).map(({ memory }) => memory.id).toSorted();

  describe('decay', () => {
    it('weighs importance by time since the last recall, and lengthens it with each day of recall', () => {
      const memory = {
        kind: 'episode',
        trust: 'model',
        importance: 0.5,
        createdAt: new Date(START).toISOString(),
      } as const;
      const after = (count: number, use = { count: 0, last: 0 }) =>
        strengthOf(memory, { use, now: START + count * DAY_MS, policy: policy.decay });
      assert.equal(after(0), 0.5);
      assert.equal(after(60)?.toFixed(4), (0.5 / Math.E).toFixed(4));
      assert.equal(after(120, { count: 1, last: START })?.toFixed(4), (0.5 / Math.E).toFixed(4));
      assert.equal(after(200, { count: 1, last: START + 200 * DAY_MS }), 0.5);
      const options = { use: { count: 0, last: 0 }, now: START + 10_000 * DAY_MS, policy: policy.decay };
      assert.equal(strengthOf({ ...memory, trust: 'person' }, options), undefined);
      assert.equal(strengthOf({ ...memory, kind: 'preference' }, options), undefined);
    });

    it('closes what faded unused, deletes it after a while, and says who did it and why', async () => {
      await write({ id: 'faded', kind: 'episode', text: 'The printer was moved to the second floor', importance: 0.3 });
      await write({ id: 'used', kind: 'episode', text: 'The invoice went to Lisbon', importance: 0.3 });
      await write({ id: 'said', text: 'Ana likes mornings', importance: 0.1, trust: 'person' });
      days(60);
      assert.deepEqual(await recalled('invoice Lisbon'), ['used']);
      days(60);
      const { counts, notes } = await decay();
      assert.deepEqual(counts, { closed: 1, deleted: 0 });
      assert.match(
        notes[0]?.reason ?? '',
        /^faded: strength 0\.041 is below 0\.05 \(importance 0\.3, never recalled, 120 days ago\)/,
      );
      assert.deepEqual(await recalled(), ['said', 'used']);
      const [, closed] = await store.history(tenant, 'faded');
      assert.deepEqual([closed?.change, closed?.actor?.id], ['closed', 'memory-care']);
      const then = await store.recall(tenant, {
        text: 'printer',
        scopes: [ana],
        asOf: new Date(START + DAY_MS).toISOString(),
      });
      assert.equal(then[0]?.memory.id, 'faded', 'as of then it is still known');

      days(29);
      assert.deepEqual((await decay()).counts, { closed: 0, deleted: 0 });
      days(2);
      assert.deepEqual((await decay()).counts, { closed: 0, deleted: 1 });
      assert.equal(await store.get(tenant, 'faded'), undefined);
      const deleted = (await store.history(tenant, 'faded')).at(-1);
      assert.deepEqual([deleted?.change, deleted?.actor?.id], ['deleted', 'memory-care']);
      assert.equal(
        (await write({ id: 'faded', text: 'The printer is back' }))[0]?.change,
        'unchanged',
        'a late retry revives nothing',
      );
    });

    it('leaves alone what was superseded or closed by others, however old', async () => {
      await write({ id: 'old', text: 'lives in Austin', slot: 'home', importance: 0.1 });
      await write({ id: 'new', text: 'lives in Berlin', slot: 'home', importance: 0.9, trust: 'person' });
      days(3_000);
      assert.deepEqual((await decay()).counts, { closed: 0, deleted: 0 });
      assert.equal((await store.get(tenant, 'old'))?.supersededBy, 'new');
    });
  });

  describe('review', () => {
    it('tells a contradiction from two things of the same sort by their words', () => {
      const contradict: [string, string][] = [
        ['Ana likes Python', 'Ana hates Python'],
        ['The door is open on Sundays', 'The door is closed on Sundays'],
        ['Ana eats meat', 'Ana does not eat meat'],
        ['Exports are allowed', "Exports aren't allowed"],
      ];
      const fine: [string, string][] = [
        ['Invoice 17 was paid', 'Invoice 18 was paid'],
        ['Ana likes Python', 'Ana likes Rust'],
        ['Ana likes Python', 'Ben hates Python'],
        ['The import failed on Monday', 'The import failed on Tuesday'],
        ['Ana likes Python', 'Ana loves Python'],
      ];
      for (const [one, other] of contradict) assert.equal(contradictByWords(one, other), true, `${one} | ${other}`);
      for (const [one, other] of fine) assert.equal(contradictByWords(one, other), false, `${one} | ${other}`);
    });

    it('lets the later of two contradicting memories end the earlier, with actor and reason', async () => {
      await write({
        id: 'likes',
        kind: 'preference',
        text: 'Ana likes strong coffee in the office',
        validFrom: '2025-01-01T00:00:00Z',
      });
      await write({
        id: 'hates',
        kind: 'preference',
        text: 'Ana hates strong coffee in the office',
        validFrom: '2025-06-01T00:00:00Z',
      });
      assert.deepEqual(await recalled(), ['hates', 'likes']);
      assert.equal((await review()).counts['settled'], 1);
      assert.deepEqual(await recalled(), ['hates']);
      const before = await store.get(tenant, 'likes');
      assert.deepEqual([before?.validTo, before?.supersededBy], ['2025-06-01T00:00:00.000Z', 'hates']);
      const row = (await store.history(tenant, 'likes')).at(-1);
      assert.deepEqual([row?.change, row?.actor?.id, row?.other], ['superseded', 'memory-care', 'hates']);
      assert.equal((await review()).counts['settled'], 0);
    });

    it('lists for a person what time does not settle, once, until one side is gone', async () => {
      await write({
        id: 'said',
        kind: 'preference',
        text: 'Ana likes strong coffee in the office',
        trust: 'person',
        validFrom: '2025-01-01T00:00:00Z',
      });
      await write({
        id: 'guessed',
        kind: 'preference',
        text: 'Ana hates strong coffee in the office',
        trust: 'model',
        validFrom: '2025-06-01T00:00:00Z',
      });
      assert.equal((await review()).counts['disagreements'], 1);
      assert.equal((await review()).counts['disagreements'], 0);
      assert.deepEqual((await recalled('')).length, 3, 'both sides stay');
      const [listed] = await care.disagreements(tenant);
      assert.match(listed?.text ?? '', /Two memories disagree: "Ana .* coffee in the office" \(said by a \w+/);
      await store.forget(tenant, { ids: ['guessed'] });
      assert.equal((await review()).counts['disagreements closed'], 1);
      assert.deepEqual(await care.disagreements(tenant), []);
    });

    it('looks only at what came since the last review, and compares it with all there is', async () => {
      for (let at = 0; at < 30; at += 1) await write({ text: `Note ${at} about shelf ${at * 7}`, slot: `note:${at}` });
      await write({ id: 'on', text: 'The heating of the hall is on', validFrom: '2025-01-01T00:00:00Z' });
      days(1);
      assert.equal((await review()).seen, 31);
      days(1);
      assert.deepEqual(await review(), {
        pairs: [],
        seen: 0,
        counts: { 'disagreements closed': 0, settled: 0, disagreements: 0 },
      });
      await write({ id: 'off', text: 'The heating of the hall is off', validFrom: '2025-06-01T00:00:00Z' });
      const { seen, counts } = await review();
      assert.deepEqual([seen, counts['settled']], [1, 1]);
      assert.equal((await store.get(tenant, 'on'))?.supersededBy, 'off');
    });

    it('walks what is new slice by slice, also where more was written in one moment than a slice looks at', async () => {
      await review();
      await write({ text: 'The first note' });
      days(1);
      await review();
      days(1);
      const many = Array.from({ length: 600 }, (_, at) => ({
        scope: ana,
        kind: 'fact' as const,
        text: `Note ${at}`,
        slot: `s${at}`,
      }));
      await store.remember(tenant, many, actor);
      let [cursor, seen, slices] = ['0', 0, 0];
      do {
        const slice = await care.conflicts({ tenant, most: 200, now, policy, cursor });
        cursor = slice.cursor;
        seen += slice.seen;
        slices += 1;
      } while (cursor !== '0');
      assert.deepEqual([seen, slices], [600, 3]);
    });

    it('looks at all again where it could not compare before, or compares in another way', async () => {
      await write({ text: 'Ana likes tea' });
      days(1);
      await review();
      days(1);
      const seen = async (more = policy) => (await care.conflicts({ ...whole, now, policy: more })).seen;
      assert.equal(await seen(), 0);
      assert.equal(await seen({ ...policy, useModel: true }), 1, 'a model is asked now');
      assert.equal(await seen({ ...policy, review: { nearWithin: 0.4 } }), 1, 'what is farther apart is compared');
      const createdAt = new Date(START - DAY_MS).toISOString();
      const old = { id: 'old', scope: ana, kind: 'fact', text: 'Ana hates tea', validFrom: createdAt, createdAt };
      await store.import(tenant, [{ memory: old, history: [] }]);
      assert.equal(await seen(), 2, 'an import is as old as it was');
    });

    it('begins the next review where a review began that was done, not where one broke off', async () => {
      await write({ text: 'Ana likes tea' });
      days(1);
      await care.conflicts({ ...whole, now, policy });
      days(1);
      assert.equal((await care.conflicts({ ...whole, now, policy })).seen, 1);
      await care.reviewDone(tenant);
      assert.equal((await care.conflicts({ ...whole, now, policy })).seen, 0);
    });

    it('never lets another number or value end a memory without a model, and does so by a model', async () => {
      await write({ id: 'a', text: 'Invoice 17 of the bakery was paid', validFrom: '2025-01-01T00:00:00Z' });
      await write({ id: 'b', text: 'Invoice 18 of the bakery was paid', validFrom: '2025-06-01T00:00:00Z' });
      const { pairs, counts } = await review();
      assert.equal(counts['settled'], 0);
      assert.deepEqual(pairs, [{ one: 'a', other: 'b', by: 'near' }] satisfies ConflictPair[]);
      const answering = (args: string) => ({
        name: 'judge',
        complete: async () => ({
          text: '',
          calls: [{ id: 'c', name: 'report_contradictions', arguments: args }],
          finishReason: 'stop',
          usage: { promptTokens: 1, completionTokens: 1 },
          model: 'judge',
        }),
      });
      assert.deepEqual(await care.judge(tenant, pairs, answering('{"contradicting":[]}')), []);
      assert.deepEqual(await care.judge(tenant, pairs, answering('not JSON')), []);
      assert.deepEqual(await care.judge(tenant, pairs, answering('{"contradicting":[1,7]}')), pairs);
    });
  });

  describe('consolidation', () => {
    const episodes = async (count: number, more: Partial<NewMemory> = {}) => {
      for (let at = 0; at < count; at += 1) {
        await write({
          id: `e${at}${more.owner ?? ''}`,
          kind: 'episode',
          text: `Step ${at}: the ${'abcdefg'[at]} import of Ana ended`,
          subject: 'ana',
          importance: 0.6,
          ...more,
        });
        days(1);
      }
    };
    const consolidate = async () => {
      const { groups } = await care.episodes({ ...whole, now, policy });
      for (const { ids } of groups) await care.writeDistilled(tenant, await care.distill(tenant, ids), now);
      return groups;
    };

    it('puts old episodes of a subject into one summary that names them, and keeps them as superseded', async () => {
      await episodes(4);
      assert.deepEqual(await consolidate(), [], 'they are young');
      days(40);
      assert.deepEqual(await consolidate(), [{ ids: ['e0', 'e1', 'e2', 'e3'] }]);
      assert.deepEqual(await consolidate(), [], 'once');
      const [only, ...others] = await store.recall(tenant, { text: '', scopes: [ana] });
      assert.deepEqual(others, []);
      assert.equal(only?.memory.kind, 'summary');
      assert.match(
        only?.memory.text ?? '',
        /^4 episodes from 2026-01-01 to 2026-01-04:\n2026-01-01: Step 0: the a import/,
      );
      assert.deepEqual(only?.memory.data, { episodes: ['e0', 'e1', 'e2', 'e3'] });
      const original = await store.get(tenant, 'e2');
      assert.deepEqual(
        [original?.supersededBy, original?.text],
        [only?.memory.id, 'Step 2: the c import of Ana ended'],
      );
    });

    it('writes the same memories when it is done again after a crash between two of its steps', async () => {
      await episodes(3);
      days(40);
      const ids = ['e0', 'e1', 'e2'];
      const frozen = await care.distill(tenant, ids);
      await store.remember(tenant, frozen, actor);
      await care.writeDistilled(tenant, frozen, now);
      await care.writeDistilled(tenant, frozen, now);
      assert.equal((await store.recall(tenant, { text: '', scopes: [ana] })).length, 1);
      assert.equal((await store.history(tenant, 'e0')).filter(({ change }) => change === 'superseded').length, 1);
    });

    it('never mixes what different people may read', async () => {
      await episodes(3, { owner: 'onboarding', visibility: 'private' });
      await episodes(2);
      days(40);
      const [group, ...others] = await consolidate();
      assert.deepEqual(others, []);
      assert.deepEqual(group?.ids, ['e0onboarding', 'e1onboarding', 'e2onboarding']);
      const shared = await store.recall(tenant, { text: '', scopes: [ana] });
      assert.deepEqual(shared.map(({ memory }) => memory.id).toSorted(), ['e0', 'e1']);
    });

    it('takes from a model what names its episodes, and puts the rest together by rules', async () => {
      await episodes(3);
      const items = [
        { text: 'Imports of Ana end well.', kind: 'procedure', episodes: [1, 2], importance: 0.8, confidence: 0.7 },
        { text: 'Invented.', kind: 'fact', episodes: [9], importance: 0.8, confidence: 0.7 },
      ];
      const model = {
        name: 'distiller',
        complete: async () => ({
          text: '',
          calls: [{ id: 'c', name: 'save_lessons', arguments: JSON.stringify({ items }) }],
          finishReason: 'stop',
          usage: { promptTokens: 1, completionTokens: 1 },
          model: 'distiller',
        }),
      };
      const memories = await care.distill(tenant, ['e0', 'e1', 'e2'], model);
      assert.deepEqual(
        memories.map(({ kind, data }) => [kind, data]),
        [
          ['procedure', { episodes: ['e0', 'e1'] }],
          ['summary', { episodes: ['e2'] }],
        ],
      );
      assert.ok(memories.every(({ slot }) => slot === undefined));
    });
  });

  describe('health', () => {
    it('finds, mends and reports what recall could not find', async () => {
      await write({ id: 'short', text: 'The gate is green' });
      await write({ id: 'mixed', text: 'The roof is red' });
      await write({ id: 'lost', text: 'The door is blue' });
      await write({ id: 'fine', text: 'The wall is white' });
      const key = (id: string) => keys.memory(tenant, id);
      await redis.hset(key('short'), 'v', 'short');
      const meta = JSON.parse((await redis.hget(key('mixed'), 'm')) ?? '');
      await redis.hset(key('mixed'), 'm', JSON.stringify({ ...meta, e: 'another-model' }));
      await redis.hdel(key('lost'), 'v');
      await redis.hset(keys.memory(tenant, 'broken'), 't', 'no more than a text');
      await redis.hset(keys.memorySlots(tenant, 'user:ana'), 'fact|home', 'digest nobody');
      assert.ok(!(await recalled('')).includes('short'), 'its vector keeps it out of the whole index');

      const { counts, notes } = await health();
      assert.deepEqual(
        { ...counts, 'index failures': undefined },
        {
          unindexed: 0,
          'wrong vector': 2,
          'without vector': 1,
          unreadable: 1,
          embedded: 3,
          'slots freed': 1,
          'index failures': undefined,
        },
      );
      const reasons = new Map(notes.map(({ id, reason }) => [id, reason]));
      assert.match(reasons.get('mixed') ?? '', /its vector is of another-model, not of bag-of-words/);
      assert.ok(notes.some(({ id, reason }) => id === 'short' && /5 bytes, not the 128/.test(reason)));
      for (const [id, text] of [
        ['short', 'The gate is green'],
        ['mixed', 'The roof is red'],
        ['lost', 'The door is blue'],
      ]) {
        const [first] = await store.recall(tenant, { text: text ?? '', scopes: [ana], limit: 1 });
        assert.equal(first?.memory.id, id);
        assert.ok((first?.parts.vector ?? 0) > 0.9);
        assert.equal(first?.memory.embeddingModel, 'bag-of-words');
      }
      await redis.del(keys.memory(tenant, 'broken'));
      const again = await health();
      assert.deepEqual([again.counts['wrong vector'], again.counts['embedded']], [0, 0]);
    });

    it('opens no index for a tenant that has no memories', async () => {
      await health();
      await review();
      assert.deepEqual(await redis.keys('*'), []);
    });
  });

  it('never loses what is current and strong, and never revives what was closed, whatever the order', async () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('write' as const),
        at: fc.nat(5),
        kind: fc.constantFrom('fact', 'episode', 'preference'),
        trust: fc.constantFrom('person', 'model'),
        negated: fc.boolean(),
      }),
      fc.record({ do: fc.constantFrom('decay', 'review', 'consolidate', 'health') }),
      fc.record({ do: fc.constant('pass' as const), days: fc.nat(120) }),
      fc.record({ do: fc.constant('recall' as const), at: fc.nat(5) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
        await redis.flushall();
        now = START;
        let count = 0;
        const closed = new Set<string>();
        for (const step of steps) {
          if (step.do === 'pass') days(step.days);
          if (step.do === 'recall') await recalled(`thing ${step.at} of the workshop`);
          if (step.do === 'write') {
            const text = `Thing ${step.at} of the workshop is ${step.negated ? 'not ' : ''}allowed in the yard`;
            await write({
              id: `m${(count += 1)}`,
              text,
              kind: step.kind,
              trust: step.trust,
              importance: 0.5,
              subject: 'ana',
            } as const);
          }
          const before = await openNow();
          if (step.do === 'decay') await decay();
          if (step.do === 'review') await review();
          if (step.do === 'health') await health();
          if (step.do === 'consolidate') {
            const { groups } = await care.episodes({ ...whole, now, policy });
            for (const { ids } of groups) await care.writeDistilled(tenant, await care.distill(tenant, ids), now);
          }
          const open = await openNow();
          for (const memory of before.values()) {
            if (open.has(memory.id)) continue;
            closed.add(memory.id);
            const rows = await store.history(tenant, memory.id);
            const last = rows.at(-1);
            assert.ok(last?.reason, `${memory.id} ended without a reason`);
            assert.equal(last.actor?.id, 'memory-care');
            if (last.change === 'superseded')
              assert.ok(open.has(last.other ?? '') || closed.has(last.other ?? ''), 'something stands in its place');
            else assert.ok(memory.trust !== 'person' && memory.kind !== 'preference', `${memory.id} may not fade`);
          }
          for (const id of closed) assert.ok(!open.has(id), `${id} was revived`);
        }
      }),
      { numRuns: 40 },
    );
  });

  async function openNow() {
    const open = new Map<string, { id: string; trust: string; kind: string }>();
    for await (const { memory } of store.export(tenant)) if (memory.validTo === undefined) open.set(memory.id, memory);
    return open;
  }
});
