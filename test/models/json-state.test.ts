import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { jsonState } from '../../models/json-state.ts';

test('an object that is cut anywhere is unfinished, and whole it is whole', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (value, at) => {
      const text = JSON.stringify(value);
      assert.equal(jsonState(text), 'whole');
      assert.equal(jsonState(text.slice(0, at % text.length)), 'unfinished');
    }),
  );
});

test('a text that goes wrong before its end is broken, and not cut', () => {
  for (const text of ['{"a" 1}', '{"a":1}}', '{"a":"it"s"}', '{a: 1', 'hello', '{"a":1}{"b":2}', '[1] 2'])
    assert.equal(jsonState(text), 'broken', text);
});

test('a text of a million characters is looked at at once', () => {
  const begun = performance.now();
  assert.equal(jsonState(`{"a":"${'\\n"'.repeat(300_000)}`), 'broken');
  assert.equal(jsonState(`{"a":"${'x\\"'.repeat(300_000)}`), 'unfinished');
  assert.equal(jsonState('['.repeat(1_000_000)), 'unfinished');
  assert.ok(performance.now() - begun < 5_000);
});
