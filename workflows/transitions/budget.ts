import type { ChargedAmount } from '../../contracts/budget.ts';
import type { BudgetMessage } from '../../contracts/messages.ts';
import { addMoney, isBudgetCause } from '../rules/budgets.ts';
import { awayText } from './pauses.ts';
import { noted, remembered } from './transition.ts';
import type { Transition } from './transition.ts';

/** The accounting has told what it was charged: also answers that broke off, of which the task has not heard. */
export const chargeLearned: Transition<ChargedAmount> = (state, { unit, spent }) => ({
  ...state,
  charged: { ...state.charged, [unit]: spent },
});

/** Budgets are raised; what was blocked for want of one goes on. */
export const budgetRaised: Transition<BudgetMessage> = (state, message, at) => {
  const { tokens, money, turns, minutes } = state.extraBudget;
  const extraBudget = {
    tokens: tokens + (message.addTokens ?? 0),
    money: addMoney(money, message.addMoney ?? 0),
    turns: turns + (message.addTurns ?? 0),
    minutes: minutes + (message.addMinutes ?? 0),
  };
  const raised = remembered({ ...state, extraBudget }, message.id);
  if (!isBudgetCause(state.block?.cause)) return raised;
  const { block: _block, ...rest } = raised;
  return noted(rest, `${awayText(state, at)}; its budget was raised by ${message.by.id}.`, at);
};
