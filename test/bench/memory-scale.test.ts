import assert from 'node:assert/strict';
import { it } from 'node:test';
import { z } from 'zod';
import { reportOf } from './report.ts';

const exact = z.object({ ofExactTen: z.number() });
const figures = z.object({
  '3072 memories': z.object({
    waymark: z.object({
      bytesAMemory: z.number().min(1_000).max(3_584),
      writesASecond: z.number().positive(),
      'vectors alone': exact,
      undiversified: exact,
    }),
    // A reason, where there is no registry to install it from.
    mem0: z.union([z.string(), z.object({ bytesAMemory: z.number(), 'ten by vector': exact })]),
  }),
});

it('finds the exact ten of a scope, within the bytes of the goal, beside another store with the same vectors', async () => {
  const report = await reportOf('memory-scale');
  const { waymark, mem0 } = figures.parse(report.figures)['3072 memories'];
  assert.ok(waymark['vectors alone'].ofExactTen >= 0.98, 'half precision is exact enough');
  assert.ok(waymark.undiversified.ofExactTen >= 0.95, 'the pools lose little of an exhaustive ranking');
  if (typeof mem0 !== 'string') assert.ok(mem0.bytesAMemory > waymark.bytesAMemory);
});
