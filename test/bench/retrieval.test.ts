import assert from 'node:assert/strict';
import { it } from 'node:test';
import { z } from 'zod';
import { reportOf } from './report.ts';

const share = z.number().min(0).max(100);
const scores = z.object({ recallAt5: share, recallAt10: share, recallAt20: share, mrr: z.number().min(0).max(1) });

it('ranks turns of generated dialogues in every way, the same on every machine', async () => {
  const { figures, goals } = await reportOf('retrieval');
  const methods = z.record(z.string(), scores).parse(figures['methods']);
  for (const { recallAt5, recallAt10, recallAt20 } of Object.values(methods)) {
    assert.ok(recallAt5 <= recallAt10 && recallAt10 <= recallAt20);
  }
  const { linear, vector, words } = methods;
  assert.ok(linear && vector && words);
  assert.ok(linear.recallAt10 > words.recallAt10, 'words alone are not enough');
  assert.ok(words.recallAt10 > 10 && vector.recallAt10 < 95, 'neither trivial nor impossible');
  assert.deepEqual(methods['vector, FLAT FLOAT16']?.recallAt10, vector.recallAt10, 'the default index');
  assert.equal(Object.keys(goals).length, 2);
  const { bestScoreMedian, bestScoreMedianOfAnswerable } = z
    .object({ bestScoreMedian: z.number(), bestScoreMedianOfAnswerable: z.number() })
    .parse(figures['unanswerable']);
  assert.ok(bestScoreMedian < bestScoreMedianOfAnswerable, 'what has no answer scores lower');
});
