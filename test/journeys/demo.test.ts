import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { processesMentioning, runProgram } from '../support/program.ts';

const EXPECTED = {
  onboarding: { markers: 7, search: 3, effects: 8 },
  troubleshooting: { markers: 4, search: 2, effects: 2 },
  research: { markers: 3, search: 2, effects: 34 },
  migration: { markers: 3, search: 2, effects: 153 },
  assistant: { markers: 0, search: 2, effects: 2 },
} as const;

/** What the agent came to, where it is more than a word. */
const RESULTS: Readonly<Record<string, (result: Record<string, unknown>) => void>> = {
  research: ({ answer, citations, open }) => {
    assert.match(String(answer), /16 weeks.*\[1\].*thrown away\. \[2\].*32,000 kilometres.*\[3\]/);
    assert.deepEqual(open, []);
    const cited = Array.isArray(citations) ? citations.map(({ path }) => path) : [];
    assert.deepEqual(cited, ['policies/leave.md', 'operations/cold-chain.txt', 'operations/van-lease.pdf']);
  },
  migration: ({ errors, ...counts }) => {
    assert.ok(Array.isArray(errors) && errors.length === 7);
    const { read, moved, present, refused, rolledBack, missing, twice, different } = counts;
    assert.deepEqual([read, moved, present, refused], [160, 153, 0, 7]);
    assert.deepEqual([rolledBack, missing, twice, different], [[2], 0, 0, 0]);
  },
};

for (const name of ['onboarding', 'troubleshooting', 'research', 'migration', 'assistant'] as const) {
  test(`the ${name} demonstration survives the death of its worker and completes`, async (t) => {
    const { env, dataDir } = await emptyHome(t);
    const demo = runProgram(['demo', name, '--json'], env);

    assert.equal(await demo.ended, 0, demo.stderr());
    const report = JSON.parse(demo.stdout());
    assert.deepEqual(report.problems, []);
    assert.equal(report.status, 'completed');
    assert.equal(report.workerKills, 1);
    assert.equal(report.effects.duplicates, 0);
    assert.ok(report.effects.requests >= EXPECTED[name].effects, JSON.stringify(report.effects));
    assert.equal(report.markers.length, EXPECTED[name].markers);
    assert.equal(report.search.length, EXPECTED[name].search);
    assert.equal(report.tokensPerTurn.length, report.turns);
    assert.ok(report.tokensPerTurn.every((tokens: number) => tokens > 0));
    RESULTS[name]?.(report.result);
    if (name !== 'research') assert.ok(report.waitedMs > 0);
    assert.equal(report.model, 'scripted');
    assert.match(report.uiUrl, /^http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows\//);
    assert.deepEqual(await processesMentioning(dataDir), [], 'something is left running');
  });
}

test('a demonstration interrupted by Ctrl-C leaves nothing running', async (t) => {
  const { env, dataDir } = await emptyHome(t);
  const demo = runProgram(['demo', 'onboarding'], env);
  const spoken = new Promise<void>((settle) => {
    const look = setInterval(() => {
      if (!/turn 2/.test(demo.stderr())) return;
      clearInterval(look);
      settle();
    }, 50);
  });
  await Promise.race([spoken, demo.ended]);

  demo.interrupt();

  assert.notEqual(await demo.ended, 0);
  await untilNobodyMentions(dataDir);
});

/** A home without a past, on the programs that are already fetched. */
async function emptyHome(t: TestContext): Promise<{ env: NodeJS.ProcessEnv; dataDir: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'waymark-demo-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const cache = process.env['WAYMARK_CACHE'] ?? resolve('.waymark', 'cache');
  return { dataDir, env: { WAYMARK_DATA: dataDir, WAYMARK_CACHE: cache } };
}

/** Servers that are asked to end take a moment; the guardians see to it. */
async function untilNobodyMentions(dataDir: string): Promise<void> {
  const until = Date.now() + 20_000;
  for (;;) {
    const left = await processesMentioning(dataDir);
    if (left.length === 0) return;
    assert.ok(Date.now() < until, `left running:\n${left.join('\n')}`);
    await new Promise((settle) => setTimeout(settle, 100));
  }
}
