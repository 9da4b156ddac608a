import type { Redis } from 'ioredis';
import type { BudgetLedger, Reserved, ReserveRequest, TenantBudget } from '../../contracts/budget.ts';
import { budgetUnits, MILLION } from '../../contracts/budget.ts';
import { keys, TIME_TO_LIVE } from '../../contracts/keys.ts';
import { RESERVE, SETTLE } from './budget-scripts.ts';
import { whileRedis } from '../redis/redis-failures.ts';

/** The accounting in Redis: one script a step, so that no two calls are granted the same room. */
export function createBudgetLedger(redis: Redis, now: () => Date = () => new Date()): BudgetLedger {
  const keysOf = ({ task, account, tenantBudget }: Pick<ReserveRequest, 'task' | 'account' | 'tenantBudget'>) => {
    const { tenant } = task;
    const period = periodOf(tenantBudget, now());
    const [own, ofTenant] = [keys.budget({ tenant, taskId: account.id }), keys.tenantBudget(tenant, period)];
    return [own, keys.reserved(own), ofTenant, keys.reserved(ofTenant)];
  };
  return {
    reserve: async (request) => {
      const { task, id, account, tenantBudget, wants, expiresInMs } = request;
      const call = {
        id,
        known: account.spent,
        limits: account.limits,
        wants,
        expiresInMs,
        seconds: TIME_TO_LIVE.budget,
        ...(tenantBudget === undefined ? {} : { tenantLimits: limitsOf(tenantBudget) }),
      };
      const reply = await whileRedis(redis, `reserve a budget for ${task.taskId}`, () =>
        redis.eval(RESERVE, 4, ...keysOf(request), JSON.stringify(call)),
      );
      return readReply(reply);
    },
    settle: async (request) => {
      const { task, id, cost } = request;
      const values = [id, task.taskId, cost.tokens, cost.money, TIME_TO_LIVE.budget];
      await whileRedis(redis, `settle what ${task.taskId} spent`, () =>
        redis.eval(SETTLE, 4, ...keysOf(request), ...values),
      );
    },
    remove: async (task) => {
      const key = keys.budget(task);
      await whileRedis(redis, `remove the account of ${task.taskId}`, () => redis.del(key, keys.reserved(key)));
    },
  };
}

function limitsOf({ tokens, money }: TenantBudget): { tokens?: number; money?: number } {
  return {
    ...(tokens === undefined ? {} : { tokens }),
    ...(money === undefined ? {} : { money: Math.round(money * MILLION) }),
  };
}

/** `2026-11` or `2026-11-24`, in UTC. */
function periodOf(budget: TenantBudget | undefined, at: Date): string {
  return at.toISOString().slice(0, budget?.period === 'day' ? 10 : 7);
}

function readReply(reply: unknown): Reserved {
  const [kind, first, second, ...numbers] = Array.isArray(reply) ? reply.map(String) : [];
  if (kind === 'granted') return { kind, index: Number(first) };
  const unit = budgetUnits.find((one) => one === second);
  const [limit, spent, reserved] = numbers.map(Number);
  if (
    kind !== 'refused' ||
    unit === undefined ||
    limit === undefined ||
    spent === undefined ||
    reserved === undefined
  ) {
    throw new Error(`the accounting in Redis answered ${JSON.stringify(reply)}`);
  }
  return { kind, whose: first === 'tenant' ? 'tenant' : 'task', unit, limit, spent, reserved };
}
