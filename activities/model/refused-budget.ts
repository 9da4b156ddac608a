import type { ApplicationFailure } from '@temporalio/common';
import type { Account, BudgetUnit, ChargedAmount, Reserved } from '../../contracts/budget.ts';
import { MILLION } from '../../contracts/budget.ts';
import { failure, FailureType } from '../../contracts/failures.ts';
import type { TaskRef } from '../../contracts/ids.ts';

type Refused = Extract<Reserved, { kind: 'refused' }>;

const CAUSES: Readonly<Record<BudgetUnit, FailureType>> = {
  tokens: FailureType.BudgetTokens,
  money: FailureType.BudgetMoney,
  turns: FailureType.BudgetTurns,
  activeMs: FailureType.BudgetTime,
};
const OPTIONS: Readonly<Record<BudgetUnit, string>> = {
  tokens: '--add-tokens 500000',
  money: '--add-money 5',
  turns: '--add-turns 50',
  activeMs: '--add-minutes 60',
};
const WORDS: Readonly<Record<BudgetUnit, string>> = {
  tokens: 'tokens',
  money: 'of money',
  turns: 'turns',
  activeMs: 'minutes of active time',
};
const SIZES: Readonly<Record<BudgetUnit, number>> = { tokens: 1, money: MILLION, turns: 1, activeMs: 60_000 };

/** The failure that follows where a budget has no room for a call. */
export function refusedBudget({ tenant }: TaskRef, { id }: Account, refused: Refused): ApplicationFailure {
  const { whose, unit } = refused;
  const amount = (value: number): string => String(Math.round((value / SIZES[unit]) * 1_000) / 1_000);
  const left =
    `${amount(refused.spent)} of ${amount(refused.limit)} ${WORDS[unit]} are spent and ${amount(refused.reserved)} ` +
    'reserved for calls in flight, which leaves too little for the next call.';
  if (whose === 'tenant') {
    const message = `The budget of tenant "${tenant}": ${left} Raise the worker's WAYMARK_TENANT_BUDGETS or wait for the next period, then resume the task.`;
    return failure(FailureType.BudgetTenant, { message });
  }
  const message = `The budget of ${id}: ${left} Raise it to go on: waymark budget ${id} ${OPTIONS[unit]}.`;
  const charged: ChargedAmount = { unit, spent: refused.spent };
  return failure(CAUSES[unit], { message, details: [{ charged }] });
}
