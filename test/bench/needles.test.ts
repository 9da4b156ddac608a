import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { z } from 'zod';
import { needlesOf } from '../../bench/needles/facts.ts';
import { stories } from '../../bench/needles/stories/index.ts';

const run = promisify(execFile);
const row = z.object({ turn: z.number(), asked: z.string(), found: z.string(), tokens: z.number() });
const report = z.object({
  name: z.literal('needles'),
  figures: z.object({ needles: z.record(z.string(), z.record(z.string(), row)), largestPrompt: z.number() }),
  goals: z.record(z.string(), z.object({ measured: z.number(), holds: z.boolean() })),
});

test('what was given on turn 3 is in the prompt that needs it, by what is remembered and not by the window', async () => {
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'bench/main.ts', 'needles', '--quick', '--json'], {
    timeout: 240_000,
  });
  const { figures, goals } = report.parse(JSON.parse(stdout));
  for (const story of stories) {
    const rows = Object.entries(figures.needles[story.name] ?? {});
    const kinds = needlesOf(story).map(({ kind }) => kind);
    assert.deepEqual(
      rows.map(([kind]) => kind),
      kinds,
    );
    const asked = rows.every(([, row]) => row.asked === 'yes');
    assert.ok(asked, 'each was asked for on its turn');
  }
  assert.ok(figures.largestPrompt <= 8_000, 'within the token-poor total');
  const [found, , outdated] = Object.values(goals);
  assert.equal(found?.measured, 10 * stories.length, JSON.stringify(figures.needles));
  assert.equal(outdated?.measured, 0);
});

test('no need gives its fact away, and each fact holds its mark', () => {
  for (const story of stories) {
    for (const { need, mark } of needlesOf(story)) assert.ok(!need.toLowerCase().includes(mark.toLowerCase()), need);
    for (const { given, mark } of story.said) assert.ok(given.includes(mark), given);
    assert.ok(story.booking.refusal.includes(story.happened[0]?.mark ?? '?'));
  }
});
