import type { TaskRef } from './ids.ts';

/** What a budget counts. */
export const budgetUnits = ['tokens', 'money', 'turns', 'activeMs'] as const;
export type BudgetUnit = (typeof budgetUnits)[number];

/**
 * Amounts as the accounting has them, whole numbers all: money in millionths of the unit in which the agent's price
 * function speaks, active time (all but waiting, paused and blocked) in milliseconds.
 */
export type Amounts = Readonly<Record<BudgetUnit, number>>;

/** Limits; money is without one unless the policy sets it. */
export type Limits = Omit<Amounts, 'money'> & { readonly money?: number };

/** Millionths of a unit of money. */
export const MILLION = 1_000_000;

/** Whose budget a call of a model is charged to, and what its workflow knows of it. */
export interface Account {
  /** Id of the task whose budget it is: the task itself, or the one at the head of those that delegated to it. */
  readonly id: string;
  readonly limits: Limits;
  /** By task, what a workflow knows to be spent. An accounting that has lost it learns it here. */
  readonly spent: readonly (Amounts & { readonly task: string })[];
}

/** What an account has been charged in all: more than its workflow knows, where answers have broken off. */
export interface ChargedAmount {
  readonly unit: BudgetUnit;
  readonly spent: number;
}

/** What all tasks of a tenant may spend together in each day or month (UTC). Money in whole units. */
export interface TenantBudget {
  readonly period: 'day' | 'month';
  readonly tokens?: number;
  readonly money?: number;
}

/** What one call may cost at most. */
export type Cost = Pick<Amounts, 'tokens' | 'money'>;

export interface ReserveRequest {
  readonly task: TaskRef;
  /** The same for every attempt of one call: a second reservation takes the place of the first. */
  readonly id: string;
  readonly account: Account;
  readonly tenantBudget?: TenantBudget;
  /** Tried from the first to the last: a smaller answer may fit where a larger one does not. */
  readonly wants: readonly Cost[];
  /** How long it counts where nobody settles it, because the worker died. */
  readonly expiresInMs: number;
}

/** The wish that was granted, by its place; or which budget has no room left. */
export type Reserved =
  | { readonly kind: 'granted'; readonly index: number }
  | {
      readonly kind: 'refused';
      readonly whose: 'task' | 'tenant';
      readonly unit: BudgetUnit;
      readonly limit: number;
      readonly spent: number;
      readonly reserved: number;
    };

/** The accounting of tasks and tenants: reserved before a call, settled after it. */
export interface BudgetLedger {
  /** @throws ApplicationFailure `MemoryUnavailable`: then the call must not happen */
  reserve(request: ReserveRequest): Promise<Reserved>;
  /** Puts what a call did cost in the place of its reservation; what is not reserved any more changes nothing. */
  settle(request: Pick<ReserveRequest, 'task' | 'id' | 'account' | 'tenantBudget'> & { cost: Cost }): Promise<void>;
  /** Forgets the account of a task, before another one begins under its id. */
  remove(task: TaskRef): Promise<void>;
}
