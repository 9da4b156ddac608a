import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { resolvePolicy } from '../../contracts/policy.ts';
import { accountOf, activeMs, addMoney, budgetBlock, budgetProgress } from '../../workflows/rules/budgets.ts';
import type { TaskState } from '../../workflows/state/task-state.ts';
import { advance } from '../../workflows/transitions/transition.ts';
import { blocked, paused, resumed } from '../../workflows/transitions/pauses.ts';
import { budgetRaised } from '../../workflows/transitions/budget.ts';
import { spend } from '../../workflows/transitions/spending.ts';
import { ADA, AT, DESCRIPTION, later, stateWithCalls } from '../support/example-task.ts';

const policy = resolvePolicy({ budgets: { turns: 3, tokens: 100, money: 2, minutes: 10 } });
const START: TaskState = { ...stateWithCalls(), description: { ...DESCRIPTION, policy } };
const spent = (promptTokens: number, money = 0) => ({ promptTokens, completionTokens: 0, money });

test('a budget is used up by turns beyond the last, and by tokens, money and minutes at the limit', () => {
  const cause = (state: Partial<TaskState>, at = AT) => budgetBlock({ ...START, spent: spent(0), ...state }, at)?.cause;
  assert.deepEqual([cause({ turn: 3 }), cause({ turn: 4 })], [undefined, 'Budget.Turns']);
  assert.deepEqual([cause({ spent: spent(99) }), cause({ spent: spent(100) })], [undefined, 'Budget.Tokens']);
  assert.deepEqual([cause({ spent: spent(0, 1.99) }), cause({ spent: spent(0, 2) })], [undefined, 'Budget.Money']);
  assert.deepEqual([cause({}, later(599)), cause({}, later(600))], [undefined, 'Budget.Time']);
});

test('waiting, paused and blocked time is free', () => {
  const pause = { id: 'p', by: ADA, reason: 'holidays' };
  const held = advance(START, paused, pause, later(60));
  assert.equal(activeMs(held, later(86_400)), 60_000);
  const source = { kind: 'update', id: 'r' } as const;
  const freed = advance(held, resumed, { message: { id: 'r', by: ADA }, source }, later(86_400));
  assert.equal(activeMs(freed, later(86_430)), 90_000);
});

test('raising a budget lets go on what it blocks, and nothing else', () => {
  const raise = { id: 'b', by: ADA, addTokens: 50, addMoney: 0.1, addTurns: 2, addMinutes: 1 };
  const block = (cause: string) => advance(START, blocked, { reason: 'used up', cause, stage: 'inferNextAction' }, AT);
  for (const cause of ['Budget.Tokens', 'Budget.Money', 'Budget.Turns', 'Budget.Time']) {
    const freed = advance(block(cause), budgetRaised, raise, later(60));
    assert.equal(freed.block, undefined, cause);
    const { body } = freed.pending.at(-1) ?? {};
    assert.match(body?.text ?? '', /was blocked \(used up\) for 1 minute; its budget was raised by ada/);
  }
  for (const cause of ['Budget.Tenant', 'ModelError.Authentication']) {
    assert.equal(advance(block(cause), budgetRaised, raise, AT).block?.cause, cause);
  }
  const { limits } = accountOf(advance(START, budgetRaised, raise, AT), AT);
  assert.deepEqual(limits, { tokens: 150, money: 2_100_000, turns: 5, activeMs: 660_000 });
});

test('many small sums of money add up exactly', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50_000 }), { maxLength: 200 }), (millionths) => {
      const usage = (one: number) => ({ promptTokens: 1, completionTokens: 0, money: one / 1_000_000 });
      const state = millionths.reduce((sum, one) => spend(sum, usage(one)), START);
      const whole = millionths.reduce((sum, one) => sum + one, 0);
      assert.equal(accountOf(state, AT).spent[0]?.money, whole);
      assert.equal(state.spent.money, addMoney(whole / 1_000_000, 0));
    }),
  );
});

test('a budget without a bound of money has none', () => {
  const state = { ...START, description: DESCRIPTION, spent: spent(10, 1_000) };
  assert.equal(budgetBlock(state, AT), undefined);
  assert.deepEqual(budgetProgress(state, AT).money, { spent: 1_000, limit: null });
});
