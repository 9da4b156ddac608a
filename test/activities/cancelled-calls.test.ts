import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import { defineTool } from '../../tools/define-tool.ts';
import type { RealWorld } from '../support/real-world.ts';
import { openRealWorld } from '../support/real-world.ts';

/** Cancellation comes with a heartbeat; the worker lets one a second through. Beyond it only what the machine is busy with. */
const REACHED_WITHIN_MS = 2_000;

let began = 0;
const stoppedAt: number[] = [];
const digger = defineAgent({
  name: 'digger',
  description: 'Digs holes.',
  instructions: 'You dig holes.',
  input: z.object({}),
  output: z.string(),
  goal: () => 'Dig.',
  tools: [
    defineTool({
      name: 'mark',
      description: 'Marks the place.',
      input: z.object({}),
      effect: 'once',
      execute: async () => 'marked at 47.3, 8.5',
    }),
    ...(['read', 'idempotent', 'once'] as const).map((effect) =>
      defineTool({
        name: `dig_${effect}`,
        description: 'Digs for hours.',
        input: z.object({}),
        effect,
        execute: async (_input, { signal }) => {
          began += 1;
          signal.addEventListener('abort', () => stoppedAt.push(Date.now()));
          return new Promise(() => undefined);
        },
      }),
    ),
  ],
});

let world: RealWorld;
before(async () => {
  world = await openRealWorld([digger]);
});
after(() => world.stop());

test('a cancel reaches every call of a batch that is in flight, and what had completed is kept and shown', async () => {
  const names = ['mark', 'dig_read', 'dig_idempotent', 'dig_once'];
  const task = await world.start({
    agent: 'digger',
    input: {},
    policy: { toolConcurrency: 4 },
    script: () => ({ text: 'I dig.', calls: names.map((name) => ({ name, arguments: {} })) }),
  });
  const ref = { tenant: 'default', taskId: task.handle.workflowId };
  const outcomes = async () => {
    const entries = await world.memory.transcripts.read(ref, { from: 1, to: 20 });
    return new Map(entries.flatMap((entry) => (entry.kind === 'tool' ? [[entry.name, entry.outcome]] : [])));
  };
  while (began < 3 || !(await outcomes()).has('mark')) await sleep(20);
  const cancelledAt = Date.now();
  await task.update('cancel', { reason: 'it rains' });
  await assert.rejects(task.result());
  const waits = stoppedAt.map((at) => at - cancelledAt);
  console.log(`a cancel reached three tools in flight after ${waits.join(', ')} ms`);
  assert.equal(waits.length, 3);
  assert.ok(Math.max(...waits) < REACHED_WITHIN_MS, `${waits.join(', ')} ms`);
  const kept = await outcomes();
  assert.deepEqual(kept.get('mark'), { status: 'ok', text: 'marked at 47.3, 8.5' });
  assert.equal(kept.get('dig_once')?.status, 'unknown', 'what must not run twice may have happened, and this is said');
});
