import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { defineAgent } from '../../agents/index.ts';
import { connectWaymark } from '../../client/index.ts';
import type { TaskHandle } from '../../client/index.ts';
import { taskUrl } from '../../cli/reaching/task-url.ts';
import { searchAttributeTypes } from '../../contracts/search-attributes.ts';
import { createOpenAiChat } from '../../models/index.ts';
import { defineTool } from '../../tools/index.ts';
import { createWorker } from '../../worker/index.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import { openPage, withoutChromium } from '../support/chromium.ts';
import { scriptedModel } from '../support/scripted-model.ts';
import { startTestRedis, startTestTemporal } from '../support/servers.ts';

const PICTURES = join('test-output', 'temporal-ui');

const countDoors = defineTool({
  name: 'count_doors',
  description: 'Counts the doors of a house.',
  input: z.object({ house: z.string() }),
  effect: 'read',
  execute: async () => ({ doors: 3 }),
});

const painter = defineAgent({
  name: 'painter',
  description: 'Paints doors.',
  instructions: 'You paint doors.',
  input: z.object({ house: z.string() }),
  output: z.object({ colour: z.string() }),
  goal: ({ house }) => `Paint every door of ${house}`,
  subject: () => 'windmill',
  plan: () => [
    { id: 'count', title: 'Count the doors' },
    { id: 'colour', title: 'Settle the colour' },
  ],
  tools: [countDoors],
});

const answers = [
  { text: 'I count first.', calls: [{ name: 'count_doors', arguments: { house: 'the windmill' } }] },
  {
    text: 'Three doors; now the colour.',
    calls: [
      { name: 'update_plan', arguments: { changes: [{ id: 'count', status: 'done', note: 'three doors' }] } },
      { name: 'ask_user', arguments: { question: 'Which colour do you want?', for: 'miller@example.com' } },
    ],
  },
];

test(
  'the Temporal UI shows a waiting task: status, plan, question, turns and search attributes',
  { skip: withoutChromium() },
  async (t) => {
    const closing = closersOf(t);
    const redis = await startTestRedis();
    closing(() => redis.stop());
    const temporal = await startTestTemporal({ ui: true, searchAttributes: { ...searchAttributeTypes } });
    closing(() => temporal.stop());
    const model = await scriptedModel(t, answers);
    const { namespace, address, uiUrl = '' } = temporal;
    const worker = await createWorker({
      temporal: { connection: { address }, namespace },
      redisUrl: redis.url,
      taskQueue: 'ui',
      agents: [painter],
      model: createOpenAiChat({ apiKey: '', baseURL: model.baseURL, model: model.model }),
      embedder: bagOfWords(),
    });
    const running = worker.run();
    closing(async () => {
      worker.shutdown();
      await running;
    });
    const waymark = await connectWaymark({ temporal: { address }, redisUrl: redis.url, taskQueue: 'ui' });
    closing(() => waymark.close());

    const task = await waymark.start(painter, { key: 'windmill', input: { house: 'the windmill' } });
    await untilWaiting(task);

    const { page, close } = await openPage();
    closing(close);
    await mkdir(PICTURES, { recursive: true });
    const url = taskUrl(uiUrl, namespace, task.taskId);

    await page.goto(url);
    await page.getByText('turn 1: call count_doors').first().waitFor();
    await page.screenshot({ path: join(PICTURES, 'timeline.png') });

    await openTab(page, 'User Metadata');
    const details = await textWith(page, 'Waiting for an answer');
    for (const expected of [
      'Which colour do you want?',
      'miller@example.com',
      '☑ Count the doors: three doors',
      '☐ Settle the colour',
      'Spent:',
      'Last observation:',
    ]) {
      assert.ok(details.includes(expected), `current details lack "${expected}":\n${details}`);
    }
    await page.screenshot({ path: join(PICTURES, 'details.png') });

    await openTab(page, 'Search Attributes');
    const attributes = await textWith(page, '"WaymarkTurn": 2');
    for (const expected of [
      '"WaymarkAgent": "painter"',
      '"WaymarkStatus": "waiting"',
      '"WaymarkWaitingFor": [',
      '"for:miller@example.com"',
      '"WaymarkSubject": "windmill"',
      '"WaymarkTenant": "default"',
      '"WaymarkTokens": ',
    ]) {
      assert.ok(attributes.includes(expected), `search attributes lack ${expected}:\n${attributes}`);
    }
    await page.screenshot({ path: join(PICTURES, 'search-attributes.png') });
    await task.cancel({ reason: 'the test is over' });
  },
);

/** Closes what was opened, the last first: `t.after` alone would begin with the first. */
function closersOf(t: TestContext): (close: () => Promise<void>) => void {
  const closers: (() => Promise<void>)[] = [];
  t.after(async () => {
    for (const close of closers.toReversed()) await close();
  });
  return (close) => void closers.push(close);
}

async function untilWaiting(task: TaskHandle): Promise<void> {
  for await (const event of task.events()) {
    if (event.type === 'status' && event.status.kind === 'waiting') return;
  }
}

async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name }).or(page.getByRole('link', { name })).first().click();
}

/** A frame may be replaced while it is read. */
const gone = (): string => '';

/** The text of the page and of its frames (Markdown is rendered in frames), once it holds `expected`. */
async function textWith(page: Page, expected: string): Promise<string> {
  const until = Date.now() + 45_000;
  for (;;) {
    const texts = await Promise.all(
      page.frames().map((frame) => frame.locator('body').innerText({ timeout: 5_000 }).catch(gone)),
    );
    const all = texts
      .join('\n')
      .replaceAll(/[ \t]+/g, ' ')
      .replaceAll(/\n+/g, '\n');
    if (all.includes(expected)) return all.replaceAll('\n', ' ');
    if (Date.now() > until) throw new Error(`no frame holds "${expected}":\n${all}`);
    // The page asks the worker for the current details only when it is told to.
    await page.keyboard.press('r');
    await page.waitForTimeout(500);
  }
}
