/** What a customer can choose from. The prices are examples. */
export const plans = [
  { id: 'starter', seats: 3, eurosAMonth: 0, suits: 'up to 10 people' },
  { id: 'team', seats: 15, eurosAMonth: 90, suits: '10 to 100 people' },
  { id: 'business', seats: 200, eurosAMonth: 600, suits: 'more than 100 people' },
] as const;

export type PlanId = (typeof plans)[number]['id'];

/** The plan of that id, or `undefined`. */
export function planOf(id: string): (typeof plans)[number] | undefined {
  return plans.find((plan) => plan.id === id);
}
