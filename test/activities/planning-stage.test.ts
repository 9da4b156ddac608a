import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import type { PlanInput } from '../../contracts/stages.ts';
import { contextOf } from '../support/example-context.ts';
import type { StageWorld } from '../support/stage-world.ts';
import { openStageWorld, recordFor } from '../support/stage-world.ts';

const digger = defineAgent({
  name: 'digger',
  description: 'Digs.',
  instructions: 'Dig.',
  input: z.object({}),
  output: z.string(),
  goal: () => 'Dig.',
  tools: [],
});

let world: StageWorld;
let count = 0;
before(async () => void (world = await openStageWorld([digger])));
after(() => world.stop());

async function planning(more: Partial<PlanInput> = {}): Promise<PlanInput> {
  count += 1;
  const task = { tenant: 'default', taskId: `digger:p${count}` };
  await world.memory.contexts.save(task, contextOf(`dig, ${count}`, { contextId: 't1.plan' }));
  return {
    task,
    agent: 'digger',
    turn: 1,
    contextId: 't1.plan',
    reason: 'start',
    over: [],
    round: 1,
    ...more,
  };
}

const setPlan = (...subgoals: object[]) => ({ calls: [{ name: 'set_plan', arguments: { subgoals } }] });

test('a plan is made over the context, told to watchers, and its tokens are counted', async () => {
  const input = await planning();
  const dig = { id: 'dig', title: 'Dig', doneWhen: 'it is 2 m deep' };
  const fill = { id: 'fill', title: 'Fill it in', doneWhen: 'it is level', after: ['dig'] };
  world.model.setScript(() => setPlan({ ...dig, after: [] }, fill));
  const { subgoals, usage } = await world.run((stages) => stages.plan(input));
  assert.deepEqual(subgoals, [dig, fill]);
  assert.ok(usage.promptTokens > 0);
  const [event] = await world.memory.events.read(input.task, { from: '0' });
  assert.deepEqual(event?.type === 'planned' && [event.reason, event.subgoals], ['start', [dig, fill]]);
});

test('a plan with dependencies that cannot be goes back to the model with what is wrong', async () => {
  const input = await planning({ reason: 'failure', over: ['survey'] });
  const circle = [
    { id: 'dig', title: 'Dig', doneWhen: 'deep', after: ['fill'] },
    { id: 'fill', title: 'Fill', doneWhen: 'level', after: ['dig'] },
  ];
  const answers = [setPlan(...circle), setPlan({ id: 'dig', title: 'Dig', doneWhen: 'deep', after: ['survey'] })];
  const earlier = world.model.requests().length;
  world.model.setScript(() => answers.shift() ?? assert.fail('asked too often'));
  const { subgoals } = await world.run((stages) => stages.plan(input));
  assert.deepEqual(subgoals[0]?.after, ['survey'], 'what is over may be depended upon');
  const [first, second] = world.model.requests().slice(earlier);
  assert.match(first?.request.messages.at(-1)?.content ?? '', /These are over and stay; leave them out: survey\./);
  assert.match(second?.request.messages.at(-1)?.content ?? '', /wait for each other: dig, fill/);
});

test('a plan with conditions and dependencies comes back from its record as it was', async () => {
  const plan = [
    { id: 'dig', title: 'Dig', status: 'done', doneWhen: 'deep' },
    { id: 'fill', title: 'Fill', status: 'open', doneWhen: 'level', after: ['dig'] },
  ] as const;
  await world.memory.records.save(recordFor('digger:kept', { plan }));
  assert.deepEqual((await world.memory.records.get('default', 'digger:kept'))?.plan, plan);
  assert.deepEqual((await world.memory.records.list('default'))[0]?.plan, plan);
});
