import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { createCallAssembly } from '../../models/call-assembly.ts';
import { readChatChunk } from '../../models/chat-chunk.ts';
import type { RequestedCall } from '../../contracts/language-model.ts';

/** Puts calls together from pieces as they come over the wire. */
function assemble(pieces: readonly object[]): RequestedCall[] {
  const assembly = createCallAssembly();
  for (const piece of pieces) {
    const { pieces: read } = readChatChunk({ choices: [{ delta: { tool_calls: [piece] } }] });
    for (const call of read.flatMap(({ calls }) => calls)) assembly.add(call);
  }
  return assembly.finish((position) => `made-${position}`).map(({ words: _words, ...call }) => call);
}

/** A text cut into pieces of one to seven characters. */
function cutUp(text: string, sizes: Iterator<number>): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length;) {
    const size = 1 + (Number(sizes.next().value) % 7);
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return pieces;
}

test('puts calls together from pieces that come interleaved by index', () => {
  const calls = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(calls, fc.infiniteStream(fc.nat()), (given, order) => {
      const queues = given.map((value, index): object[] => [
        { index, id: `id-${index}`, function: { name: `tool-${index}`, arguments: '' } },
        ...cutUp(JSON.stringify(value), order).map((text) => ({ index, function: { arguments: text } })),
      ]);
      // Calls begin in order; what follows comes in any order.
      const stream = queues.flatMap((queue) => queue.splice(0, 1));
      while (queues.some((queue) => queue.length > 0)) {
        const waiting = queues.filter((queue) => queue.length > 0);
        const [at = 0] = order.take(1);
        stream.push(...(waiting[at % waiting.length]?.splice(0, 1) ?? []));
      }

      const expected = given.map((value, index) => ({
        id: `id-${index}`,
        name: `tool-${index}`,
        arguments: JSON.stringify(value),
      }));
      assert.deepEqual(assemble(stream), expected);
    }),
  );
});

test('puts calls together whose pieces come one after the other, however they are numbered and named', () => {
  const calls = fc.array(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), { minLength: 1, maxLength: 4 });
  const manners = fc.constantFrom('every index 0', 'no index', 'text', 'running', 'named each time');
  fc.assert(
    fc.property(calls, manners, fc.boolean(), fc.infiniteStream(fc.nat()), (given, manner, withIds, order) => {
      let pieces = 0;
      const stream = given.flatMap((value, call) =>
        cutUp(JSON.stringify(value), order).map((text, at) => {
          const numbers = {
            'every index 0': 0,
            'no index': undefined,
            text: String(call),
            running: pieces,
            'named each time': call,
          };
          pieces += 1;
          const first = at === 0;
          const name = first || manner === 'named each time' ? { name: `tool-${call}` } : {};
          const id = withIds && first ? { id: `id-${call}` } : {};
          return { index: numbers[manner], ...id, function: { ...name, arguments: text } };
        }),
      );

      const expected = given.map((value, call) => [`tool-${call}`, JSON.stringify(value)]);
      assert.deepEqual(
        assemble(stream).map((call) => [call.name, call.arguments]),
        expected,
      );
    }),
  );
});

test('tells calls apart by their ids where every index is 0', () => {
  const calls = assemble([
    { index: 0, id: 'a', function: { name: 'x', arguments: '{}' } },
    { index: 0, id: 'b', function: { name: 'y', arguments: '{"n":1}' } },
  ]);

  assert.deepEqual(calls, [
    { id: 'a', name: 'x', arguments: '{}' },
    { id: 'b', name: 'y', arguments: '{"n":1}' },
  ]);
});

test('keeps a call whole whose id and name are repeated in every piece', () => {
  const calls = assemble([
    { index: 0, id: 'a', function: { name: 'x', arguments: '{"n"' } },
    { index: 0, id: 'a', function: { name: 'x', arguments: ':1}' } },
  ]);

  assert.deepEqual(calls, [{ id: 'a', name: 'x', arguments: '{"n":1}' }]);
});

test('keeps a call whole whose pieces each have another id and no name', () => {
  const calls = assemble([
    { index: 0, id: 'a', function: { name: 'x', arguments: '{"n"' } },
    { index: 0, id: 'b', function: { arguments: ':1}' } },
  ]);

  assert.equal(calls.length, 1);
  assert.equal(calls[0]?.arguments, '{"n":1}');
  assert.equal(calls[0]?.id, 'a');
});

test('tells calls apart by their names where there is neither index nor id', () => {
  const calls = assemble([
    { function: { name: 'x', arguments: '{}' } },
    { function: { name: 'y', arguments: '{"n"' } },
    { function: { arguments: ':1}' } },
  ]);

  assert.deepEqual(calls, [
    { id: 'made-0', name: 'x', arguments: '{}' },
    { id: 'made-1', name: 'y', arguments: '{"n":1}' },
  ]);
});

test('gives a second call with the same id another one', () => {
  const calls = assemble([
    { index: 0, id: 'a', function: { name: 'x', arguments: '' } },
    { index: 1, id: 'a', function: { name: 'y', arguments: '' } },
  ]);

  assert.deepEqual(
    calls.map((call) => call.id),
    ['a', 'made-1'],
  );
});

test('does not make a call twice that comes again, whole, at the end of its pieces', () => {
  const calls = assemble([
    { index: 0, id: 'a', function: { name: 'x', arguments: '{"n"' } },
    { index: 0, function: { arguments: ':1}' } },
    { index: 0, id: 'a', function: { name: 'x', arguments: '{"n":1}' } },
  ]);

  assert.deepEqual(calls, [{ id: 'a', name: 'x', arguments: '{"n":1}' }]);
});

test('makes two calls of one tool that come whole at the same index, with or without ids', () => {
  for (const ids of [
    ['', ''],
    ['a', 'b'],
    [7, 8],
    [null, null],
  ]) {
    const calls = assemble([
      { index: 0, id: ids[0], function: { name: 'x', arguments: '{"n":1}' } },
      { index: 0, id: ids[1], function: { name: 'x', arguments: '{"n":2}' } },
    ]);
    assert.deepEqual(
      calls.map((call) => call.arguments),
      ['{"n":1}', '{"n":2}'],
      JSON.stringify(ids),
    );
  }
});

test('takes a name that comes in a later piece, and arguments that begin with an empty object', () => {
  const calls = assemble([
    { index: 0, id: 'a', function: { arguments: '{}' } },
    { index: 0, function: { name: 'x' } },
    { index: 0, function: { arguments: '{"n"' } },
    { index: 0, function: { arguments: ':1}' } },
  ]);

  assert.deepEqual(calls, [{ id: 'a', name: 'x', arguments: '{"n":1}' }]);
});

test('reads arguments that are an object, an empty list or nothing', () => {
  const given = [{ n: 1 }, [], null];
  const calls = assemble(
    given.map((value, index) => ({ index, id: `${index}`, function: { name: 'x', arguments: value } })),
  );

  assert.deepEqual(
    calls.map((call) => call.arguments),
    ['{"n":1}', '', ''],
  );
});
