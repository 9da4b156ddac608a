import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import type { TaskStatus } from '../../contracts/task.ts';
import { createOpenAiChat } from '../../models/index.ts';
import { defineTool } from '../../tools/define-tool.ts';
import { chunkOf, rawServer } from '../models/raw-server.ts';
import { openRealWorld } from '../support/real-world.ts';
import type { TalkingTask } from '../support/workflow-world.ts';

const SEEDS = [11, 23, 37, 58, 71, 94];
const QUICK = { firstRetryMs: 10, longestRetryMs: 20 };

/** The folders that were wiped, and those of answers that ended well. */
const wiped: string[] = [];
const meant = new Set<string>();

const sweeper = defineAgent({
  name: 'sweeper',
  description: 'Sweeps.',
  instructions: 'Sweep.',
  input: z.object({ seed: z.number() }),
  output: z.object({ swept: z.boolean() }),
  goal: ({ seed }) => `Sweep, seed ${seed}.`,
  tools: [
    defineTool({
      name: 'wipe',
      description: 'Wipes a folder, or everything.',
      input: z.object({ folder: z.string().optional() }),
      effect: 'once',
      execute: async ({ folder = 'everything' }) => {
        wiped.push(folder);
        return 'wiped';
      },
    }),
  ],
});

type Events = readonly (object | string)[];
const call = (name: string, args: object | string): object => ({
  tool_calls: [{ index: 0, function: { name, arguments: typeof args === 'string' ? args : JSON.stringify(args) } }],
});

/** Answers to choose from: `folder` is one of its own each time. */
const answers: ((folder: string) => Events)[] = [
  (folder) => (meant.add(folder), [chunkOf(call('wipe', { folder }), 'tool_calls'), '[DONE]']),
  (folder) => (meant.add(folder), [chunkOf(call('wipe', { folder })), '[DONE]']),
  (folder) => [chunkOf(call('wipe', { folder }), 'length'), '[DONE]'],
  () => [chunkOf(call('wipe', ''), 'length'), '[DONE]'],
  () => [chunkOf(call('wipe', '{"fold'), 'tool_calls'), '[DONE]'],
  (folder) => [chunkOf(call('wipe', { folder }), 'error'), '[DONE]'],
  (folder) => [chunkOf(call('wipe', { folder }), 'weary'), '[DONE]'],
  (folder) => [chunkOf(call('wipe', { folder }))],
  (folder) => [
    chunkOf(call('wipe', { folder }), 'tool_calls'),
    { choices: [], usage: { completion_tokens: 64 } },
    '[DONE]',
  ],
  () => [chunkOf(call('wipe', 'all of it'), 'stop'), '[DONE]'],
  () => [chunkOf({ content: '<think>hm' }, 'stop'), '[DONE]'],
  () => [chunkOf({ content: [{ type: 'text', text: 'Hello?' }] }, 'stop'), '[DONE]'],
  () => [chunkOf({}, 'MALFORMED_FUNCTION_CALL'), '[DONE]'],
  () => [{ code: 500, msg: 'no worker is free' }],
  () => ['no JSON', '[DONE]'],
  () => [],
  () => [chunkOf(call('fly', {}), 'tool_calls'), '[DONE]'],
];
const FINISH: Events = [
  chunkOf(call('finish', { outcome: 'success', result: { swept: true } }), 'tool_calls'),
  '[DONE]',
];

/** The same numbers for the same seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647);
}

async function untilQuiet(task: TalkingTask): Promise<TaskStatus> {
  for (;;) {
    const { status } = await task.progress();
    if (status.kind !== 'running') return status;
    await sleep(200);
  }
}

test('a task with a server that keeps to no rule ends, waits, or is blocked for a reason, and does nothing twice or unasked', async (t) => {
  const next = new Map(SEEDS.map((seed) => [seed, { number: numbers(seed), asked: 0 }]));
  const server = await rawServer(t, (_request, response, body) => {
    const seed = next.get(Number(/seed (\d+)/.exec(body)?.[1]));
    const isLoop = body.includes('"finish"');
    const chosen = seed && isLoop ? answers[seed.number() % answers.length] : undefined;
    if (seed && isLoop) seed.asked += 1;
    const folder = `folder-${wiped.length}-${Math.random().toString(36).slice(2)}`;
    const events = chosen === undefined || (seed?.asked ?? 0) > 25 ? FINISH : chosen(folder);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events)
      response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
    response.end();
  });
  const model = createOpenAiChat({ apiKey: 'none', baseURL: server.baseURL, model: 'm' });
  const world = await openRealWorld([sweeper], { model });
  try {
    const tasks = await Promise.all(
      SEEDS.map((seed) =>
        world.start({
          agent: 'sweeper',
          input: { seed },
          policy: {
            models: { inferNextAction: { answerTokens: 64 } },
            stages: { inferNextAction: { ...QUICK, attempts: 3 }, extractMemories: { ...QUICK, attempts: 1 } },
          },
        }),
      ),
    );
    const ends = await Promise.all(tasks.map(untilQuiet));
    for (const status of ends) {
      if (status.kind !== 'blocked') continue;
      assert.match(status.block.reason, /cut|middle|answer|tool|model/i);
      assert.ok(status.block.reason.length > 40, status.block.reason);
    }
    assert.equal(new Set(wiped).size, wiped.length, 'a folder was wiped twice');
    assert.deepEqual(
      wiped.filter((folder) => !meant.has(folder)),
      [],
    );
    assert.ok(wiped.length > 0, 'nothing was done at all');
    await Promise.all(tasks.map((task) => task.handle.terminate('the test is over').catch(() => undefined)));
  } finally {
    await world.stop();
  }
});
