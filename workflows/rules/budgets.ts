import type { Account, Amounts, Limits } from '../../contracts/budget.ts';
import { MILLION } from '../../contracts/budget.ts';
import { FailureType } from '../../contracts/failures.ts';
import type { IsoTime } from '../../contracts/json.ts';
import type { BudgetProgress } from '../../contracts/task.ts';
import type { TaskState } from '../state/task-state.ts';

const MINUTE_MS = 60_000;

/** Sums of money keep six decimals, so that many small ones add up exactly. */
export function addMoney(one: number, other: number): number {
  return Math.round((one + other) * MILLION) / MILLION;
}

/** Is this the cause of a block that more of the task's own budget mends? */
export function isBudgetCause(cause: string | undefined): boolean {
  return cause !== undefined && cause.startsWith('Budget.') && cause !== FailureType.BudgetTenant;
}

/** Milliseconds in which the task neither waited nor was paused or blocked. */
export function activeMs(state: TaskState, at: IsoTime): number {
  const waiting = state.waitingSince === undefined ? 0 : Date.parse(at) - Date.parse(state.waitingSince);
  return Math.max(Date.parse(at) - Date.parse(state.startedAt) - state.waitedMs - waiting, 0);
}

/** What the task has spent: what it knows of, or the accounting has told it where that is more. */
function ownAmounts(state: TaskState, at: IsoTime): Amounts {
  const { promptTokens, completionTokens, money } = state.spent;
  const { tokens: chargedTokens = 0, money: chargedMoney = 0 } = state.charged ?? {};
  return {
    tokens: Math.max(promptTokens + completionTokens, chargedTokens),
    money: Math.max(Math.round(money * MILLION), chargedMoney),
    turns: state.turn,
    activeMs: activeMs(state, at),
  };
}

/** The limits of the task and its sub-agents: those of the policy, and what was added since. */
export function limitsOf(state: TaskState): Limits {
  const { extraBudget: extra } = state;
  const { tokens = 0, turns = 0, minutes = 0, money } = state.description?.policy.budgets ?? {};
  const limits = {
    tokens: tokens + extra.tokens,
    turns: turns + extra.turns,
    activeMs: Math.round((minutes + extra.minutes) * MINUTE_MS),
  };
  return money === undefined ? limits : { ...limits, money: Math.round(addMoney(money, extra.money) * MILLION) };
}

/** The account that the task's calls are charged to, and what is known of it. */
export function accountOf(state: TaskState, at: IsoTime): Account {
  const { taskId } = state.task;
  return { id: taskId, limits: limitsOf(state), spent: [{ task: taskId, ...ownAmounts(state, at) }] };
}

/** The budget that is used up, if one is: by what the task itself knows. */
export function budgetBlock(
  state: TaskState,
  at: IsoTime,
): { readonly cause: FailureType; readonly reason: string } | undefined {
  if (state.description === undefined) return undefined;
  const limits = limitsOf(state);
  const spent = ownAmounts(state, at);
  const { taskId } = state.task;
  const raise = (option: string): string => `Raise it to go on: waymark budget ${taskId} --add-${option}.`;
  if (spent.turns > limits.turns) {
    const reason = `${limits.turns} of ${limits.turns} turns of the budget are used. ${raise('turns 50')}`;
    return { cause: FailureType.BudgetTurns, reason };
  }
  if (spent.tokens >= limits.tokens) {
    const reason = `${spent.tokens} of ${limits.tokens} tokens of the budget are used. ${raise('tokens 500000')}`;
    return { cause: FailureType.BudgetTokens, reason };
  }
  if (limits.money !== undefined && spent.money >= limits.money) {
    const reason = `${spent.money / MILLION} of ${limits.money / MILLION} of the budget of money is used. ${raise('money 5')}`;
    return { cause: FailureType.BudgetMoney, reason };
  }
  if (spent.activeMs >= limits.activeMs) {
    const minutes = (ms: number): number => Math.round(ms / MINUTE_MS);
    const reason = `${minutes(spent.activeMs)} of ${minutes(limits.activeMs)} minutes of active time are used. ${raise('minutes 60')}`;
    return { cause: FailureType.BudgetTime, reason };
  }
  return undefined;
}

/** What people see of a budget. */
export function budgetProgress(state: TaskState, at: IsoTime): BudgetProgress {
  const spent = ownAmounts(state, at);
  const limits = limitsOf(state);
  return {
    tokens: { spent: spent.tokens, limit: limits.tokens },
    money: { spent: spent.money / MILLION, limit: limits.money === undefined ? null : limits.money / MILLION },
    // A turn that waits for its budget has begun and has spent nothing.
    turns: { spent: Math.min(spent.turns, limits.turns), limit: limits.turns },
    minutes: { spent: tenths(spent.activeMs), limit: tenths(limits.activeMs) },
  };
}

function tenths(ms: number): number {
  return Math.round(ms / (MINUTE_MS / 10)) / 10;
}
