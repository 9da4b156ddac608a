import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fittingValues, FOR_OTHERS, forValue } from '../../contracts/search-attributes.ts';

test('however many are asked, what a task is found by stays within what the server keeps', () => {
  const few = [forValue('ada@example.com')];
  assert.equal(fittingValues(few), few);
  for (const name of ['ada', '世', '😀', '"\\']) {
    const values = Array.from({ length: 32 }, (_, at) => forValue(`${at} ${name.repeat(100)}`));
    const kept = fittingValues(values);
    assert.ok(Buffer.byteLength(JSON.stringify(['question', 'approval', ...kept])) < 1_950, name);
    assert.deepEqual(kept.at(-1), FOR_OTHERS);
    assert.ok(kept.length > 3);
    assert.ok(kept.every((value) => value.isWellFormed()));
  }
});
