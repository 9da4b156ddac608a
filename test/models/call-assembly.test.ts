import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { createCallAssembly } from '../../models/call-assembly.ts';
import type { ChatCallPiece } from '../../models/chat-chunk.ts';
import type { RequestedCall } from '../../contracts/language-model.ts';

function assemble(pieces: readonly ChatCallPiece[]): RequestedCall[] {
  const assembly = createCallAssembly();
  for (const piece of pieces) assembly.add(piece);
  return assembly.finish((position) => `made-${position}`).map(({ words: _words, ...call }) => call);
}

test('puts calls together from pieces that come interleaved by index', () => {
  const calls = fc.array(fc.array(fc.string({ maxLength: 8 }), { maxLength: 6 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(calls, fc.infiniteStream(fc.nat()), (pieces, order) => {
      const queues = pieces.map((texts, index): ChatCallPiece[] => [
        { index, id: `id-${index}`, function: { name: `tool-${index}`, arguments: '' } },
        ...texts.map((text) => ({ index, function: { arguments: text } })),
      ]);
      // Calls begin in order; what follows comes in any order.
      const stream = queues.flatMap((queue) => queue.splice(0, 1));
      while (queues.some((queue) => queue.length > 0)) {
        const waiting = queues.filter((queue) => queue.length > 0);
        const [at = 0] = order.take(1);
        stream.push(...(waiting[at % waiting.length]?.splice(0, 1) ?? []));
      }

      const expected = pieces.map((texts, index) => ({
        id: `id-${index}`,
        name: `tool-${index}`,
        arguments: texts.join(''),
      }));
      assert.deepEqual(assemble(stream), expected);
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
