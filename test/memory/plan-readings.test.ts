import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fenceRecalled, planReadings } from '../../memory/index.ts';
import type { ExtractionSource } from '../../memory/index.ts';

const target = { scope: { scope: 'user', id: 'ana' }, subject: 'ana', idPrefix: 't3:x' } as const;
/** One token a word. */
const countTokens = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length;
const words = (count: number, name: string): string =>
  Array.from({ length: count }, (_, at) => `${name}${at}`).join(' ');
const at = '2026-03-10T09:00:00.000Z';
const said = (text: string): ExtractionSource => ({ text, at, speaker: 'person ana', trust: 'person' });
const printed = (text: string): ExtractionSource => ({ text, at, speaker: 'tool print', trust: 'tool' });

function plan(sources: readonly ExtractionSource[], policy: { sourceTokens: number; mostCalls: number }) {
  const { readings, unread } = planReadings(sources, { target, policy, countTokens });
  return {
    unread,
    texts: readings.map((reading) => reading.sources.map(({ text }) => text)),
    parts: readings.map((reading) => reading.sources.map(({ part }) => part)),
    prefixes: readings.map((reading) => reading.target.idPrefix),
  };
}

test('what fits into one call is read in one, as it was said', () => {
  const sources = [printed('first'), said('second'), printed('third')];
  const { texts, unread, prefixes } = plan(sources, { sourceTokens: 3, mostCalls: 4 });
  assert.deepEqual(texts, [['first', 'second', 'third']]);
  assert.deepEqual(unread, []);
  assert.deepEqual(prefixes, ['t3:x']);
});

test('a long source is read in pieces, each in a call of its own, and takes no room from the others', () => {
  const long = words(250, 'w');
  const { texts, parts, unread, prefixes } = plan([printed(long), said('short'), printed('brief')], {
    sourceTokens: 100,
    mostCalls: 9,
  });
  assert.deepEqual(texts[0], ['short', 'brief']);
  const pieces = texts.slice(1);
  assert.ok(pieces.every((call) => call.length === 1 && countTokens(call[0] ?? '') <= 100));
  assert.equal(pieces.flat().join(' '), long, 'nothing is lost');
  assert.deepEqual(parts.slice(1).flat(), ['1 of 3', '2 of 3', '3 of 3']);
  assert.deepEqual(unread, []);
  assert.deepEqual(prefixes, ['t3:x', 't3:x2:', 't3:x3:', 't3:x4:'], 'no two calls give the same ids');
});

test('beyond the calls that are allowed, people come before tools and beginnings before the rest; what is left is told', () => {
  const sources = [printed(words(250, 'a')), printed(words(250, 'b')), printed('brief'), said(words(100, 'said'))];
  const { texts, unread } = plan(sources, { sourceTokens: 100, mostCalls: 4 });
  assert.deepEqual(
    texts.map(([text]) => text?.split(' ')[0]),
    ['said0', 'brief', 'a0', 'b0'],
  );
  assert.deepEqual(
    unread.map(({ rule, kind, subject }) => ({ rule, kind, subject })),
    Array.from({ length: 2 }, () => ({ rule: 'unread', kind: 'passage', subject: 'ana' })),
  );
  assert.match(unread[0]?.text ?? '', /^a\d+ a\d+/);
  assert.match(
    unread[0]?.reason ?? '',
    /^pieces 2 to 3 of 3 of what tool print said at 2026.* \(some 1\d\d tokens\): beyond the 4 model calls/,
  );
  const [whole] = plan([said('one two'), said('three four')], { sourceTokens: 2, mostCalls: 1 }).unread;
  assert.match(whole?.reason ?? '', /^all of what person ana said/);
  assert.equal(whole?.text, 'three four');
});

test('what was recalled is taken out before anything is cut', () => {
  const memory = {
    id: 'm1',
    tenant: 'acme',
    scope: target.scope,
    kind: 'fact',
    text: words(150, 'recalled'),
    visibility: 'shared',
    importance: 0.5,
    confidence: 1,
    trust: 'person',
    provenance: {},
    validFrom: at,
    createdAt: at,
    embeddingModel: 'm',
  } as const;
  const fenced = fenceRecalled([{ memory, score: 1, parts: { vector: 1, text: 1, recency: 1, importance: 1 } }]);
  assert.ok(countTokens(fenced) > 150);
  assert.deepEqual(plan([printed(fenced), said(`${fenced} new`)], { sourceTokens: 100, mostCalls: 2 }).texts, [
    ['new'],
  ]);
});

test('every word is in a reading or told as unread, and no reading has more tokens than a call may', () => {
  const source = fc.record({ length: fc.integer({ min: 0, max: 700 }), person: fc.boolean() });
  const bounds = fc.record({
    sourceTokens: fc.integer({ min: 10, max: 200 }),
    mostCalls: fc.integer({ min: 1, max: 6 }),
  });
  fc.assert(
    fc.property(fc.array(source, { maxLength: 6 }), bounds, (given, policy) => {
      const sources = given.map(({ length, person }, place) => (person ? said : printed)(words(length, `s${place}w`)));
      const { texts, unread } = plan(sources, policy);
      assert.ok(texts.length <= policy.mostCalls);
      for (const call of texts) {
        assert.ok(call.reduce((sum, text) => sum + countTokens(text), 0) <= policy.sourceTokens);
      }
      const read = texts.flat().reduce((sum, text) => sum + countTokens(text), 0);
      const left = unread.reduce((sum, { reason }) => sum + Number(/some (\d+) tokens/.exec(reason)?.[1]), 0);
      assert.equal(
        read + left,
        given.reduce((sum, { length }) => sum + length, 0),
      );
    }),
  );
});
