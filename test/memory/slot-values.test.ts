import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { LanguageModel } from '../../contracts/language-model.ts';
import { createMemory } from '../../memory/index.ts';
import type { StandaloneMemory } from '../../memory/index.ts';
import { startTestRedis } from '../support/servers.ts';
import { bagOfWords } from './bag-of-words.ts';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-11-24T12:00:00.000Z');
const iso = (at: number): string => new Date(at).toISOString();

/** Something that was said about one slot: when, of which value, and since or from when on it holds. */
interface Said {
  readonly value: string;
  readonly said: number;
  readonly from: number;
}

/** At any time that value holds which was said last of those that had begun by then. */
function valueAt(all: readonly Said[], time: number): string | undefined {
  const begun = all.filter(({ from }) => from <= time);
  return begun.toSorted((one, other) => other.said - one.said || other.from - one.from)[0]?.value;
}

const values = ['Austin', 'Berlin', 'Cork', 'Dakar'];
/** Moments of each saying are apart; beginnings are of a year, a month, a day, an hour, or of the saying itself. */
const sayings = fc
  .array(
    fc.record({
      value: fc.constantFrom(...values),
      said: fc.integer({ min: 1, max: 4_000 }),
      precision: fc.constantFrom('said', 'year', 'month', 'day', 'hour', 'earlier', 'later'),
      away: fc.integer({ min: 1, max: 2_000 }),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .map((given) => given.filter(({ said }, at) => given.findIndex((other) => other.said === said) === at))
  .map((given) =>
    given.map(({ value, said: ago, precision, away }): Said => {
      const said = NOW - ago * HOUR;
      const text = iso(said);
      const begun = {
        said,
        year: Date.parse(`${text.slice(0, 4)}-01-01T00:00:00.000Z`),
        month: Date.parse(`${text.slice(0, 7)}-01T00:00:00.000Z`),
        day: Date.parse(`${text.slice(0, 10)}T00:00:00.000Z`),
        hour: said - (said % HOUR),
        earlier: said - away * HOUR,
        later: said + away * HOUR,
      };
      return { value, said, from: begun[precision] };
    }),
  );

describe('the values of a slot', () => {
  let redis: Awaited<ReturnType<typeof startTestRedis>>;
  let memory: StandaloneMemory;
  let now = NOW;
  let count = 0;
  before(async () => {
    redis = await startTestRedis();
    memory = createMemory({ redis: redis.url, tenant: 'slots', embedder: bagOfWords(), clock: () => now });
  });
  after(async () => {
    await memory.close();
    await redis.stop();
  });

  const someone = () => ({ scope: 'user', id: `u${(count += 1)}` }) as const;
  const keep = (scope: ReturnType<typeof someone>, { value, said, from }: Said) =>
    memory.remember({
      scope,
      slot: 'home city',
      text: value,
      saidAt: iso(said),
      validFrom: iso(from),
      trust: 'person',
    });
  const holding = async (scope: ReturnType<typeof someone>, asOf?: number) => {
    const time = asOf === undefined ? {} : { asOf: iso(asOf) };
    return (await memory.recall('', { scopes: [scope], ...time })).map(({ memory: { text } }) => text);
  };

  it(
    'holds what was said last of what has begun, in whatever order it is told',
    { todo: 'a value that is said again, around one that arrives later, splits no past' },
    async () => {
      await fc.assert(
        fc.asyncProperty(sayings, fc.nat(), async (given, seed) => {
          const scope = someone();
          const told = given
            .map((one, at) => ({ one, key: (at * 7_919 + seed) % 101 }))
            .toSorted((left, right) => left.key - right.key)
            .map(({ one }) => one);
          for (const one of told) await keep(scope, one);
          const expected = valueAt(given, NOW);
          assert.deepEqual(await holding(scope), expected === undefined ? [] : [expected]);
        }),
        { numRuns: 60 },
      );
    },
  );

  it('held at each time what was said last of what had begun by then', async () => {
    // Told in the order of saying, each another value: a value said again is one memory, whose interval only grows.
    const inOrder = sayings.map((given) =>
      given.toSorted((one, other) => one.said - other.said).map((one, at) => ({ ...one, value: `${one.value} ${at}` })),
    );
    await fc.assert(
      fc.asyncProperty(inOrder, async (given) => {
        const scope = someone();
        for (const one of given) await keep(scope, one);
        for (const { from } of given) {
          for (const time of [from, from - 1, from + HOUR]) {
            const expected = valueAt(given, time);
            assert.deepEqual(await holding(scope, time), expected === undefined ? [] : [expected], iso(time));
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('begin when they were announced for, unless that was taken back', async () => {
    const scope = someone();
    const [jan, feb, mar, jul] = [1, 2, 3, 7].map((month) => Date.UTC(2027, month - 1, 1));
    assert.ok(jan && feb && mar && jul);
    now = feb;
    await keep(scope, { value: 'Austin', said: jan, from: jan });
    await keep(scope, { value: 'Berlin', said: feb, from: jul });
    assert.deepEqual(await holding(scope), ['Austin']);
    now = jul + 1;
    assert.deepEqual(await holding(scope), ['Berlin']);
    now = mar;
    await memory.remember({ scope, slot: 'home city', text: 'Austin after all' });
    now = jul + 1;
    assert.deepEqual(await holding(scope), ['Austin after all']);
    now = NOW;
  });

  it('go on from the earliest beginning when the same is said again', async () => {
    const scope = someone();
    const day = 24 * HOUR;
    await keep(scope, { value: 'Basic', said: NOW - 9 * day, from: NOW - 9 * day });
    await keep(scope, { value: 'Pro', said: NOW - 5 * day, from: NOW - 5 * day });
    const [again] = await keep(scope, { value: 'Pro', said: NOW - 2 * day, from: NOW - 7 * day });
    assert.equal(again?.change, 'unchanged');
    assert.deepEqual(await holding(scope, NOW - 6 * day), ['Pro']);
    assert.deepEqual(await holding(scope, NOW - 8 * day), ['Basic']);
    // What was said between the two is older news than the second.
    await keep(scope, { value: 'Free', said: NOW - 3 * day, from: NOW - 3 * day });
    assert.deepEqual(await holding(scope), ['Pro']);
  });

  it('are taken from an old conversation without touching what was said since', async () => {
    const scope = someone();
    await keep(scope, { value: 'Cork', said: NOW - HOUR, from: NOW - HOUR });
    let item = {};
    const model: LanguageModel = {
      name: 'scripted',
      complete: async () => ({
        text: '',
        calls: [{ id: 'c', name: 'save_memories', arguments: JSON.stringify({ items: [item] }) }],
        usage: { promptTokens: 1, completionTokens: 1 },
        finishReason: 'tool_calls',
        model: 'scripted',
      }),
    };
    const learner = createMemory({
      redis: redis.url,
      tenant: 'slots',
      embedder: bagOfWords(),
      model,
      clock: () => now,
    });
    const learn = async (text: string, at: string, from: string | null) => {
      item = { text, kind: 'fact', source: 1, slot: 'Home_City', importance: 0.9, confidence: 1, valid_from: from };
      await learner.learn([{ text, at, speaker: 'Ana', trust: 'person' }], { scope });
    };
    await learn('Austin', '2024-05-01T09:00:00.000Z', '2024');
    await learn('Berlin', '2024-05-01T15:00:00.000Z', '2024-05-01');
    assert.deepEqual(await holding(scope), ['Cork']);
    assert.deepEqual(await holding(scope, Date.parse('2025-01-01')), ['Berlin'], 'later on the same day');
    await learner.close();
  });

  it('are put in order by an import, too', async () => {
    const scope = someone();
    await keep(scope, { value: 'Cork', said: NOW - 2 * HOUR, from: NOW - 2 * HOUR });
    const other = createMemory({ redis: redis.url, tenant: 'elsewhere', embedder: bagOfWords(), clock: () => now });
    const say = (value: string, at: number) =>
      other.remember({ scope, slot: 'home city', text: value, validFrom: iso(at), trust: 'person' });
    await say('Austin', NOW - 5 * HOUR);
    await say('Berlin', NOW - HOUR);
    const lines: unknown[] = [];
    for await (const line of other.export()) lines.push(line);
    await memory.import(lines);
    assert.deepEqual(await holding(scope), ['Berlin']);
    await other.close();
  });
});
