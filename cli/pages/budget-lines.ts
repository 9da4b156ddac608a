import type { BudgetProgress } from '../../contracts/task.ts';

const UNITS: readonly (keyof BudgetProgress)[] = ['tokens', 'money', 'turns', 'minutes'];

/** What was spent of a budget, a line a unit; money only where it is bounded or spent. */
export function budgetLines(budget: BudgetProgress): string[] {
  const shown = UNITS.filter((unit) => unit !== 'money' || budget.money.limit !== null || budget.money.spent > 0);
  const rows = shown.map((unit) => ({ unit, ...cells(budget[unit]) }));
  const widthOf = (name: 'unit' | 'spent' | 'limit'): number => Math.max(...rows.map((row) => row[name].length));
  return rows.map(({ unit, spent, limit, share }) =>
    `${unit.padEnd(widthOf('unit'))}  ${spent.padStart(widthOf('spent'))} of ${limit.padStart(widthOf('limit'))}  ${share}`.trimEnd(),
  );
}

function cells({ spent, limit }: BudgetProgress[keyof BudgetProgress]) {
  const text = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 6 });
  if (limit === null) return { spent: text(spent), limit: 'no limit', share: '' };
  const share = limit === 0 ? '' : `${Math.floor((100 * spent) / limit)} %`;
  return { spent: text(spent), limit: text(limit), share };
}
