import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { resolveMemoryPolicy } from '../../contracts/memory-policy.ts';
import type { ExtractedMemories } from '../../contracts/stages.ts';
import { useDevServerWorld } from '../support/dev-server-world.ts';
import { FINISH } from '../support/fake-stages.ts';
import type { HistoryEvent } from '../../activities/history/events.ts';
import { replayAll } from '../support/workflow-world.ts';

const world = useDevServerWorld();
const usage = { promptTokens: 1, completionTokens: 1 };
const NOTHING_FOUND: ExtractedMemories = { memories: [], discarded: [], readings: 1, unread: [], usage };

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
        return NOTHING_FOUND;
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
        return NOTHING_FOUND;
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

test('a projection that takes long goes on as a regular activity, and a message meanwhile has one place', async () => {
  let projections = 0;
  const task = await world().start({
    workflowTaskTimeout: 1_000,
    model: [{ calls: [['ask_user', { question: 'Which plan?' }]] }, FINISH],
    replace: (stages) => ({
      projectTask: async (input) => {
        projections += 1;
        if (projections === 2) await sleep(2_500);
        return stages.projectTask(input);
      },
    }),
  });
  await task.until('waiting');
  await sleep(1_000);
  await task.update('answer', { questionId: 'q1', text: 'the small one' });
  await task.result();
  const events = await eventsOf(task.id);
  assert.deepEqual(regularStages(events), ['projectTask', 'inferNextAction', 'inferNextAction'].toSorted());
  assert.equal(heartbeats(events), 0);
  await assert.doesNotReject(replayAll(world().client, [task.id]));
});

test('local stages that follow one another do not take all of their workflow task, and none takes a quarter', async () => {
  const task = await world().start({
    workflowTaskTimeout: 2_000,
    model: [{ calls: [['look', {}]] }, FINISH],
    tools: { look: async () => 'seen' },
    replace: (stages) => ({
      recordObservation: async (input) => {
        await sleep(700);
        return stages.recordObservation(input);
      },
      assembleContext: async (input) => {
        if (input.turn === 2) await sleep(700);
        return stages.assembleContext(input);
      },
    }),
  });
  await task.result();
  const events = await eventsOf(task.id);
  const regular = regularStages(events);
  for (const stage of ['assembleContext', 'recordObservation']) assert.ok(regular.includes(stage), regular.join());
  assert.equal(heartbeats(events), 0);
  await assert.doesNotReject(replayAll(world().client, [task.id]));
});

async function eventsOf(taskId: string): Promise<readonly HistoryEvent[]> {
  return (await world().client.workflow.getHandle(taskId).fetchHistory()).events ?? [];
}

function regularStages(events: readonly HistoryEvent[]): string[] {
  return events
    .map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name)
    .filter((name) => typeof name === 'string')
    .toSorted();
}

/** Workflow tasks that ended only to begin anew at once, because a local activity had not come to its end. */
function heartbeats(events: readonly HistoryEvent[]): number {
  return events.filter((event, at) => {
    const next = events[at + 1];
    if (!event.workflowTaskCompletedEventAttributes || !next?.workflowTaskScheduledEventAttributes) return false;
    return millisecondsOf(next) - millisecondsOf(event) < 10;
  }).length;
}

function millisecondsOf({ eventTime }: HistoryEvent): number {
  return Number(eventTime?.seconds ?? 0) * 1_000 + (eventTime?.nanos ?? 0) / 1e6;
}
