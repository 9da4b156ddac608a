import assert from 'node:assert/strict';
import { it } from 'node:test';
import { z } from 'zod';
import { reportOf } from './report.ts';

const share = z.number().min(0).max(100);
const figures = z.record(
  z.string(),
  z.object({ cases: z.number().min(10), nowWrong: share, thenRight: share, thenWrong: share, bothKept: share }),
);

it('never gives a value for a time at which another one held, and forgets neither', async () => {
  const { loadAverage: _load, ...cases } = (await reportOf('contradiction')).figures;
  const kinds = Object.entries(figures.parse(cases));
  assert.equal(kinds.length, 7);
  for (const [kind, { nowWrong, thenWrong, bothKept }] of kinds) {
    // Without a slot nothing says that the two are of one matter: the outdated one may come, too.
    if (!kind.endsWith('no slot')) assert.equal(nowWrong, 0, kind);
    assert.equal(thenWrong, 0, kind);
    assert.equal(bothKept, 100, kind);
  }
});
