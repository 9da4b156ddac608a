import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { z } from 'zod';
import { lineChart } from '../../bench/support/line-chart.ts';

const run = promisify(execFile);
const series = z.looseObject({ growth: z.number(), largest: z.number(), total: z.number(), costWithCache: z.number() });
const profile = series.extend({
  totalWithSummaries: z.number(),
  ofNaive: z.number(),
  sharedPrefix: z.number(),
  costOfNaive: z.number(),
});
const report = z.object({
  name: z.literal('context'),
  figures: z.object({ 'token-poor': profile, balanced: profile, 'token-rich': profile, naive: series }),
  goals: z.record(z.string(), z.object({ measured: z.number(), holds: z.boolean() })),
  holds: z.boolean(),
});

test('prompts stop growing where a loop that appends everything goes on, and most of each stood in the one before', async () => {
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'bench/main.ts', 'context', '--quick', '--json'], {
    timeout: 240_000,
  });
  const { figures, goals, holds } = report.parse(JSON.parse(stdout));
  assert.ok(holds, JSON.stringify(goals));
  const { naive, 'token-poor': poor, balanced, 'token-rich': rich } = figures;
  assert.ok(naive.growth > 1.5 && poor.growth <= 1.15);
  assert.ok(poor.total < balanced.total && balanced.total < rich.total);
  assert.ok(poor.largest <= 8_000 && balanced.largest <= 20_000 && rich.largest <= 80_000);
  assert.ok(poor.totalWithSummaries < naive.total * 0.5);
  assert.ok(poor.sharedPrefix > 0.5 && rich.sharedPrefix > 0.8);
  // A cache makes the most of what only appends, and costs never less than a tenth.
  for (const one of [poor, balanced, rich]) {
    assert.ok(one.costWithCache < one.totalWithSummaries && one.costWithCache > one.totalWithSummaries * 0.1);
    assert.ok(one.costOfNaive > one.ofNaive);
  }
  assert.ok(naive.costWithCache > naive.total * 0.1 && naive.costWithCache < naive.total * 0.3);
});

test('a chart is one well-formed picture with a line for each series, and no word of it is markup', () => {
  const svg = lineChart(
    [
      { name: 'a<b', color: '#1a7f37', values: [10, 20, 30] },
      { name: 'c', color: '#cf222e', values: [10, 1_000, 100_000] },
    ],
    { title: 'x & y', x: 'turn', y: 'tokens' },
  );
  assert.equal(svg.match(/<polyline /g)?.length, 2);
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^]*<\/svg>\n$/);
  assert.match(svg, /a&lt;b[^]*|x &amp; y/);
  assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  const points = /points="([^"]*)"/.exec(svg)?.[1]?.split(' ') ?? [];
  assert.equal(points.length, 3);
});
