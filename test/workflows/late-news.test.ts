import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { resolveMemoryPolicy } from '../../contracts/memory-policy.ts';
import { useDevServerWorld } from '../support/dev-server-world.ts';
import { FINISH } from '../support/fake-stages.ts';
import { replayAll } from '../support/workflow-world.ts';

const world = useDevServerWorld();

test('memories that are found while a long local stage runs are written in the same place by every replay', async () => {
  const task = await world().start({
    workflowTaskTimeout: 1_000,
    model: [{ calls: [['look', {}]] }, FINISH],
    tools: { look: async () => 'seen' },
    description: { memory: resolveMemoryPolicy({ extraction: { when: 'messages' } }) },
    replace: (stages) => ({
      assembleContext: async (input) => {
        if (input.turn === 2) await sleep(2_500);
        return stages.assembleContext(input);
      },
      extractMemories: async () => {
        await sleep(1_000);
        return { memories: [], discarded: [], usage: { promptTokens: 1, completionTokens: 1 } };
      },
    }),
  });
  await task.result();
  await assert.doesNotReject(replayAll(world().client, [task.id]));
});

test('messages that come in while a long local stage runs are taken in the same place by every replay', async () => {
  const task = await world().start({
    workflowTaskTimeout: 1_000,
    model: [{ calls: [['look', {}]] }, { calls: [['look', {}]] }, FINISH, FINISH],
    tools: { look: async () => 'seen' },
    replace: (stages) => ({
      assembleContext: async (input) => {
        if (input.turn === 2) await sleep(3_000);
        return stages.assembleContext(input);
      },
    }),
  });
  while (!task.called.includes('recordObservation')) await sleep(20);
  await sleep(1_000);
  await task.update('send', { text: 'hurry up' });
  await task.update('pause', { reason: 'lunch' });
  await sleep(500);
  await task.update('resume', {});
  await task.result();
  assert.equal([...task.transcript.values()].filter(({ kind }) => kind === 'message').length, 2);
  await assert.doesNotReject(replayAll(world().client, [task.id]));
});

test('a message that comes in while a memory update takes long is taken in the same place by every replay', async () => {
  const task = await world().start({
    workflowTaskTimeout: 1_000,
    model: [{ calls: [['look', {}]] }, { calls: [['ask_user', { question: 'Which plan?' }]] }, FINISH, FINISH],
    tools: { look: async () => 'seen' },
    description: { memory: resolveMemoryPolicy({ extraction: { when: 'messages' } }) },
    replace: (stages) => ({
      extractMemories: async () => {
        await sleep(500);
        return { memories: [], discarded: [], usage: { promptTokens: 1, completionTokens: 1 } };
      },
      updateMemory: async (input) => {
        await sleep(2_500);
        return stages.updateMemory(input);
      },
    }),
  });
  await task.until('waiting');
  while (!task.called.includes('extractMemories')) await sleep(20);
  await sleep(1_000);
  await task.update('answer', { questionId: 'q1', text: 'the small one' });
  await task.result();
  await assert.doesNotReject(replayAll(world().client, [task.id]));
});
