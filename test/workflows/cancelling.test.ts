import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledFailure } from '@temporalio/common';
import { WorkflowFailedError } from '@temporalio/client';
import { FINISH } from '../support/fake-stages.ts';
import { gate, untilCancelled } from '../support/gate.ts';
import { useTimeSkippingWorld } from '../support/time-skipping-world.ts';
import type { TestTask } from '../support/workflow-world.ts';

const world = useTimeSkippingWorld();

async function assertCancelled(task: TestTask): Promise<void> {
  await assert.rejects(task.result(), (error) => {
    return error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure;
  });
  assert.equal((await task.handle.describe()).status.name, 'CANCELLED');
  const last = task.inputs.projectTask.at(-1);
  assert.equal(last?.status.kind, 'cancelled');
  assert.equal(last?.record.status, 'cancelled');
}

test('cancelled while it waits for an answer: Temporal says Canceled, and the end is projected', async () => {
  const task = await world.start({ model: [{ calls: [['ask_user', { question: 'Which plan?' }]] }] });
  await task.until('waiting');
  const receipt = await task.update('cancel', { reason: 'not needed any more' });
  assert.deepEqual(receipt, { status: 'cancelled', duplicate: false });
  await assertCancelled(task);
  assert.equal(task.inputs.projectTask.at(-1)?.result, 'not needed any more');
});

test('a cancel reaches the running model call', async () => {
  const [reached, aborted] = [gate(), gate()];
  const task = await world.start({
    model: [
      async () => {
        reached.open();
        await untilCancelled();
        aborted.open();
        return FINISH;
      },
    ],
  });
  await reached.passed;
  await task.update('cancel', { reason: 'stop' });
  await assertCancelled(task);
  await aborted.passed;
});

test('a cancel reaches the running tool, and the task ends after the tool has', async () => {
  const reached = gate();
  let stopped = false;
  const task = await world.start({
    model: [{ calls: [['dig', {}]] }],
    tools: {
      dig: async () => {
        reached.open();
        await untilCancelled();
        stopped = true;
        return 'half a hole';
      },
    },
  });
  await reached.passed;
  await task.update('cancel', { reason: 'stop' });
  await assertCancelled(task);
  assert.ok(stopped);
});

test('a cancel frees a task that is paused, and one that is blocked', async () => {
  const paused = await world.start({ model: [{ calls: [['ask_user', { question: 'Which plan?' }]] }] });
  await paused.until('waiting');
  await paused.update('pause', { reason: 'holidays' });
  await paused.update('cancel', { reason: 'stop' });
  await assertCancelled(paused);

  const blocked = await world.start({ model: [], policy: { budgets: { turns: 0 } } });
  await blocked.until('blocked');
  await blocked.update('cancel', { reason: 'stop' });
  await assertCancelled(blocked);
});

test('Temporal’s own cancel request ends the task the same way', async () => {
  const task = await world.start({ model: [{ calls: [['ask_user', { question: 'Which plan?' }]] }] });
  await task.until('waiting');
  await task.handle.cancel();
  await assertCancelled(task);
  assert.equal(task.inputs.projectTask.at(-1)?.result, 'cancelled through Temporal');
  assert.equal(task.inputs.requestCancellation.length, 0);
});

test('cancelled while several calls run at once, no call is left behind', async () => {
  const reached = [gate(), gate()];
  const dig = (index: number) => async (): Promise<string> => {
    reached[index]?.open();
    await untilCancelled();
    return 'half a hole';
  };
  const task = await world.start({
    model: [
      {
        calls: [
          ['one', {}],
          ['two', {}],
          ['ask_user', { question: 'Deep enough?' }],
        ],
      },
    ],
    tools: { one: dig(0), two: dig(1) },
  });
  await Promise.all(reached.map(({ passed }) => passed));
  await task.update('cancel', { reason: 'stop' });
  await assertCancelled(task);
});

test('a cancelled task takes no more messages', async () => {
  const task = await world.start({ model: [{ calls: [['ask_user', { question: 'Which plan?' }]] }] });
  await task.until('waiting');
  await task.update('cancel', { reason: 'stop' });
  await assert.rejects(task.update('send', { text: 'wait' }));
  await assertCancelled(task);
});
