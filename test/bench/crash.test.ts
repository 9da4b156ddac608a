import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cells, expected, strikes } from '../../bench/crash/cells.ts';
import { judge } from '../../bench/crash/matrix.ts';
import { reportOf } from './report.ts';

test('a call struck at any point has its effect once, or the model is told that nobody knows', async () => {
  const { goals, figures, holds } = await reportOf('crash');
  assert.ok(holds, JSON.stringify({ goals, matrix: figures['matrix'] }));
  assert.equal(figures['strikes'], strikes.filter(({ quick }) => quick).length);
  assert.equal(figures['calls'], figures['cells']);
});

test('the matrix is not as the design says where an effect is doubled, lost, or unknown without need', () => {
  const [strike] = strikes;
  const cell = cells.find(({ tool, point }) => tool === 'open_account' && point === 'after the settlement');
  assert.ok(strike && cell);
  assert.deepEqual(expected(cell, strike), ['ok 1']);
  const judged = (told: 'ok' | 'unknown', effects: number) =>
    judge([{ strike, seen: [{ cell, seen: { told, effects }, settled: told }] }]);
  assert.deepEqual(judged('ok', 1), { unexpected: [], duplicates: 0, losses: 0, settledOver: 0 });
  assert.equal(judged('ok', 2).duplicates, 1);
  assert.equal(judged('ok', 0).losses, 1);
  assert.equal(judged('unknown', 1).unexpected.length, 1);
});
