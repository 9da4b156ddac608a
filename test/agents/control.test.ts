import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import type { Judgement, Work } from '../../contracts/judgement.ts';
import type { ScriptedAnswer, ScriptedRequest } from '../../models/index.ts';
import { defineTool } from '../../tools/define-tool.ts';
import type { RealWorld } from '../support/real-world.ts';
import { openRealWorld } from '../support/real-world.ts';

const judged: Work[] = [];
let judgements: Judgement[] = [];
const plain = {
  description: 'Digs holes.',
  instructions: 'You dig holes.',
  input: z.object({ customer: z.string() }),
  output: z.object({ depth: z.number() }),
  goal: ({ customer }: { customer: string }) => `Dig a hole for ${customer}.`,
  tools: [
    defineTool({
      name: 'dig',
      description: 'Digs.',
      input: z.object({ metres: z.number() }),
      effect: 'read',
      execute: async () => 'clay, nothing else',
    }),
  ],
};
const digger = defineAgent({ ...plain, name: 'digger', price: ({ promptTokens }) => promptTokens / 1_000 });
const judgedDigger = defineAgent({
  ...plain,
  name: 'judged-digger',
  evaluators: [
    {
      name: 'surveyor',
      evaluate: async (work) => {
        judged.push(work);
        return judgements.shift() ?? { verdict: 'continue', reasons: [] };
      },
    },
  ],
});

let world: RealWorld;
before(async () => void (world = await openRealWorld([digger, judgedDigger])));
after(() => world.stop());

const call = (name: string, args: object): ScriptedAnswer => ({ calls: [{ name, arguments: args }] });
const finish = (result: object): ScriptedAnswer => call('finish', { outcome: 'success', result });
const DONE = finish({ depth: 2 });

/** One script for the loop, and one for each stage that asks a model with a tool of its own. */
function script(loop: ScriptedAnswer[], stages: Readonly<Record<string, ScriptedAnswer[]>> = {}) {
  return ({ tools }: ScriptedRequest): ScriptedAnswer => {
    const own = Object.keys(stages).find((name) => tools.includes(name));
    if (own === undefined && !tools.includes('finish')) return { text: 'Nothing.' };
    const answers = own === undefined ? loop : (stages[own] ?? []);
    return answers.shift() ?? { error: { status: 400, message: `one request too many: ${own ?? 'loop'}` } };
  };
}

const start = (agent: string, answers: ReturnType<typeof script>, policy: object = {}) =>
  world.start({ agent, input: { customer: 'ada' }, script: answers, policy });

async function eventsOf(taskId: string) {
  return world.memory.events.read({ tenant: 'default', taskId }, { from: '0', limit: 1_000 });
}

test('plan and execute, on real parts: the plan is in the prompt, the record, the events and the result', async () => {
  const dig = { id: 'dig', title: 'Dig it', doneWhen: 'it is 2 m deep' };
  const fill = { id: 'fill', title: 'Fill it in', doneWhen: 'it is level', after: ['dig'] };
  const done = (id: string) => call('update_plan', { changes: [{ id, status: 'done', note: 'as it should be' }] });
  const answers = script([done('dig'), done('fill'), DONE], {
    set_plan: [call('set_plan', { subgoals: [fill, dig] })],
  });
  const task = await start('digger', answers, { style: 'plan-and-execute' });
  const { plan } = await task.result();
  assert.deepEqual(
    plan.map(({ id, status }) => [id, status]),
    [
      ['fill', 'done'],
      ['dig', 'done'],
    ],
  );
  const prompts = world.model
    .requests()
    .map(({ request }) => request.messages.map(({ content }) => content).join('\n'));
  assert.ok(
    prompts.some(
      (text) =>
        text.includes('[>] dig | Dig it |  (done when: it is 2 m deep)') || text.includes('done when: it is 2 m deep'),
    ),
  );
  assert.ok(prompts.some((text) => text.includes('Work on step "fill" of the plan now')));
  const record = await world.memory.records.get('default', task.id);
  assert.deepEqual(record?.plan[0]?.after, ['dig']);
  const event = (await eventsOf(task.id)).find(({ type }) => type === 'planned');
  assert.deepEqual(event?.type === 'planned' && event.subgoals, [fill, dig]);
});

test('a critique and an evaluator send a result back, on real parts', async () => {
  judgements = [{ verdict: 'revise', score: 0.3, reasons: ['measure again'] }];
  const answers = script([finish({ depth: 1 }), finish({ depth: 1.5 }), DONE], {
    judge: [
      call('judge', { verdict: 'revise', reasons: ['it is too shallow'] }),
      call('judge', { verdict: 'continue', reasons: [] }),
      call('judge', { verdict: 'continue', reasons: [] }),
    ],
  });
  const task = await start('judged-digger', answers, { critique: { beforeFinish: true } });
  const { result, turns } = await task.result();
  assert.deepEqual([result, turns], [{ depth: 2 }, 3]);
  assert.deepEqual(
    judged.map(({ finish: handedIn }) => handedIn?.result),
    [{ depth: 1.5 }, { depth: 2 }],
  );
  const notes = (await eventsOf(task.id)).flatMap((event) =>
    event.type === 'judged' ? [`${event.from} ${event.verdict}`] : [],
  );
  assert.deepEqual(notes, [
    'critique revise',
    'critique continue',
    'surveyor revise',
    'critique continue',
    'surveyor continue',
  ]);
  const last = world.model
    .requests()
    .filter(({ request }) => request.tools.includes('finish'))
    .at(-1)?.request;
  const prompt = last?.messages.map(({ content }) => content).join('\n') ?? '';
  assert.match(prompt, /Critique \(revise\):\n- it is too shallow/);
  assert.match(prompt, /Evaluator surveyor \(revise, 0\.3\):\n- measure again/);
});

test('a loop becomes a failed strategy in memory, and a person is asked', async () => {
  const dig = call('dig', { metres: 1 });
  const task = await start('digger', script([dig, dig, dig, DONE]), { loops: { sameCall: { tell: 2, ask: 3 } } });
  const { questions } = await task.until('waiting');
  assert.match(questions[0]?.text ?? '', /dig was called 3 times/);
  await task.update('answer', { questionId: 'q1', text: 'dig elsewhere' });
  await task.result();
  const steps = (await eventsOf(task.id)).flatMap((event) => (event.type === 'loop-detected' ? [event.step] : []));
  assert.deepEqual(steps, ['tell', 'ask']);
  const scope = { scope: 'agent', id: 'digger' } as const;
  const kept = await world.memory.memories.recall('default', {
    text: 'dig did not work',
    scopes: [scope, { scope: 'task', id: task.id }, { scope: 'user', id: 'ada' }],
    kinds: ['failed-strategy'],
    limit: 5,
  });
  assert.ok(
    kept.some(({ memory }) => /the same call had the same outcome 3 times/.test(memory.text)),
    JSON.stringify(kept.map(({ memory }) => memory.text)),
  );
});

test('money is spent by the price of the agent, and runs out; more lets the task go on', async () => {
  const answers = script([call('dig', { metres: 1 }), call('dig', { metres: 2 }), DONE]);
  const task = await start('digger', answers, {
    budgets: { money: 3 },
    models: { inferNextAction: { answerTokens: 300 } },
  });
  const { status, budget } = await task.until('blocked');
  assert.equal(status.kind === 'blocked' && status.block.cause, 'Budget.Money');
  assert.ok(budget.money.spent > 0 && budget.money.spent <= 3, `${budget.money.spent}`);
  await task.update('budget', { addMoney: 100 });
  const { spent } = await task.result();
  assert.ok(spent.money > 0);
});

test('a result that does not fit goes back with what is wrong', async () => {
  const task = await start('digger', script([finish({ depth: 'two' }), DONE]));
  assert.deepEqual((await task.result()).result, { depth: 2 });
  const prompt =
    world.model
      .requests()
      .at(-1)
      ?.request.messages.map(({ content }) => content)
      .join('\n') ?? '';
  assert.match(prompt, /The result does not fit the output: depth: /);
});

test('a model that fails hands over to its fallback, and each stage asks its own', async () => {
  const answers = ({ model, tools }: ScriptedRequest): ScriptedAnswer => {
    if (!tools.includes('finish')) return { text: 'Nothing.' };
    return model === 'spare' ? DONE : { error: { status: 401, message: 'the key is wrong' } };
  };
  const fallbacks = [{ model: 'spare', on: ['ModelError.Authentication'] }];
  const task = await start('digger', answers, { models: { inferNextAction: { model: 'first', fallbacks } } });
  assert.equal((await task.result()).status, 'completed');
  const failed = (await eventsOf(task.id)).find(({ type }) => type === 'stage-failed');
  assert.match(failed?.type === 'stage-failed' ? failed.message : '', /Asking spare instead\.$/);
});
