import assert from 'node:assert/strict';
import { it } from 'node:test';
import { z } from 'zod';
import { reportOf } from './report.ts';

const scores = z.object({ recallAt10: z.number() });
const kept = z.object({ pieces: z.number().min(1), dropped: z.number(), known: z.number(), kept: z.number() });
const figures = z.object({
  clean: scores,
  ungated: scores.extend({ 'restated prompt': kept, 'tool log': kept, 'repeated turn': kept }),
  gated: scores.extend({ 'restated prompt': kept, 'tool log': kept, 'repeated turn': kept }),
});

it('drops restated prompts and repeated turns at the gate, no signal, and loses less recall with it', async () => {
  const report = await reportOf('noise');
  const { clean, ungated, gated } = figures.parse(report.figures);
  assert.ok(clean.recallAt10 > gated.recallAt10 && gated.recallAt10 > ungated.recallAt10);
  assert.equal(ungated['restated prompt'].dropped, 0, 'without the gate nothing is dropped');
  assert.ok(gated['restated prompt'].dropped > 60 && gated['repeated turn'].dropped > 50);
  assert.equal(gated['tool log'].dropped, 0, 'what a tool said is never taken for an echo');
  assert.equal(report.goals['signal dropped by the gate, %']?.measured, 0);
});
