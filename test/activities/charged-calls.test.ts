import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import type { Account, Limits } from '../../contracts/budget.ts';
import { failure, FailureType } from '../../contracts/failures.ts';
import type { Usage } from '../../contracts/language-model.ts';
import type { ModelRoute } from '../../contracts/model-route.ts';
import type { InferNextActionInput } from '../../contracts/stages.ts';
import type { ScriptedAnswer } from '../../models/index.ts';
import { answered } from '../support/answered.ts';
import { contextOf } from '../support/example-context.ts';
import type { StageWorld } from '../support/stage-world.ts';
import { accountFor, openStageWorld, ROUTE } from '../support/stage-world.ts';

/** A thousandth a token asked, two a token answered. */
const PRICE = ({ promptTokens, completionTokens }: Usage): number => (promptTokens + 2 * completionTokens) / 1_000;
const plain = {
  description: 'Digs.',
  instructions: 'Dig.',
  input: z.object({}),
  output: z.string(),
  goal: () => 'Dig.',
  tools: [],
};
const digger = defineAgent({ ...plain, name: 'digger' });
const priced = defineAgent({ ...plain, name: 'priced', price: PRICE });
const broken = defineAgent({ ...plain, name: 'broken', price: () => Number.NaN });

const ANSWER: ScriptedAnswer = { text: 'deep', usage: { promptTokens: 40, completionTokens: 10 } };
const FREE = { tokens: 100_000, turns: 100, activeMs: 3_600_000 };
let world: StageWorld;
let count = 0;
before(async () => void (world = await openStageWorld([digger, priced, broken])));
after(() => world.stop());

type Charged = InferNextActionInput & { readonly account: Account };

/** A stage about to ask a model, within these limits. */
async function asking(
  limits: Partial<Limits>,
  agent = 'digger',
  answer = ANSWER,
  route: Partial<ModelRoute> = {},
): Promise<Charged> {
  count += 1;
  const task = { tenant: 'default', taskId: `${agent}:c${count}` };
  world.model.setScript(() => answer);
  const account = accountFor(task.taskId, { ...FREE, ...limits });
  await world.memory.contexts.save(task, contextOf(`dig, ${count}`, { route: { ...ROUTE, ...route }, account }));
  return { task, agent, turn: 1, seq: 2, contextId: 't1', account, round: 1 };
}

/** The type of the failure, and how many requests reached the model. */
async function refusal(work: () => Promise<unknown>): Promise<[type: unknown, requests: number, message: string]> {
  const earlier = world.model.requests().length;
  const error = await work().then(
    () => assert.fail('it did not fail'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ApplicationFailure, String(error));
  return [error.type, world.model.requests().length - earlier, error.message];
}

test('a call for which the budget has no room is not made, and the message says how to raise it', async () => {
  const input = await asking({ tokens: 20 });
  const [type, requests, message] = await refusal(() => world.run((stages) => stages.inferNextAction(input)));
  assert.deepEqual([type, requests], [FailureType.BudgetTokens, 0]);
  assert.match(message, /waymark budget digger:c1 --add-tokens 500000\.$/);
});

test('where the accounting fails the call does not happen', async () => {
  const input = await asking({});
  const down = failure(FailureType.MemoryUnavailable, { message: 'the accounting is down' });
  const ledger = { ...world.memory.ledger, reserve: () => Promise.reject(down) };
  const [type, requests] = await refusal(() =>
    world.run((stages) => stages.inferNextAction(input), { with: { ledger } }),
  );
  assert.deepEqual([type, requests], [FailureType.MemoryUnavailable, 0]);
});

test('a price function that gives no price lets no call happen', async () => {
  const input = await asking({}, 'broken');
  const [type, requests, message] = await refusal(() => world.run((stages) => stages.inferNextAction(input)));
  assert.deepEqual([type, requests], [FailureType.BudgetAccounting, 0]);
  assert.match(message, /gave NaN/);
});

test('money is counted by the price function, and bounded', async () => {
  const input = await asking({ money: 3_000_000 }, 'priced');
  const { usage } = answered(await world.run((stages) => stages.inferNextAction(input)));
  assert.equal(usage.money, 0.06);
  const poor = await asking({ money: 100_000 }, 'priced');
  const [type, requests] = await refusal(() => world.run((stages) => stages.inferNextAction(poor)));
  assert.deepEqual([type, requests], [FailureType.BudgetMoney, 0]);
});

test('where little is left the answer is bounded to what fits', async () => {
  const input = await asking({ tokens: 700 });
  let asked = 0;
  const model = {
    name: 'house',
    complete: async ({ maxTokens = 0 }) => {
      asked = maxTokens;
      const usage = { promptTokens: 1, completionTokens: 1 };
      return { text: 'deep', calls: [], finishReason: 'stop', usage, model: 'house' };
    },
  };
  await world.run((stages) => stages.inferNextAction(input), { with: { model } });
  assert.equal(asked, 500, 'a thousand do not fit, half of them do');
});

test('a call that fails before it is answered is charged nothing, and tried again it is charged once', async () => {
  const input = await asking({ tokens: 1_100 }, 'digger', { error: { status: 500, message: 'oops' } });
  const [type] = await refusal(() => world.run((stages) => stages.inferNextAction(input)));
  assert.equal(type, FailureType.ModelServerError);
  world.model.setScript(() => ANSWER);
  await world.run((stages) => stages.inferNextAction(input), { attempt: 2 });
  const wants = [{ tokens: 1_050, money: 0 }];
  const { task, account } = input;
  const reserved = await world.memory.ledger.reserve({ task, account, id: 'next', wants, expiresInMs: 60_000 });
  assert.equal(reserved.kind, 'granted', 'fifty tokens are spent');
  const more = [{ tokens: 1_051, money: 0 }];
  const over = await world.memory.ledger.reserve({ task, account, id: 'next', wants: more, expiresInMs: 60_000 });
  assert.equal(over.kind === 'refused' && over.spent, 50);
});

test('an answer that breaks off is charged what is known of it, to the task and to its tenant', async () => {
  const tenantBudgets = { default: { period: 'day', tokens: 1_000_000 } } as const;
  const broken: ScriptedAnswer = { text: 'one two three four', disconnect: true };
  const input = await asking({}, 'digger', broken);
  const [type] = await refusal(() => world.run((stages) => stages.inferNextAction(input), { with: { tenantBudgets } }));
  assert.equal(type, FailureType.ModelServerError);
  const { task, account } = input;
  const wants = [{ tokens: 1_000_000, money: 0 }];
  const reservation = { task, account, id: 'next', wants, expiresInMs: 60_000 };
  const own = await world.memory.ledger.reserve(reservation);
  assert.ok(own.kind === 'refused' && own.spent > 4 && own.spent < 200, JSON.stringify(own));
  const rich = { ...account, limits: { ...account.limits, tokens: 10_000_000 } };
  const tenantBudget = tenantBudgets.default;
  const ofTenant = await world.memory.ledger.reserve({ ...reservation, account: rich, tenantBudget });
  assert.ok(ofTenant.kind === 'refused' && ofTenant.whose === 'tenant' && ofTenant.spent === own.spent);
});

test('the budget of a tenant is shared by its tasks', async () => {
  const tenantBudgets = { default: { period: 'month', tokens: 60 } } as const;
  const short = { answerTokens: 20 };
  const first = await asking({}, 'digger', ANSWER, short);
  await world.run((stages) => stages.inferNextAction(first), { with: { tenantBudgets } });
  const second = await asking({}, 'digger', ANSWER, short);
  const [type, requests, message] = await refusal(() =>
    world.run((stages) => stages.inferNextAction(second), { with: { tenantBudgets } }),
  );
  assert.deepEqual([type, requests], [FailureType.BudgetTenant, 0]);
  assert.match(message, /budget of tenant "default": 50 of 60 tokens are spent/);
});

test('an agent with a budget of money and no price function is refused before it starts', async () => {
  const task = { tenant: 'default', taskId: 'digger:poor' };
  const input = { task, agent: 'digger', opening: { input: {} }, policy: { budgets: { money: 1 } } };
  const [type, , message] = await refusal(() => world.run((stages) => stages.describeAgent(input)));
  assert.equal(type, FailureType.InvalidTaskInput);
  assert.match(message, /no price function/);
});
