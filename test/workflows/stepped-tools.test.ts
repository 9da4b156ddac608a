import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import type { SteppedToolInput } from '../../contracts/stepped-tool.ts';
import { defineSteppedTool } from '../../tools/define-stepped-tool.ts';
import { defineTool } from '../../tools/define-tool.ts';
import { refuse } from '../../tools/refusal.ts';
import type { steppedTool } from '../../workflows/stepped-tool.ts';
import { gate } from '../support/gate.ts';
import { openRealWorld } from '../support/real-world.ts';
import type { RealWorld } from '../support/real-world.ts';

/** What a step does beside counting, in this test, and the cursors that steps began from. */
let during: (at: number) => Promise<void> = async () => undefined;
let begun: (number | undefined)[] = [];

const count = defineSteppedTool({
  name: 'count',
  description: 'Counts, a number a step.',
  input: z.object({ to: z.int() }),
  effect: 'idempotent',
  attempts: 2,
  cursor: z.object({ at: z.int() }),
  step: async ({ to }, cursor, { signal }) => {
    begun.push(cursor?.at);
    const at = (cursor?.at ?? 0) + 1;
    await during(at);
    signal.throwIfAborted();
    return { cursor: { at }, done: at >= to, progress: { note: `counted to ${at}`, done: at, of: to } };
  },
  execute: async ({ to }, { at }) => `counted to ${at} of ${to}`,
});
const fat = defineSteppedTool({
  name: 'fat',
  description: 'Has a cursor that is too large.',
  input: z.object({}),
  effect: 'read',
  cursor: z.string(),
  step: async () => ({ cursor: 'x'.repeat(10_000), done: true, progress: { note: '' } }),
  execute: async () => 'never',
});
const plain = defineTool({
  name: 'plain',
  description: 'Works at once.',
  input: z.object({}),
  effect: 'read',
  execute: async () => 'plainly done',
});
const counter = defineAgent({
  name: 'counter',
  description: 'Counts.',
  instructions: 'Count.',
  input: z.string(),
  output: z.string(),
  goal: (input) => input,
  tools: [count, fat, plain],
});

let world: RealWorld;
before(async () => {
  world = await openRealWorld([counter]);
});
after(() => world.stop());

/** A task that makes these calls in its first turn and then finishes with what the last one gave. */
async function start(...calls: readonly { readonly name: string; readonly arguments: object }[]) {
  begun = [];
  const task = await world.start({
    agent: 'counter',
    input: 'count',
    script: ({ messages }) => {
      const result = messages.findLast(({ role }) => role === 'tool');
      if (!result) return { text: 'I count.', calls };
      return { calls: [{ name: 'finish', arguments: { outcome: 'success', result: result.content } }] };
    },
  });
  return task;
}

const counting = (to: number) => ({ name: 'count', arguments: { to } });

test('the steps of a tool run in a child workflow, and the model is told the result once', async () => {
  during = async () => undefined;
  const task = await start(counting(4), { name: 'plain', arguments: {} });
  const { result } = await task.result();

  assert.equal(result, 'plainly done');
  assert.deepEqual(begun, [undefined, 1, 2, 3]);
  const child = world.server.client.workflow.getHandle(`${task.id}/t1c1/count`);
  assert.equal((await child.describe()).type, 'steppedTool');
  const { events } = await task.handle.fetchHistory();
  const told = (events ?? []).filter((event) =>
    (event.activityTaskCompletedEventAttributes?.result?.payloads ?? []).some(({ data }) =>
      Buffer.from(data ?? [])
        .toString()
        .includes('counted to 4 of 4'),
    ),
  );
  assert.equal(told.length, 1);
});

test('a run that has taken its steps goes on in a new one from the same cursor', async () => {
  during = async () => undefined;
  begun = [];
  const ref = { tenant: 'default', taskId: 'counter:direct' };
  const calls = [{ id: 't1c1', name: 'count', arguments: '{"to":7}' }];
  const entry = { kind: 'assistant' as const, seq: 2, at: '2026-01-01T00:00:00.000Z', turn: 1, text: '', calls };
  await world.memory.transcripts.write(ref, entry, 1);
  const call = {
    task: ref,
    agent: 'counter',
    turn: 1,
    callId: 't1c1',
    name: 'count',
    assistantSeq: 2,
    taskStartedAt: '2026-01-01T00:00:00.000Z',
  };
  const input: SteppedToolInput = { call, timeoutMs: 5_000, heartbeatMs: 2_000, attempts: 2, stepsPerRun: 3, steps: 0 };
  const child = await world.server.client.workflow.start<typeof steppedTool>('steppedTool', {
    workflowId: 'counter:direct/t1c1/count',
    taskQueue: 'real',
    args: [input],
  });

  assert.deepEqual(await child.result(), { kind: 'done', cursor: { at: 7 } });
  assert.deepEqual(begun, [undefined, 1, 2, 3, 4, 5, 6]);
  const last = await world.server.client.workflow.getHandle('counter:direct/t1c1/count').fetchHistory();
  assert.notEqual(last.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? '', '');
});

test('a paused task holds its long work between two steps, and the resume lets it go on', async () => {
  const [reached, go] = [gate(), gate()];
  during = async (at) => {
    if (at !== 2) return;
    reached.open();
    await go.passed;
  };
  const task = await start(counting(5));
  await reached.passed;
  await task.update('pause', { reason: 'lunch' });
  const child = world.server.client.workflow.getHandle(`${task.id}/t1c1/count`);
  await until(async () => (await eventsOf(child.workflowId)).includes('workflowExecutionSignaledEventAttributes'));
  go.open();
  await until(async () => begun.length === 2 && (await task.progress()).status.kind === 'paused');
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(begun.length, 2, 'no step begins while the task is paused');
  await task.update('resume', {});
  assert.equal((await task.result()).result, 'counted to 5 of 5');
});

test('a cancelled task cancels its long work', async () => {
  const reached = gate();
  during = async (at) => {
    reached.open();
    if (at > 1) await new Promise((resolve) => setTimeout(resolve, 200));
  };
  const task = await start(counting(10_000));
  await reached.passed;
  await task.update('cancel', { reason: 'enough' });
  await assert.rejects(task.result());
  const child = await world.server.client.workflow.getHandle(`${task.id}/t1c1/count`).describe();
  assert.equal(child.status.name, 'CANCELLED');
});

test('a step that refuses ends the call as refused', async () => {
  during = async (at) => {
    if (at === 2) refuse('two is too much');
  };
  const task = await start(counting(3));
  assert.match(JSON.stringify(await task.result()), /two is too much/);
});

test('a backend that stays broken blocks the task, which after the repair does the work', async () => {
  let broken = true;
  during = async (at) => {
    if (at === 2 && broken) throw new Error('the abacus is gone');
  };
  const task = await start(counting(3));
  const { status } = await task.until('blocked');
  assert.match(status.kind === 'blocked' ? status.block.reason : '', /the abacus is gone/);
  broken = false;
  await task.update('resume', {});
  assert.equal((await task.result()).result, 'counted to 3 of 3');
});

test('a cursor that would fill the history is refused at the first step', async () => {
  const task = await start({ name: 'fat', arguments: {} });
  assert.match(JSON.stringify(await task.result()), /at most 8192 are kept/);
});

async function eventsOf(workflowId: string): Promise<string[]> {
  const { events } = await world.server.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap((event) => Object.keys(event));
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const since = Date.now();
  while (!(await holds())) {
    assert.ok(Date.now() - since < 20_000, 'it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
