import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import type { ScriptedAnswer, ScriptedRequest } from '../../models/index.ts';
import { defineTool } from '../../tools/define-tool.ts';
import type { RealWorld } from '../support/real-world.ts';
import { openRealWorld } from '../support/real-world.ts';
import type { TalkingTask } from '../support/workflow-world.ts';

let dug = 0;
const digger = defineAgent({
  name: 'digger',
  description: 'Digs holes.',
  instructions: 'You dig holes.',
  input: z.object({ customer: z.string() }),
  output: z.string(),
  goal: ({ customer }) => `Dig a hole for ${customer}.`,
  subject: ({ customer }) => customer,
  tools: [
    defineTool({
      name: 'dig',
      description: 'Digs.',
      input: z.object({ deep: z.boolean().optional() }),
      effect: 'once',
      approval: { rules: [{ argument: 'deep', given: true, verdict: 'ask' }], otherwise: 'allow' },
      execute: async () => {
        dug += 1;
        return `hole number ${dug}: clay`;
      },
    }),
  ],
});

let world: RealWorld;
before(async () => {
  world = await openRealWorld([digger]);
});
after(() => world.stop());

/** Everything the model was sent last, as one text. */
function lastPrompt(): string {
  const request = world.model.requests().at(-1)?.request;
  return (request?.messages ?? []).map(({ role, content }) => `${role}: ${content}`).join('\n');
}

/** A script by turn: the number of answers the model has given in the prompt it is sent. */
function script(...answers: readonly ScriptedAnswer[]): (request: ScriptedRequest) => ScriptedAnswer {
  let asked = 0;
  return () => {
    const answer = answers[asked] ?? { error: { status: 400, message: 'one request too many' } };
    asked += 1;
    return answer;
  };
}

const calls = (name: string, args: object = {}): ScriptedAnswer => ({
  text: `I ${name}.`,
  calls: [{ name, arguments: args }],
});
const FINISH = calls('finish', { outcome: 'success', result: 'done' });

for (const turnsPerRun of [100, 2]) {
  test(`Redis is emptied while a task waits: it goes on with all it knew, ${turnsPerRun} turns a run`, async () => {
    dug = 0;
    const task = await world.start({
      agent: 'digger',
      input: { customer: 'ada' },
      policy: { turnsPerRun },
      script: script(
        calls('dig'),
        calls('ask_user', { question: 'How deep?' }),
        calls('wait_for_event', { event: 'rain' }),
        calls('dig', { deep: true }),
        calls('ask_user', { question: 'Deeper?' }),
        calls('ask_user', { question: 'Deeper?' }),
        FINISH,
      ),
    });
    await task.until('waiting', ({ turn }) => turn === 2);
    await task.update('answer', { questionId: 'q1', text: 'two metres, said Ada' });
    await task.until('waiting', ({ turn }) => turn === 3);
    await task.signal('send', { event: 'rain', text: 'heavy rain, by signal' });
    await task.until('waiting', ({ turn }) => turn === 4);
    await task.update('reject', { callId: 't4c1', reason: 'deep enough, said Ada' });
    await task.until('waiting', ({ turn }) => turn === 5);
    await task.update('pause', { reason: 'the night' });
    await task.update('resume', { note: 'the sun is up' });
    await task.until('waiting', ({ turn }) => turn === 6);

    await world.memory.redis.flushall();
    await task.update('answer', { questionId: 'q2', text: 'no' });

    assert.equal((await task.result()).result, 'done');
    const prompt = lastPrompt();
    for (const text of [
      '{"customer":"ada"}',
      'I dig.',
      'hole number 1: clay',
      'tool: two metres, said Ada',
      'Event rain: heavy rain, by signal',
      '(refused) Rejected by ada@example.com: deep enough, said Ada',
      'Note: the sun is up',
      'tool: no',
    ]) {
      assert.ok(prompt.includes(text), `${text} is missing in:\n${prompt}`);
    }
    assert.equal(dug, 1, 'nothing was done twice');
  });
}

test('Redis is emptied between a claim and the approval of its call: the call is made once', async () => {
  dug = 0;
  const task = await world.start({
    agent: 'digger',
    input: { customer: 'ada' },
    script: script(calls('dig', { deep: true }), FINISH),
  });
  await task.until('waiting');
  await world.memory.redis.flushall();
  await task.update('approve', { callId: 't1c1' });
  assert.equal((await task.result()).status, 'completed');
  assert.equal(dug, 1);
});

for (const emptied of [true, false]) {
  const name = emptied ? 'Redis is emptied, too: nobody knows whether the call was made' : 'the call keeps its result';
  test(`a task is reset to before a call that must not run twice, and ${name}`, async () => {
    dug = 0;
    const ask = calls('ask_user', { question: 'How deep?' });
    const task = await world.start({
      agent: 'digger',
      input: { customer: 'ada' },
      script: script(calls('dig'), ask, ask, FINISH),
    });
    await task.until('waiting');
    const { events } = await task.handle.fetchHistory();
    const scheduled = (events ?? []).map((event) => event.activityTaskScheduledEventAttributes);
    const dig = scheduled.find((attributes) => attributes?.activityType?.name === 'executeTool');
    assert.ok(dig, 'the call is in the history');
    if (emptied) await world.memory.redis.flushall();
    await world.server.connection.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: task.handle.workflowId },
      reason: 'test',
      requestId: `reset-${task.handle.workflowId}`,
      workflowTaskFinishEventId: dig?.workflowTaskCompletedEventId ?? null,
    });
    await task.until('waiting');
    await task.update('answer', { questionId: 'q1', text: 'two metres' });
    assert.equal((await task.result()).status, 'completed');
    assert.equal(dug, 1);
    assert.match(
      lastPrompt(),
      emptied ? /\(unknown\) Outcome unknown: whether dig took effect/ : /tool: hole number 1: clay/,
    );
  });
}

test('while Redis is down the task waits at a handful of events, and goes on when it is back, empty', async () => {
  const task = await world.start({
    agent: 'digger',
    input: { customer: 'ada' },
    script: script(calls('ask_user', { question: 'How deep?' }), FINISH),
  });
  await task.until('waiting');
  const start = await world.stopRedis();
  const before = (await task.events()).length;
  await task.update('answer', { questionId: 'q1', text: 'two metres' });
  while (!(await isWaitingForRedis(task))) assert.equal((await task.progress()).status.kind, 'running');
  const during = (await task.events()).length - before;
  await start();

  assert.equal((await task.result()).result, 'done');
  console.log(`an outage of Redis: ${during} events before the task waits for it, none while it does`);
  assert.ok(during <= 30, `${during} events`);
  assert.match(lastPrompt(), /tool: two metres/);
});

/** Has the activity that waits for Redis been tried three times? Its attempts leave nothing in the history. */
async function isWaitingForRedis(task: TalkingTask): Promise<boolean> {
  const { pendingActivities } = (await task.handle.describe()).raw;
  return (pendingActivities ?? []).some(
    ({ activityType, attempt }) => activityType?.name === 'awaitMemory' && (attempt ?? 0) >= 3,
  );
}
